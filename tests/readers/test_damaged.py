"""Whatever happened to a file: a recording comes out, or an error that names the file."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skecg import ECGRecord, read_record
from skecg.datasets import load_heartbeat_csv, load_lead_csv
from tests.readers.files import FS, all_but_wfdb, wfdb_record

FILES = all_but_wfdb()
RNG = np.random.default_rng(0)
NOISE = RNG.bytes(3000)


def _middle(content, instead):
    at = len(content) // 2
    return content[:at] + instead + content[at + len(instead) :]


DAMAGES = {
    **{f"cut at {share:.0%}": lambda c, s=share: c[: int(len(c) * s)] for share in
       (0, 0.001, 0.01, 0.03, 0.1, 0.5, 0.9, 0.9999)},
    "noise": lambda c: NOISE,
    "noise in the middle": lambda c: _middle(c, NOISE[:200]),
    "noise at the end": lambda c: c + NOISE,
    "zeros in the middle": lambda c: _middle(c, bytes(500)),
    "a byte too many": lambda c: c + b"\0",
    "a byte lost": lambda c: c[:300] + c[301:],
    "another encoding": lambda c: c.decode("latin-1").encode("utf-16-be"),
    "a second mark": lambda c: b"\xef\xbb\xbf" * 2 + c,
    "other ends of line": lambda c: c.replace(b"\n", b"\r\n"),
    "no ends of line": lambda c: c.replace(b"\n", b""),
    "commas": lambda c: c.replace(b".", b","),
    "points": lambda c: c.replace(b",", b"."),
    "nan runs": lambda c: c.replace(b"0.1", b"nan"),
    "infinity": lambda c: c.replace(b"0.1", b"inf", 3),
    "huge numbers": lambda c: c.replace(b"0.1", b"1e999", 3),
    "long numbers": lambda c: c.replace(b"0.1", b"9" * 5000, 1),
    "an open quote": lambda c: c.replace(b"0.1", b'"', 1),
    "every second line": lambda c: b"\n".join(c.split(b"\n")[::2]),
    "lines twice": lambda c: c.replace(b"\n", b"\n\n"),
    "words": lambda c: b"All work and no play, makes Jack; a dull boy.\n" * 30,
    "words at the end": lambda c: c + b"end of file\n",
}  # fmt: skip


def outcome(path, read=read_record, **arguments):
    """Return the recording or the message; let any other error through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read(path, **arguments)
        except (ValueError, OSError) as error:
            message = str(error)
    assert str(path.parent) in message
    return message


def test_a_folder_is_no_recording(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in (".", tmp_path):
        with pytest.raises(IsADirectoryError, match="is a folder: name one recording in it"):
            read_record(folder)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_known_damages(tmp_path, name, damage):
    content, arguments = FILES[name]
    path = tmp_path / "rec"
    path.write_bytes(DAMAGES[damage](content))
    for more in ({}, {"fs": FS, "unit": "mV"}):
        found = outcome(path, **{**arguments, **more})
        assert isinstance(found, ECGRecord | str)


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_random_damages(tmp_path, data):
    content, arguments = FILES[data.draw(st.sampled_from(sorted(FILES)))]
    damaged = bytearray(content)
    # Headers are where damage tells most.
    for _ in range(data.draw(st.integers(1, 4))):
        limit = data.draw(st.sampled_from([40, 300, 2000, len(content)]))
        at = data.draw(st.integers(0, min(limit, len(damaged)) - 1))
        damaged[at : at + data.draw(st.integers(0, 9))] = data.draw(
            st.binary(max_size=9)
            | st.text("0123456789.,;:-+eE \t\n\"'naif", max_size=9).map(str.encode)
        )
        if not damaged:
            break
    path = tmp_path / "rec"
    path.write_bytes(damaged)
    outcome(path, **arguments)
    outcome(path, fs=FS, unit="mV")


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    text=st.text("0123456789.,;|:-+eE \t\r\n\"'#naIVtimeuµ()\x1c\x85\u2028", max_size=120),
    arguments=st.fixed_dictionaries(
        {},
        optional={
            "fs": st.just(FS),
            "unit": st.just("uV"),
            "layout": st.sampled_from(["leads", "samples", "timesteps"]),
            "delimiter": st.sampled_from([",", " ", "\t"]),
            "decimal": st.sampled_from([".", ","]),
        },
    ),
)
def test_any_text(tmp_path, text, arguments):
    path = tmp_path / "rec.csv"
    path.write_bytes(text.encode())
    outcome(path, **arguments)
    outcome(path, load_heartbeat_csv)
    outcome(path, load_lead_csv, n_leads=2)


@pytest.mark.parametrize("fmt", ["16", "24"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_wfdb(tmp_path, fmt, damage):
    base = wfdb_record(tmp_path, fmt)
    for suffix in (".hea", ".dat"):
        path = base.with_suffix(suffix)
        good = path.read_bytes()
        path.write_bytes(DAMAGES[damage](good))
        outcome(base)
        path.write_bytes(good)
    assert isinstance(outcome(base), ECGRecord)
    base.with_suffix(".hea").write_bytes(b"")
    with pytest.raises(ValueError, match=r"\.hea is empty\.$"):
        read_record(base)


def test_most_damage_is_noticed(tmp_path):
    path = tmp_path / "rec"
    noticed = 0
    for content, arguments in FILES.values():
        path.write_bytes(_middle(content, NOISE[:200]))
        noticed += isinstance(outcome(path, **arguments), str)
    # Noise among binary samples can only be told by check sums.
    assert noticed >= 3
