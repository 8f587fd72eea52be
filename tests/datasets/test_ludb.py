import hashlib
import shutil

import numpy as np
import pytest
import wfdb

from skecg.datasets import _ludb, fetch_ludb, load_ludb
from skecg.datasets._ludb import _parse_comments
from tests.datasets.server import FileServer

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
FILE_LEADS = [lead.lower() for lead in LEADS]
HEADERS = [
    [
        "<age>: 51",
        "<sex>: F",
        "<diagnoses>:",
        "Rhythm: Sinus rhythm.",
        "Left ventricular",
        "hypertrophy.",
    ],
    ["<age>: 30", "<sex>: M", "<diagnoses>:", "Rhythm: Atrial fibrillation. STEMI: septal."],
    ["<diagnoses>:", "Rhythm: Sinus rhythm."],
]


@pytest.fixture(scope="module")
def small_ludb(tmp_path_factory):
    """Three recordings in the format of the database."""
    home = tmp_path_factory.mktemp("ludb")
    (home / "data").mkdir()
    folder = str(home / "data")
    rng = np.random.default_rng(0)
    for i, comments in enumerate(HEADERS, start=1):
        wfdb.wrsamp(
            str(i),
            fs=500,
            units=["mV"] * 12,
            sig_name=FILE_LEADS,
            d_signal=rng.integers(-1500, 1500, size=(5000, 12)),
            fmt=["16"] * 12,
            adc_gain=rng.integers(300, 3000, size=12).tolist(),
            baseline=rng.integers(-9, 9, size=12).tolist(),
            comments=comments,
            write_dir=folder,
        )
        wfdb.wrann(
            str(i), "marks", np.array([600 + i, 620, 650]), ["(", "N", ")"], write_dir=folder
        )
        for lead in FILE_LEADS:
            shutil.copy(home / "data" / f"{i}.marks", home / "data" / f"{i}.{lead}")
    (home / "RECORDS").write_text("data/1\ndata/2\ndata/3\n")
    return home


def test_bunch(small_ludb):
    bunch = load_ludb(small_ludb)
    assert bunch.data.shape == (3, 5000, 12)
    assert bunch.data.dtype == np.float32
    assert bunch.lead_names == LEADS
    assert bunch.fs == 500
    assert bunch.frame is None
    assert bunch.target.tolist() == [1, 0, 0]
    assert bunch.target_names[1] == "left ventricular hypertrophy"
    assert bunch.groups.tolist() == ["1", "2", "3"]
    assert bunch.rhythm.tolist() == ["Sinus rhythm", "Atrial fibrillation", "Sinus rhythm"]
    np.testing.assert_array_equal(bunch.age, [51, 30, np.nan])
    assert bunch.sex.tolist() == ["female", "male", None]
    record = bunch.records[1]
    np.testing.assert_array_equal(record.signal, bunch.data[1])
    assert record.record_id == "2"
    assert set(record.delineation) == set(LEADS)
    assert record.delineation["aVL"].sample.tolist() == [602, 620, 650]
    assert record.delineation["aVL"].symbol.tolist() == ["(", "N", ")"]


def test_signals_are_the_stored_microvolts_whatever_the_gains(small_ludb):
    stored = wfdb.rdrecord(str(small_ludb / "data" / "2"), physical=False).d_signal
    signal = load_ludb(small_ludb).data[1]
    np.testing.assert_allclose(signal, stored / 1000, rtol=1e-6)


def test_return_X_y_groups(small_ludb):
    records, y, groups = load_ludb(small_ludb, return_X_y_groups=True)
    assert [r.record_id for r in records] == groups.tolist() == ["1", "2", "3"]
    assert y.tolist() == [1, 0, 0]


def test_as_frame(small_ludb):
    bunch = load_ludb(small_ludb, as_frame=True)
    assert bunch.frame.columns.tolist() == ["age", "sex", "rhythm", "axis", "diagnoses", "target"]
    assert bunch.frame.index.tolist() == ["1", "2", "3"]
    assert bunch.frame.loc["2", "diagnoses"] == "STEMI: septal"
    assert bunch.target.tolist() == [1, 0, 0]
    assert bunch.target.index.equals(bunch.frame.index)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("left ventricular hypertrophy", [1, 0, 0]),
        ("STEMI", [0, 1, 0]),
        ("stemi: SEPTAL", [0, 1, 0]),
        ("Sinus rhythm", [1, 0, 1]),
    ],
)
def test_target_by_name(small_ludb, target, expected):
    assert load_ludb(small_ludb, target=target).target.tolist() == expected


def test_unknown_target_names_the_known_ones(small_ludb):
    with pytest.raises(ValueError, match=r"target must be a diagnosis .*'flu'.*STEMI: septal"):
        load_ludb(small_ludb, target="flu")
    # Not those whose axis is not given.
    with pytest.raises(ValueError, match="target must be a diagnosis"):
        load_ludb(small_ludb, target="")


def test_progress_is_shown_on_a_terminal_on_demand(small_ludb, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    load_ludb(small_ludb)
    assert capsys.readouterr() == ("", "")
    load_ludb(small_ludb, verbose=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Reading LUDB" in err


def test_wrong_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="data_home must be the folder"):
        load_ludb(tmp_path)
    (tmp_path / "RECORDS").write_text("\n")
    with pytest.raises(ValueError, match="names no recording"):
        load_ludb(tmp_path)
    (tmp_path / "RECORDS").write_text("100\n101\n")
    with pytest.raises(ValueError, match="names '100', another database's"):
        load_ludb(tmp_path)


@pytest.mark.parametrize(
    ("file", "n_bytes"), [("2.dat", 1000), ("2.hea", 40), ("2.v3", 0), ("2.v3", 4)]
)
def test_damaged_file_is_named(small_ludb, tmp_path, file, n_bytes):
    home = shutil.copytree(small_ludb, tmp_path / "ludb")
    path = home / "data" / file
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(ValueError, match=r"data/2\."):
        load_ludb(home)


def test_file_without_marks_is_named(small_ludb, tmp_path):
    home = shutil.copytree(small_ludb, tmp_path / "ludb")
    (home / "data" / "2.v3").write_bytes(b"\0\0")
    with pytest.raises(ValueError, match=r"data/2\.v3"):
        load_ludb(home)


def test_missing_file_is_named(small_ludb, tmp_path):
    home = shutil.copytree(small_ludb, tmp_path / "ludb")
    (home / "data" / "3.avf").unlink()
    with pytest.raises(FileNotFoundError, match=r"3\.avf"):
        load_ludb(home)


@pytest.fixture
def server(small_ludb, tmp_path, monkeypatch):
    """Serve the small database with a list of its files' sums, as PhysioNet does."""
    served = shutil.copytree(small_ludb, tmp_path / "served")
    (served / "README").write_text("not needed")
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.relative_to(served).as_posix()}\n"
        for path in sorted(served.rglob("*"))
        if path.is_file() and path.suffix != ".marks"
    ]
    sums = served / _ludb._SUMS
    sums.write_text("".join(lines))
    monkeypatch.setattr(_ludb, "_SUM_OF_SUMS", hashlib.sha256(sums.read_bytes()).hexdigest())
    # No proxy between this process and itself.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = FileServer(served)
    yield server
    server.close()


def fetch(server, home, **more):
    return fetch_ludb(home, base_url=server.url, n_retries=0, **more)


def test_fetch_downloads_what_is_needed_and_loads(server, small_ludb, tmp_path):
    home = tmp_path / "home"
    bunch = fetch(server, home, target="STEMI")
    assert bunch.target.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(bunch.data, load_ludb(small_ludb).data)
    names = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert names == {_ludb._SUMS, "RECORDS"} | {
        f"data/{i}.{suffix}" for i in (1, 2, 3) for suffix in ("hea", "dat", *FILE_LEADS)
    }
    server.requests.clear()
    fetch(server, home)
    assert server.requests == []


@pytest.mark.parametrize("damage", ["cut", "corrupt"])
@pytest.mark.parametrize("name", ["data/2.v3", "SHA256SUMS.txt"])
def test_fetch_leaves_no_damaged_file_and_goes_on_later(server, tmp_path, damage, name):
    home = tmp_path / "home"
    getattr(server, damage).add(name)
    with pytest.raises((OSError, ValueError), match=name.rpartition("/")[2]):
        fetch(server, home)
    assert not (home / name).exists()
    getattr(server, damage).clear()
    assert len(fetch(server, home).records) == 3


def test_fetch_replaces_a_file_that_is_damaged_here(server, tmp_path):
    home = tmp_path / "home"
    fetch(server, home)
    (home / "data" / "1.dat").write_bytes(b"0")
    server.requests.clear()
    assert len(fetch(server, home).records) == 3
    assert server.requests == ["data/1.dat"]


def test_fetch_into_the_folder_from_the_environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv("SKECG_DATA", str(tmp_path / "all"))
    fetch(server, None)
    assert (tmp_path / "all" / "ludb" / "RECORDS").is_file()


def test_comments_with_several_statements_in_a_line_and_one_over_lines():
    parsed = _parse_comments(
        [
            "<age>: 89",
            "<sex>: F",
            "<diagnoses>:",
            "Rhythm: Sinus bradycardia. Electric axis of the heart: left axis",
            "deviation.",
            "Undefined ischemia/scar/supp.NSTEMI: lateral wall. Ventricular extrasystole, type:",
            "single PVC.",
        ]
    )
    assert parsed == {
        "rhythm": "Sinus bradycardia",
        "axis": "left axis deviation",
        "diagnoses": (
            "Undefined ischemia/scar/supp.NSTEMI: lateral wall",
            "Ventricular extrasystole, type: single PVC",
        ),
    }


@pytest.mark.real_data
def test_real_counts(ludb):
    assert len(ludb.records) == 200
    assert np.bincount(ludb.target).tolist() == [92, 108]
    assert ludb.sex.tolist().count("male") == 115
    assert ludb.sex.tolist().count("female") == 85
    assert (ludb.age.min(), ludb.age.max()) == (11, 90)
    assert (ludb.age == ludb.age.astype(int)).all()
    # As the database's own README counts them.
    axes, n_axes = np.unique(ludb.axis, return_counts=True)
    assert dict(zip(axes.tolist(), n_axes.tolist(), strict=True)) == {
        "": 10,
        "horizontal": 20,
        "left axis deviation": 66,
        "normal": 75,
        "right axis deviation": 3,
        "vertical": 26,
    }
    assert ludb.rhythm.tolist().count("Atrial fibrillation") == 15
    said = [d for diagnoses in ludb.diagnoses for d in diagnoses]
    assert said.count("Left atrial hypertrophy") == 102
    assert said.count("Undefined ischemia/scar/supp.NSTEMI: lateral wall") == 16
    assert said.count("Ventricular extrasystole, localisation: LVOT, LVS") == 2


@pytest.mark.real_data
def test_real_marks(ludb):
    symbols = np.concatenate([m.symbol for r in ludb.records for m in r.delineation.values()])
    # Counted in the annotation files' bytes; the database's README says one QRS and five T more.
    assert [(symbols == wave).sum() for wave in "Ntp"] == [21965, 19661, 16797]


@pytest.mark.real_data
def test_real_voltages(ludb):
    lead = dict(zip(LEADS, np.moveaxis(ludb.data, -1, 0), strict=True))
    np.testing.assert_allclose(lead["II"], lead["I"] + lead["III"], atol=1e-5)
    np.testing.assert_allclose(lead["aVR"], -(lead["I"] + lead["II"]) / 2, atol=6e-4)
    assert 1 < np.median(np.ptp(lead["V5"], axis=1)) < 3


@pytest.mark.real_data
def test_the_list_of_sums_is_the_publishers(ludb_dir):
    listing = ludb_dir / _ludb._SUMS
    assert hashlib.sha256(listing.read_bytes()).hexdigest() == _ludb._SUM_OF_SUMS
    assert len(listing.read_text().splitlines()) == 2805
