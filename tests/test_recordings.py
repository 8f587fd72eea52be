import pickle

import numpy as np
import pytest
import wfdb

from skecg import ECGRecord, read_record
from skecg.recordings import Annotations

FS = 360
LEADS = ["MLII", "V1"]


def _signal(n_timesteps=3600, n_leads=2):
    t = np.arange(n_timesteps)[:, np.newaxis] / FS
    return np.sin(2 * np.pi * t * (1 + np.arange(n_leads)))


def _write(
    folder, name="rec", *, signal=None, units=None, leads=LEADS, comments=None, fmt="212", **more
):
    signal = _signal(n_leads=len(leads)) if signal is None else signal
    wfdb.wrsamp(
        name,
        fs=FS,
        units=units or ["mV"] * len(leads),
        sig_name=leads,
        p_signal=signal,
        fmt=[fmt] * len(leads),
        adc_gain=[200.0] * len(leads),
        baseline=[0] * len(leads),
        comments=comments,
        write_dir=str(folder),
        **more,
    )
    return folder / name


def _annotate(folder, name="rec", extension="atr"):
    wfdb.wrann(
        name,
        extension,
        sample=np.array([10, 20, 300, 900]),
        symbol=["+", "N", "V", "~"],
        aux_note=["(AFIB", "", "", ""],
        write_dir=str(folder),
    )


class TestAnnotations:
    def test_beats_leaves_out_rhythm_and_noise(self):
        marks = Annotations([1, 5, 9, 12], ["+", "N", "~", "/"], note=["(AFIB", "a", "", "b"])
        beats = marks.beats()
        assert beats.sample.tolist() == [5, 12]
        assert beats.symbol.tolist() == ["N", "/"]
        assert beats.note.tolist() == ["a", "b"]

    @pytest.mark.parametrize(
        ("sample", "symbol", "message"),
        [
            ([1, 2], ["N"], "one length"),
            ([[1, 2]], [["N", "N"]], "one-dimensional"),
            ([5, 1], ["N", "N"], "ascending"),
            ([1.5, 2.5], ["N", "N"], "whole numbers"),
            ([None, 1], ["N", "N"], "whole numbers"),
        ],
    )
    def test_refuses(self, sample, symbol, message):
        with pytest.raises(ValueError, match=message):
            Annotations(sample, symbol)

    def test_empty(self):
        assert len(Annotations([], [])) == 0
        assert len(Annotations([], []).beats()) == 0


class TestECGRecord:
    def test_shape_and_units_of_time(self):
        record = ECGRecord(_signal(), fs=FS, lead_names=LEADS)
        assert (record.n_timesteps, record.n_leads, record.duration) == (3600, 2, 10.0)
        assert "10 s at 360 Hz, leads MLII, V1" in repr(record)

    def test_one_lead(self):
        record = ECGRecord(_signal()[:, 0], fs=FS, lead_names="II")
        assert record.signal.shape == (3600, 1)
        assert record.lead_names == ("II",)

    @pytest.mark.parametrize(
        ("given", "kept"), [("float32", "float32"), ("float64", "float64"), ("int16", "float32")]
    )
    def test_dtype(self, given, kept):
        assert ECGRecord(np.ones((9, 1), dtype=given), fs=1, lead_names="I").signal.dtype == kept

    def test_leads_by_name(self):
        record = ECGRecord(
            _signal(), FS, LEADS, Annotations([7], ["N"]), {"V1": Annotations([5], ["("])}
        )
        assert np.array_equal(record.lead("V1"), record.signal[:, 1])
        swapped = record.select_leads(["V1", "MLII"])
        assert swapped.lead_names == ("V1", "MLII")
        assert np.array_equal(swapped.signal, record.signal[:, ::-1])
        assert swapped.annotations is record.annotations
        assert record.select_leads(["MLII"]).delineation == {}

    def test_unknown_lead_is_named(self):
        with pytest.raises(ValueError, match=r"no lead named 'V9' in recording 7, .* MLII, V1"):
            ECGRecord(_signal(), FS, LEADS, record_id="7").lead("V9")

    def test_a_single_name_is_one_lead(self):
        record = ECGRecord(_signal(), FS, ["I", "II"]).select_leads("II")
        assert record.lead_names == ("II",)

    def test_ambiguous_lead_is_refused(self):
        with pytest.raises(ValueError, match="more than one lead named 'ECG'"):
            ECGRecord(_signal(), FS, ["ECG", "ECG"]).lead("ECG")

    def test_patient_is_the_record_by_default(self):
        assert ECGRecord(_signal(), FS, LEADS, record_id="100").patient_id == "100"
        assert ECGRecord(_signal(), FS, LEADS, record_id="1", patient_id="p").patient_id == "p"

    def test_nan_marks_missing_samples(self):
        signal = _signal()
        signal[5] = np.nan
        assert np.isnan(ECGRecord(signal, FS, LEADS).signal[5]).all()

    def test_pickles(self):
        record = pickle.loads(pickle.dumps(ECGRecord(_signal(), FS, LEADS, age=50)))
        assert record.age == 50
        assert record.lead_names == ("MLII", "V1")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"signal": _signal().T}, "transposed"),
            ({"signal": np.zeros((0, 2))}, r"shape \(0, 2\)"),
            ({"signal": np.zeros((2, 10, 2))}, r"shape \(2, 10, 2\)"),
            ({"signal": np.zeros((10, 2), dtype=object)}, "numeric"),
            ({"signal": np.full((10, 2), "a")}, "numeric"),
            ({"signal": np.full((10, 2), np.inf)}, "infinite"),
            ({"lead_names": ["I"]}, "each of the 2 leads, got 1"),
            ({"fs": 0}, "fs must be a positive"),
            ({"fs": -360}, "fs must be a positive"),
            ({"fs": np.nan}, "fs must be a positive"),
            ({"fs": np.inf}, "fs must be a positive"),
            ({"fs": "360"}, "fs must be a positive"),
            ({"fs": None}, "fs must be a positive"),
            ({"age": -1}, "age"),
            ({"age": np.nan}, "age"),
            ({"age": "69"}, "age"),
            ({"sex": "M"}, "sex"),
            ({"annotations": Annotations([3600], ["N"])}, "outside the 3600"),
            ({"annotations": Annotations([-1, 5], ["N", "N"])}, "outside the 3600"),
            ({"delineation": {"V9": Annotations([1], ["p"])}}, "V9"),
            ({"delineation": {"V1": Annotations([4000], ["p"])}}, "outside the 3600"),
        ],
    )
    def test_refuses(self, change, message):
        with pytest.raises(ValueError, match=message):
            ECGRecord(**{"signal": _signal(), "fs": FS, "lead_names": LEADS, **change})


class TestReadRecord:
    @pytest.mark.parametrize("suffix", ["", ".hea", ".dat"])
    def test_signal_in_millivolts(self, tmp_path, suffix):
        base = _write(tmp_path)
        record = read_record(f"{base}{suffix}")
        assert record.record_id == "rec"
        assert record.patient_id == "rec"
        assert record.fs == FS
        assert record.lead_names == ("MLII", "V1")
        assert record.signal.dtype == np.float32
        np.testing.assert_allclose(record.signal, _signal(), atol=0.0026)
        assert record.annotations is None

    def test_name_with_a_dot(self, tmp_path):
        _write(tmp_path).with_suffix(".hea").rename(tmp_path / "a.1.hea")
        assert read_record(tmp_path / "a.1").record_id == "a.1"

    def test_header_without_optional_fields(self, tmp_path):
        np.array([[200, 400], [0, -200], [100, 200]], dtype="<i2").tofile(tmp_path / "rec.dat")
        (tmp_path / "rec.hea").write_text("rec 2 100\nrec.dat 16\nrec.dat 16\n")
        record = read_record(tmp_path / "rec")
        assert record.lead_names == ("lead 1", "lead 2")
        # The format's default gain is 200 units per mV.
        np.testing.assert_allclose(record.signal, [[1, 2], [0, -1], [0.5, 1]])

    def test_units_and_signals_that_are_no_voltage(self, tmp_path):
        signal = np.column_stack([_signal()[:, 0] * 3, _signal()[:, 0] * 5, _signal()[:, 0] / 1e3])
        base = _write(
            tmp_path, signal=signal, units=["uV", "mmHg", "V"], leads=["I", "ABP", "II"], fmt="16"
        )
        record = read_record(base)
        assert record.lead_names == ("I", "II")
        assert record.metadata["left_out"] == ["ABP"]
        np.testing.assert_allclose(record.lead("I"), signal[:, 0] * 1e-3, atol=0.003e-3)
        np.testing.assert_allclose(record.lead("II"), signal[:, 2] * 1e3, atol=0.003e3)

    def test_no_voltage_at_all(self, tmp_path):
        base = _write(tmp_path, units=["mmHg", "mmHg"])
        with pytest.raises(ValueError, match=r"rec\.hea: there is no signal in volts, only mmHg"):
            read_record(base)

    def test_missing_samples_are_nan(self, tmp_path):
        signal = _signal()
        signal[100:110, 1] = np.nan
        record = read_record(_write(tmp_path, signal=signal))
        assert np.isnan(record.signal[100:110, 1]).all()
        assert np.isnan(record.signal).sum() == 10

    @pytest.mark.parametrize(
        ("comments", "age", "sex"),
        [
            (["69 M 1085 1629 x1", "Aldomet, Inderal"], 69, "male"),
            (["23 F 2546 N/A x1"], 23, "female"),
            (["-1 M 742 654 x1"], None, "male"),
            (["<age>: 71", "<sex>: F"], 71, "female"),
            (["Age: 50", "Sex: Male"], 50, "male"),
            (["Age: NaN", "Sex: Unknown"], None, None),
            (["5 M waves were seen"], None, None),
            (None, None, None),
        ],
    )
    def test_age_and_sex(self, tmp_path, comments, age, sex):
        record = read_record(_write(tmp_path, comments=comments))
        assert (record.age, record.sex) == (age, sex)
        assert record.metadata["comments"] == (comments or [])

    def test_annotations(self, tmp_path):
        base = _write(tmp_path)
        _annotate(tmp_path)
        marks = read_record(base).annotations
        assert marks.sample.tolist() == [10, 20, 300, 900]
        assert marks.symbol.tolist() == ["+", "N", "V", "~"]
        assert marks.note.tolist() == ["(AFIB", "", "", ""]
        assert read_record(base, annotator=None).annotations is None

    def test_another_annotator(self, tmp_path):
        base = _write(tmp_path)
        _annotate(tmp_path, extension="qrs")
        assert len(read_record(base, annotator="qrs").annotations) == 4
        with pytest.raises(FileNotFoundError, match=r"rec\.xyz"):
            read_record(base, annotator="xyz")

    def test_several_segments(self, tmp_path):
        for name in ("a", "b"):
            _write(tmp_path, name)
        (tmp_path / "whole.hea").write_text("whole/2 2 360 7200\na 3600\nb 3600\n")
        record = read_record(tmp_path / "whole")
        assert record.signal.shape == (7200, 2)
        np.testing.assert_allclose(record.signal, np.tile(_signal(), (2, 1)), atol=0.0026)

    def test_signals_sampled_more_often_are_averaged(self, tmp_path):
        np.array([[0, 10, 21], [100, 30, 50]], dtype="<i2").tofile(tmp_path / "rec.dat")
        (tmp_path / "rec.hea").write_text(
            "rec 2 100 2\nrec.dat 16 10/mV 12 0 0 0 0 I\nrec.dat 16x2 10/mV 12 0 0 0 0 II\n"
        )
        np.testing.assert_allclose(read_record(tmp_path / "rec").signal, [[0, 1.55], [10, 4]])

    @pytest.mark.parametrize("fmt", ["212", "16"])
    @pytest.mark.parametrize("share", [0, 0.5, 0.9999])
    def test_truncated_signal_file(self, tmp_path, fmt, share):
        base = _write(tmp_path, fmt=fmt)
        content = base.with_suffix(".dat").read_bytes()
        base.with_suffix(".dat").write_bytes(content[: int(share * len(content))])
        with pytest.raises(ValueError, match=r"rec\.dat is cut off: .* 3600 samples of 2 leads"):
            read_record(base)

    def test_damaged_signal_file(self, tmp_path):
        base = _write(tmp_path, signal=_signal() + 0.1)
        content = bytearray(base.with_suffix(".dat").read_bytes())
        content[1000] ^= 0x5A
        base.with_suffix(".dat").write_bytes(content)
        with pytest.raises(ValueError, match=r"rec\.hea.* check sum"):
            read_record(base)
        assert read_record(base, verify=False).n_timesteps == 3600

    def test_missing_files(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"nothing\.hea"):
            read_record(tmp_path / "nothing")
        with pytest.raises(FileNotFoundError, match=r"nothing\.hea"):
            read_record(tmp_path / "nothing.dat")
        base = _write(tmp_path)
        base.with_suffix(".dat").unlink()
        with pytest.raises(FileNotFoundError, match=r"rec\.dat, which is missing"):
            read_record(base)

    @pytest.mark.parametrize(
        "header",
        [
            b"",
            b"\x00\xff\xfe\x80garbage\x01",
            b"hello world\n",
            b"rec 2 360 3600\n",
            b"rec 3 360 3600\nrec.dat 212\nrec.dat 212\n",
            b"rec 0 360 3600\n",
            b"rec 2 0 3600\nrec.dat 212\nrec.dat 212\n",
            b"rec 2 360 3600\nrec.dat 999\nrec.dat 999\n",
            b"rec 2 360 999999999999\nrec.dat 212\nrec.dat 212\n",
            b"rec/2 2 360 7200\na 3600\nb 3600\n",
        ],
    )
    def test_garbage_header(self, tmp_path, header):
        base = _write(tmp_path)
        base.with_suffix(".hea").write_bytes(header)
        with pytest.raises(ValueError, match=r"rec\.(hea|dat)"):
            read_record(base)

    @pytest.mark.parametrize("content", [b"", b"\x01", b"\xff" * 64, b"\x01\x04\x00", b"ab"])
    def test_garbage_annotations(self, tmp_path, content):
        base = _write(tmp_path)
        base.with_suffix(".atr").write_bytes(content)
        with pytest.raises(ValueError, match=r"rec\.atr"):
            read_record(base)

    def test_truncated_annotations(self, tmp_path):
        base = _write(tmp_path)
        _annotate(tmp_path)
        content = base.with_suffix(".atr").read_bytes()
        base.with_suffix(".atr").write_bytes(content[:-2])
        with pytest.raises(ValueError, match=r"rec\.atr is cut off"):
            read_record(base)

    def test_annotation_beyond_the_signal(self, tmp_path):
        base = _write(tmp_path, signal=_signal(500))
        _annotate(tmp_path)
        with pytest.raises(ValueError, match=r"rec\.hea: a mark lies outside the 500"):
            read_record(base)

    def test_random_damage_gives_a_record_or_a_clear_error(self, tmp_path):
        rng = np.random.default_rng(0)
        base = _write(tmp_path, signal=_signal(1000))
        _annotate(tmp_path, extension="tmp")
        good = {s: base.with_suffix(s).read_bytes() for s in (".hea", ".dat")}
        marks = base.with_suffix(".tmp").read_bytes()
        messages = []
        for _ in range(300):
            for suffix, content in {**good, ".atr": marks}.items():
                damaged = bytearray(content)
                for place in rng.integers(len(damaged), size=rng.integers(3)):
                    damaged[place] = rng.integers(256)
                cut = rng.integers(len(damaged) + 1) if rng.random() < 0.2 else len(damaged)
                base.with_suffix(suffix).write_bytes(damaged[:cut])
            try:
                assert read_record(base).n_timesteps > 0
            except (ValueError, FileNotFoundError) as error:
                messages.append(str(error))
        assert 50 < len(messages) < 300
        assert all(str(tmp_path) in message for message in messages)


@pytest.mark.real_data
def test_record_100(mitdb_dir):
    record = read_record(mitdb_dir / "100")
    assert record.signal.shape == (650_000, 2)
    assert record.fs == 360
    assert record.lead_names == ("MLII", "V5")
    assert (record.age, record.sex) == (69, "male")
    assert record.metadata["comments"][1] == "Aldomet, Inderal"
    assert len(record.annotations.beats()) == 2273
    assert record.annotations.note[0] == "(N"
    # The header's first sample: 995 units, baseline 1024, 200 units per mV.
    assert record.signal[0, 0] == pytest.approx((995 - 1024) / 200)


@pytest.mark.real_data
def test_ludb_record(ludb_dir):
    record = read_record(ludb_dir / "data" / "1", annotator="ii")
    assert record.signal.shape == (5000, 12)
    assert (record.age, record.sex) == (51, "female")
    assert set(record.annotations.symbol) == {"(", ")", "N", "p", "t"}
