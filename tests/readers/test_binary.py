import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.io import savemat

from skecg import read_record
from skecg._readers._common import normalise_leads
from tests.readers.files import BEATS, FS, N_TIMESTEPS, edf, npy, npz, person, wfdb_record


@pytest.fixture
def write(tmp_path):
    def write(content, name="rec"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("kind", ["edf", "bdf"])
class TestEDF:
    def test_leads_notes_and_person(self, write, kind):
        record = read_record(write(edf(kind, **person())))
        assert (record.fs, record.lead_names) == (FS, ("II", "aVL"))
        assert record.signal.dtype == np.float32
        assert_allclose(record.lead("II"), BEATS, atol=5e-5)
        assert_allclose(record.lead("aVL"), BEATS / 2, atol=5e-5)
        assert record.metadata["left_out"] == ["EEG Fp1", "Temp"]
        assert record.annotations.sample.tolist() == [375]
        assert record.annotations.note.tolist() == ["felt dizzy"]
        assert (record.age, record.sex, record.patient_id) == (45, "female", "P1")

    def test_nothing_known_of_the_person(self, write, kind):
        record = read_record(write(edf(kind, annotations=None)))
        assert (record.age, record.sex, record.patient_id) == (None, None, "rec")
        assert record.annotations is None

    def test_gaps_are_nan(self, write, kind):
        content = edf(kind).replace(b"DF+C", b"DF+D").replace(b"+3\x14\x14", b"+5\x14\x14")
        signal = read_record(write(content)).lead("II")
        assert len(signal) == 6 * FS
        assert_allclose(signal[: 3 * FS], BEATS[: 3 * FS], atol=5e-5)
        assert np.isnan(signal[3 * FS : 5 * FS]).all()
        assert_allclose(signal[5 * FS :], BEATS[3 * FS :], atol=5e-5)

    @pytest.mark.parametrize("onset", [b"+1", b"+9", b"x3"])
    def test_data_records_out_of_order(self, write, kind, onset):
        content = edf(kind).replace(b"DF+C", b"DF+D").replace(b"+2\x14\x14", onset + b"\x14\x14")
        with pytest.raises(ValueError, match=r"rec.*(data record \d begins before|No valid)"):
            read_record(write(content))

    def test_cut_off(self, write, kind):
        path = write(edf(kind)[:-100])
        with pytest.raises(ValueError, match=r"rec is cut off: .* promises 4 data records"):
            read_record(path)
        assert read_record(path, verify=False).n_timesteps == 3 * FS

    def test_longer_than_promised(self, write, kind):
        with pytest.raises(ValueError, match=r"rec is damaged: .* promises 4 data records"):
            read_record(write(edf(kind) + b"\0\0\0\0"))


@pytest.mark.parametrize("fmt", ["16", "24", "212"])
def test_wfdb_formats(tmp_path, fmt):
    record = read_record(wfdb_record(tmp_path, fmt))
    assert record.lead_names == ("II", "MLII")
    assert_allclose(record.lead("II"), BEATS, atol=6e-4)


def test_wfdb_in_a_mat_file(tmp_path):
    # As PhysioNet's challenges have it: a header of 24 bytes, then format 16.
    digital = np.rint(1e3 * np.column_stack([BEATS, -BEATS])).astype(np.int16)
    savemat(tmp_path / "rec.mat", {"val": digital.T}, format="4")
    size = (tmp_path / "rec.mat").stat().st_size - digital.nbytes
    line = f"rec.mat 16+{size} 1000/mV 16 0 0 0 0"
    (tmp_path / "rec.hea").write_text(f"rec 2 {FS} {N_TIMESTEPS}\n{line} I\n{line} avr\n")
    for name in ("rec", "rec.mat", "rec.hea"):
        record = read_record(tmp_path / name)
        assert record.lead_names == ("I", "aVR")
        assert_array_equal(record.signal, (digital / 1e3).astype(np.float32))


def test_a_mat_file_of_its_own(tmp_path):
    savemat(tmp_path / "rec.mat", {"val": BEATS})
    with pytest.raises(ValueError, match=r"rec\.mat is a MATLAB file without a WFDB header"):
        read_record(tmp_path / "rec.mat")


def test_wfdb_segments(tmp_path):
    wfdb_record(tmp_path, name="a")
    wfdb_record(tmp_path, name="b")
    n = N_TIMESTEPS
    layout = "".join(f"~ 0 1000/mV 16 0 0 0 0 {lead}\n" for lead in ("ii", "MLII"))
    (tmp_path / "layout.hea").write_text(f"layout 2 {FS} 0\n{layout}")
    segments = f"layout 0\na {n}\n~ 50\nb {n}\n"
    (tmp_path / "all.hea").write_text(f"all/4 2 {FS} {2 * n + 50}\n{segments}")
    record = read_record(tmp_path / "all")
    assert record.n_timesteps == 2 * n + 50
    assert np.isnan(record.signal[n : n + 50]).all()
    assert_allclose(record.lead("II")[-n:], BEATS, atol=6e-4)


def test_wfdb_takes_the_callers_word(tmp_path):
    base = wfdb_record(tmp_path)
    record = read_record(base, unit="uV", lead_names=["V1", "V2"], fs=251)
    assert (record.fs, record.lead_names) == (251, ("V1", "V2"))
    assert_allclose(record.signal[:, 0], BEATS / 1e3, atol=1e-6)


class TestNumPy:
    def test_arrays(self, write):
        record = read_record(write(npy(BEATS)), fs=FS)
        assert record.signal.dtype == np.float64
        assert_array_equal(record.signal[:, 0], BEATS)
        both = np.column_stack([BEATS, BEATS]).astype("f4")
        assert read_record(write(npy(both)), fs=FS, lead_names=["avf", "V1"]).lead_names[0] == "aVF"
        assert read_record(write(npy(both.T)), fs=FS, layout="leads").n_leads == 2
        with pytest.raises(ValueError, match="layout='leads'"):
            read_record(write(npy(both.T)), fs=FS)

    def test_integers_are_steps(self, write):
        path = write(npy(np.rint(200 * BEATS).astype(np.int16)))
        with pytest.raises(ValueError, match=r"span 240 .* unit='uV'; .* such as 1/200"):
            read_record(path, fs=FS)
        assert_allclose(read_record(path, fs=FS, unit=1 / 200).signal[:, 0], BEATS, atol=0.003)

    def test_samples(self, write):
        X = np.stack([np.column_stack([BEATS, -BEATS]) * k for k in (1, 2, 3)])
        with pytest.raises(ValueError, match="row= chooses a sample"):
            read_record(write(npy(X)), fs=FS)
        record = read_record(write(npy(X)), fs=FS, row=2)
        assert_array_equal(record.signal, X[2])
        assert record.record_id == "rec-2"
        with pytest.raises(ValueError, match="3 samples, and so no row 3"):
            read_record(write(npy(X)), fs=FS, row=3)

    def test_archives_tell_more(self, write):
        leads = np.array(["II", "avl"])
        both = 1e3 * np.column_stack([BEATS, BEATS])
        record = read_record(write(npz(ecg=both, fs=FS, lead_names=leads, unit="uV")))
        assert (record.fs, record.lead_names) == (FS, ("II", "aVL"))
        assert_allclose(record.lead("II"), BEATS)
        path = write(npz(a=BEATS, b=-BEATS))
        with pytest.raises(ValueError, match="the arrays a, b: key= tells"):
            read_record(path, fs=FS)
        assert_array_equal(read_record(path, fs=FS, key="b").signal[:, 0], -BEATS)
        with pytest.raises(ValueError, match="no array 'c', only a, b"):
            read_record(path, fs=FS, key="c")

    @pytest.mark.parametrize(
        ("array", "message"),
        [
            (np.array(["a"] * 9), "<U1"),
            (np.zeros((2, 3, 4, 5)), r"\(2, 3, 4, 5\)"),
            (np.zeros((0, 2)), r"\(0, 2\)"),
            (np.full(900, np.inf), "infinite"),
        ],
    )
    def test_refuses(self, write, array, message):
        with pytest.raises(ValueError, match=rf"rec.*{message}"):
            read_record(write(npy(array)), fs=FS)

    def test_runs_no_code(self, write, tmp_path):
        np.save(tmp_path / "rec.npy", np.array([{}, 1], dtype=object), allow_pickle=True)
        with pytest.raises(ValueError, match=r"rec\.npy is not a readable NumPy file"):
            read_record(tmp_path / "rec.npy", fs=FS)

    def test_a_header_that_promises_too_much(self, write):
        content = npy(np.zeros(1000)).replace(b"(1000,), }  ", b"(10**9,), }")
        assert len(content) < 9000
        with pytest.raises(ValueError, match="rec is not a readable NumPy file"):
            read_record(write(content), fs=FS)


@pytest.mark.parametrize(
    ("factor", "message"),
    [(1e3, "unit='uV'"), (400 / 1.2, "span 400"), (1e6, "unit='nV'"), (1e-3, "unit='V'")],
)
def test_values_that_cannot_be_millivolts(write, factor, message):
    path = write(npy(factor * BEATS))
    with pytest.raises(ValueError, match=rf"rec: the values .*{message}"):
        read_record(path, fs=FS)
    assert read_record(path, fs=FS, unit="mV").n_timesteps == N_TIMESTEPS


@pytest.mark.parametrize("values", [np.zeros(500), np.full(500, np.nan), 300 + BEATS])
def test_values_that_can(write, values):
    assert read_record(write(npy(values)), fs=FS).n_leads == 1


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["avL", "AVL "], ["avL", "AVL"]),
        (["avL", "i", "ECG V1", "Lead II", "ecg_avr"], ["aVL", "I", "V1", "II", "aVR"]),
        (["MLII", "II", "lead 2"], ["MLII", "II", "lead 2"]),
        (["mlii", "V5R", "-avr", "X", "ECG"], ["MLII", "V5R", "-aVR", "X", "ECG"]),
    ],
)
def test_lead_names(given, names):
    assert normalise_leads(given) == names
