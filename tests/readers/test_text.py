import numpy as np
import pytest
from numpy.testing import assert_allclose

from skecg import read_record
from tests.readers.files import APPLE, BEATS, FS, N_TIMESTEPS, T, rows


@pytest.fixture
def write(tmp_path):
    def write(text, encoding="utf-8", name="rec.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def _commas(text):
    return text.replace(".", ",")


@pytest.mark.parametrize(
    "text",
    [
        "time,II\n" + rows(lambda i: f"{T[i]},{BEATS[i]:.4f}"),
        "Time (ms)\tII [mV]\n" + rows(lambda i: f"{4 * i}\t{BEATS[i]:.4f}"),
        "time_ms;ecg_ii\n" + rows(lambda i: f"{4 * i};{BEATS[i]:.4f}"),
        "t|Lead II (uV)\n" + rows(lambda i: f"{T[i]}|{1e3 * BEATS[i]:.4f}"),
        "Zeit;EKG II\ns;mV\n" + rows(lambda i: _commas(f"{T[i]};{BEATS[i]:.4f}")),
        "t  II\n" + rows(lambda i: _commas(f"{T[i]:.3f}   {BEATS[i]:.4f}")),
        "'Elapsed time','II'\n'hh:mm:ss.mmm','mV'\n"
        + rows(lambda i: f"'0:{T[i]:06.3f}',{BEATS[i]:.4f}"),
        "when,II\n" + rows(lambda i: f"2026-02-28 23:59:{57 + T[i]:06.3f},{BEATS[i]:.4f}", 700),
        "clock;II\n" + rows(lambda i: f"{'23:59:' if T[i] < 2 else '00:00:'}"
                            f"{(T[i] + 58) % 60:06.3f};{BEATS[i]:.4f}"),
        '"time","II"\n' + rows(lambda i: _commas(f'"{T[i]}","{BEATS[i]:.4f}"')),
        "Device: X\nSubject, 7\n# fs = 250 Hz\nII\n" + rows(lambda i: f"{BEATS[i]:.4f}"),
        "# Sampling rate: 250 Hz\n# I II\n" + rows(lambda i: f"0 {BEATS[i]:.4e}"),
        "time,II,label,Heart rate\n" + rows(lambda i: f"{T[i]},{BEATS[i]:.4f},N,71"),
        ",time,II,\n" + rows(lambda i: f"{i},{T[i]},{BEATS[i]:.4f},"),
    ],
    ids=lambda text: text.split("\n")[0],
)  # fmt: skip
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_dialects(write, text, ends):
    record = read_record(write(text.replace("\n", ends)))
    assert record.fs == FS
    assert record.lead_names[-1] == "II"
    assert_allclose(record.lead("II"), BEATS[: record.n_timesteps], atol=6e-5)
    assert record.record_id == "rec"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(write, encoding):
    text = "t;II (µV)\n" + rows(lambda i: f"{T[i]};{1e3 * BEATS[i]:.3f}")
    assert_allclose(read_record(write(text, encoding)).lead("II"), BEATS, atol=1e-5)


def test_the_last_line_needs_no_end_and_old_ends_will_do(write):
    text = rows(lambda i: f"{T[i]},{BEATS[i]:.4f}")[:-1]
    assert read_record(write(text)).n_timesteps == N_TIMESTEPS
    assert read_record(write(text.replace("\n", "\r"))).n_timesteps == N_TIMESTEPS


def test_without_names_a_first_column_that_ascends_is_time(write):
    record = read_record(write(rows(lambda i: f"{4 * i},{BEATS[i]:.4f},{BEATS[i] / 2:.4f}")))
    assert (record.fs, record.lead_names) == (FS, ("lead 1", "lead 2"))
    record = read_record(write(rows(lambda i: f"{BEATS[i]:.4f},{i / FS}")), fs=FS)
    assert record.n_leads == 2


def test_rates_that_milliseconds_round(write):
    text = "time,II\n" + rows(lambda i: f"{i / 360:.3f},{BEATS[i]:.4f}")
    assert read_record(write(text)).fs == 360


def test_numbers_that_count_tell_no_rate(write):
    path = write("sample,II\n" + rows(lambda i: f"{i},{BEATS[i]:.4f}"))
    with pytest.raises(ValueError, match=r"rec\.csv: .*pass fs="):
        read_record(path)
    record = read_record(path, fs=500)
    assert (record.fs, record.lead_names) == (500, ("II",))
    assert record.metadata["left_out"] == ["sample"]


def test_a_rate_that_contradicts_the_file(write):
    path = write("time,II\n" + rows(lambda i: f"{T[i]},{BEATS[i]:.4f}"))
    assert read_record(path, fs=251).fs == 251
    with pytest.raises(ValueError, match=r"rec\.csv: fs=500 contradicts .* 250 Hz"):
        read_record(path, fs=500)


@pytest.mark.parametrize(
    ("time", "message"),
    [
        (lambda i: T[i] + (i >= 500), "line 502: .* from 1.996 to 3, after steps of 0.004"),
        (lambda i: T[i] - (i >= 500), "line 502: .* from 1.996 to 1"),
        (lambda i: "" if i == 500 else T[i], "line 502: .* to nan"),
        (lambda i: 1, "stands still"),
        (lambda i: i * 0.03, "whether that is s or ms: pass fs="),
    ],
)
def test_times_that_go_astray(write, time, message):
    path = write("time,II\n" + rows(lambda i: f"{time(i)},{BEATS[i]:.4f}"))
    with pytest.raises(ValueError, match=rf"rec\.csv: .*{message}"):
        read_record(path)
    assert read_record(path, fs=FS).n_timesteps == N_TIMESTEPS


def test_commas_that_may_be_either(write):
    path = write(rows(lambda i: f"{i % 400},{100 + i % 400}"))
    with pytest.raises(ValueError, match=r"'100,200'.* pass delimiter=',' or decimal=','"):
        read_record(path, fs=FS)
    assert read_record(path, fs=FS, unit="uV", delimiter=",").n_leads == 2
    record = read_record(path, fs=FS, unit="uV", decimal=",")
    assert_allclose(record.signal[:2, 0], [0.1e-3, 1.101e-3], rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "n_leads"),
    [
        (_commas(rows(lambda i: f"{BEATS[i]:.3f}")), 1),
        ("II\n" + rows(lambda i: f"{i % 3},{100 + i % 300}"), 1),
        ("I,II\n" + rows(lambda i: f"{i % 3},{i % 3}"), 2),
        (rows(lambda i: f"{i % 3},{i % 3 - 1}"), 2),
        (rows(lambda i: f"{i % 3},{i % 3},{i % 2}"), 2 + 1),
    ],
)
def test_commas_that_tell(write, text, n_leads):
    assert read_record(write(text), fs=FS, unit="mV").n_leads == n_leads


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (lambda i: "1.234,5;0.1", "'1.234,5'"),
        (lambda i: "1,5;0.1", "decimal commas .1,5. and with decimal points .0.1."),
        (lambda i: "0,001,0,002", "delimiter=',' or decimal=','"),
    ],
)
def test_marks_that_contradict(write, line, message):
    with pytest.raises(ValueError, match=rf"rec\.csv has .*{message}"):
        read_record(write(rows(line)), fs=FS)


@pytest.mark.parametrize(
    ("place", "instead", "message"),
    [
        (700, "2.8", "line 702 has 1 values, the lines before have 2"),
        (700, "2.8,1,2", "line 702 has 3 values"),
        (700, "2.8,0.1x", "line 702, column 2: '0.1x' is no number"),
        (700, "2.8,1 000", "line 702, column 2: '1 000' is no number"),
        (0, "0,0.1x", "line 2: '0,0.1x' fits neither"),
        (0, "0", "line 2: '0' fits neither"),
        (999, "3.9", "line 1001 has 1 values"),
    ],
)
def test_damaged_rows(write, place, instead, message):
    text = "time,II\n" + rows(lambda i: instead if i == place else f"{T[i]},{BEATS[i]:.4f}")
    with pytest.raises(ValueError, match=rf"rec\.csv, {message}"):
        read_record(write(text))


def test_names_for_other_columns_than_there_are(write):
    with pytest.raises(ValueError, match=r"rec\.csv, line 1 names 4 columns, .* have 2"):
        read_record(write("time,I,II,III\n" + rows(lambda i: f"{T[i]},{BEATS[i]:.4f}")))


def test_empty_fields_are_nan(write):
    text = rows(lambda i: f"{T[i]};{'' if 100 <= i < 150 else f'{BEATS[i]:.4f}'};NA")
    record = read_record(write("t;I;II\n" + text))
    assert np.isnan(record.lead("I")[100:150]).all()
    assert np.isnan(record.signal).sum() == 50 + N_TIMESTEPS


def test_rows_of_leads(write):
    text = "\n".join(f"{n}," + ",".join(f"{b:.3f}" for b in BEATS) for n in ("I", "avl"))
    record = read_record(write(text), fs=FS, layout="leads")
    assert record.lead_names == ("I", "aVL")
    assert_allclose(record.lead("aVL"), BEATS, atol=6e-4)
    one = read_record(write(";".join(f"{b:.3f}" for b in BEATS)), fs=FS)
    assert one.signal.shape == (N_TIMESTEPS, 1)


def test_rows_of_samples(write):
    beat = (BEATS[:187] + 0.2) / 2
    text = "\n".join(",".join(f"{b:.18e}" for b in [*beat, label]) for label in (0, 3, 4))
    path = write(text)
    with pytest.raises(ValueError, match=r"rows of 188 values.* row= .* layout='leads'"):
        read_record(path, fs=125)
    record = read_record(path, fs=125, row=1)
    assert record.signal.shape == (187, 1)
    assert record.metadata["label"] == 3
    with pytest.raises(ValueError, match="3 rows, and so no row 3"):
        read_record(path, fs=125, row=3)
    both = read_record(path, fs=125, row=0, lead_names=["I", "II"], unit="mV", layout="samples")
    assert both.lead_names == ("I", "II")


def test_apple(write):
    path = write(APPLE + rows(lambda i: f"{1e3 * BEATS[i]:.3f}"))
    record = read_record(path)
    assert (record.fs, record.lead_names) == (512, ("I",))
    assert_allclose(record.lead("I"), BEATS, atol=1e-6)
    assert record.metadata["header"]["Classification"] == "Sinus Rhythm"
    assert "Jane" not in str(record.metadata)


def test_apple_in_german(write):
    header = (
        "Name\nGeburtstag,27.03.1987\nAufzeichnungsdatum,2020-07-31 22:48:19 +0200\n"
        'Gerät,"Watch4,2"\nMessrate,"511,562\u00a0Hertz"\n\n\nAbleitung,Ableitung I\n'
        "Einheit,µV\n\n"
    )
    record = read_record(write(header + _commas(rows(lambda i: f"{1e3 * BEATS[i]:.3f}"))))
    assert (record.fs, record.lead_names) == (511.562, ("I",))
    assert_allclose(record.lead("I"), BEATS, atol=1e-6)


def test_apple_with_marks_between_thousands(write):
    record = read_record(write(APPLE + rows(lambda i: f"{2e3 * BEATS[i]:,.3f}")))
    assert_allclose(record.lead("I"), 2 * BEATS, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (APPLE, "ends after its header"),
        (APPLE + "1.5\n2.5x\n", r"line 15: '2\.5x' is no number"),
        (APPLE + "1.5\nI,0.001\n", r"line 15: 'I,0\.001' is no number"),
    ],
)
def test_damaged_apple(write, text, message):
    with pytest.raises(ValueError, match=rf"rec\.csv.*{message}"):
        read_record(write(text))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \r\n", "nothing but blank lines"),
        (b"# 1\n# 2\n", "only comments"),
        (b"hello\nworld\n", "no rows of numbers; line 2 reads 'world'"),
        (b"1,2\0", "neither text nor .* 0x00 at offset 3"),
        (b"\x1f\x8b\x08rest", "compressed by gzip"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"rec 1 250 1000\nrec.dat 16 200/mV\n", r"its name must end in \.hea"),
    ],
)
def test_what_is_no_recording(write, content, message):
    with pytest.raises(ValueError, match=rf"rec\.csv.*{message}"):
        read_record(write(content))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no recording .*nothing\.csv"):
        read_record(tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    "wrong",
    [
        {"fs": 0},
        {"fs": "250"},
        {"unit": "mmHg"},
        {"unit": -1},
        {"layout": "rows"},
        {"row": -1},
        {"row": 1.0},
        {"row": 1, "layout": "leads"},
        {"delimiter": ".."},
        {"delimiter": "1"},
        {"decimal": ";"},
        {"key": 1},
    ],
    ids=str,
)
def test_wrong_arguments(write, wrong):
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))} "):
        read_record(write("1\n2\n"), **wrong)
