import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from skecg import ECGRecord
from skecg.preprocessing import BeatSegmenter
from skecg.recordings import Annotations

FS = 360.0


def _record(r_peaks=None, *, seconds=20, n_leads=1, fs=FS, symbols="N", seed=0, **more):
    """Smooth noise with a triangle of 1 mV at every R peak."""
    rng = np.random.default_rng(seed)
    n_timesteps = int(seconds * fs)
    r_peaks = np.arange(int(0.5 * fs), n_timesteps, int(fs)) if r_peaks is None else r_peaks
    signal = 0.05 * np.sin(np.arange(n_timesteps) / fs * 7)[:, np.newaxis] + 0.1
    signal = np.repeat(signal, n_leads, axis=1) * (1 + rng.random(n_leads))
    width = int(0.04 * fs)
    for peak in r_peaks:
        place = np.arange(max(peak - width, 0), min(peak + width + 1, n_timesteps))
        signal[place] += (1 - np.abs(place - peak) / width)[:, np.newaxis]
    return ECGRecord(
        signal.astype(np.float32),
        fs=fs,
        lead_names=[f"V{i + 1}" for i in range(n_leads)],
        annotations=Annotations(r_peaks, [symbols] * len(r_peaks)),
        **more,
    )


class TestRRWindow:
    def test_beats_of_the_heartbeat_files(self):
        record = _record()
        beats = BeatSegmenter().segment(record)
        assert beats.data.shape == (19, 187)
        assert beats.data.dtype == np.float32
        assert beats.fs == 125
        assert beats.n_dropped == 1
        # 1.2 x 1 s at 125 Hz, then padding.
        assert set(beats.length) == {150}
        assert np.all(beats.data[:, 150:] == 0)
        assert np.all(beats.data.min(axis=1) == 0)
        assert np.all(beats.data.max(axis=1) == 1)
        # The R peak is the first sample; the next one lies 1 s later.
        assert np.all(beats.data[:, 0] > 0.9)
        assert np.all(beats.data[:, 123:128].max(axis=1) > 0.9)

    def test_positions_are_those_of_the_recording(self):
        record = _record()
        beats = BeatSegmenter().segment(record)
        assert beats.sample.tolist() == record.annotations.sample[:-1].tolist()
        assert beats.index.tolist() == list(range(19))
        assert beats.lead_names == ("V1",)

    def test_length_follows_the_median_of_the_surrounding_seconds(self):
        slow = np.arange(0, 60, 1.0)
        fast = np.arange(60, 120, 0.5)
        r_peaks = (np.concatenate([slow, fast]) * FS).astype(int)
        # One premature beat changes two intervals, not the median.
        r_peaks[30] -= 100
        beats = BeatSegmenter().segment(_record(r_peaks, seconds=121))
        assert set(beats.length[:50]) == {150}
        assert set(beats.length[75:]) == {75}

    def test_each_length_against_its_definition(self):
        rng = np.random.default_rng(3)
        r_peaks = np.cumsum(rng.integers(100, 700, size=80))
        record = _record(r_peaks, seconds=(r_peaks[-1] + 500) / FS)
        beats = BeatSegmenter(rr_factor=0.7, rr_context=6.0).segment(record)
        for i, length in enumerate(beats.length):
            near = r_peaks[np.abs(r_peaks - r_peaks[i]) <= 3 * FS]
            assert length == min(187, round(0.7 * np.median(np.diff(near)) / FS * 125))

    def test_peaks_far_apart_take_the_intervals_beside_them(self):
        r_peaks = (np.array([1.0, 21.0, 36.0]) * FS).astype(int)
        beats = BeatSegmenter(n_timesteps=4000).segment(_record(r_peaks, seconds=60))
        assert beats.length.tolist() == [1.2 * 20 * 125, 1.2 * 17.5 * 125]

    def test_last_peak_is_dropped_even_with_room_after_it(self):
        r_peaks = np.arange(360, 3600, 360)
        beats = BeatSegmenter().segment(_record(r_peaks, seconds=60))
        assert beats.index.tolist() == list(range(len(r_peaks) - 1))
        assert beats.n_dropped == 1

    def test_beat_beyond_the_end_is_shortened_and_counted(self):
        record = _record(np.array([360, 720, 1080]), seconds=1100 / FS)
        beats = BeatSegmenter().segment(record)
        assert beats.n_shortened == 1
        assert beats.length.tolist() == [150, 132]
        assert beats.data.shape == (2, 187)

    def test_long_beats_are_cut(self):
        r_peaks = (np.arange(1, 20, 2.0) * FS).astype(int)
        beats = BeatSegmenter().segment(_record(r_peaks))
        assert set(beats.length) == {187}
        assert np.all(beats.data.min(axis=1) == 0)

    def test_one_peak_has_no_rhythm(self):
        beats = BeatSegmenter().segment(_record(np.array([360])))
        assert beats.data.shape == (0, 187)
        assert beats.n_dropped == 1

    def test_other_rate_and_length(self):
        record = _record()
        assert BeatSegmenter(target_fs=250).segment(record).data.shape == (19, 374)
        beats = BeatSegmenter(target_fs=None, n_timesteps=500).segment(record)
        assert beats.data.shape == (19, 500)
        assert beats.fs == FS
        assert set(beats.length) == {432}


class TestFixedWindow:
    def test_is_what_the_recording_holds(self):
        record = _record()
        beats = BeatSegmenter(window=(0.25, 0.5), target_fs=None, scaling=None).segment(record)
        peaks = record.annotations.sample
        expected = [record.signal[p - 90 : p + 180, 0] for p in peaks]
        np.testing.assert_array_equal(beats.data, expected)
        assert beats.n_dropped == 0

    def test_peaks_too_near_either_end_are_dropped_and_counted(self):
        record = _record(np.array([89, 90, 1000, 7020, 7021, 7199]))
        beats = BeatSegmenter(window=(0.25, 0.5), target_fs=None).segment(record)
        assert beats.sample.tolist() == [90, 1000, 7020]
        assert beats.index.tolist() == [1, 2, 3]
        assert beats.n_dropped == 3
        assert beats.n_shortened == 0

    def test_several_leads(self):
        record = _record(n_leads=12, seconds=10, fs=500.0)
        beats = BeatSegmenter(window=(0.5, 1.0), target_fs=None).segment(record)
        assert beats.data.shape[1:] == (750, 12)
        assert np.all(beats.data.max(axis=1) == 1)

    def test_explicit_length_pads_or_cuts_at_the_end(self):
        record = _record()
        window = {"window": (0.25, 0.5), "target_fs": None, "scaling": None}
        whole = BeatSegmenter(**window).transform([record])
        longer = BeatSegmenter(**window, n_timesteps=300).transform([record])
        shorter = BeatSegmenter(**window, n_timesteps=100).transform([record])
        np.testing.assert_array_equal(longer[:, :270], whole)
        assert np.all(longer[:, 270:] == 0)
        np.testing.assert_array_equal(shorter, whole[:, :100])


class TestScaling:
    def test_none_keeps_millivolts(self):
        record = _record()
        beats = BeatSegmenter(scaling=None, target_fs=None).segment(record)
        np.testing.assert_array_equal(beats.data[3, :400], record.signal[1260:1660, 0])

    def test_standard_leaves_out_the_padding(self):
        beats = BeatSegmenter(scaling="standard").segment(_record())
        inside = beats.data[:, :150]
        np.testing.assert_allclose(inside.mean(axis=1), 0, atol=1e-5)
        np.testing.assert_allclose(inside.std(axis=1), 1, atol=1e-4)
        assert np.all(beats.data[:, 150:] == 0)

    @pytest.mark.parametrize("target_fs", [None, 125])
    @pytest.mark.parametrize("scaling", ["minmax", "standard"])
    def test_flat_lead_becomes_zero(self, scaling, target_fs):
        record = ECGRecord(
            np.full(3600, 0.7), FS, ["II"], Annotations(np.arange(100, 3600, 300), ["N"] * 12)
        )
        beats = BeatSegmenter(scaling=scaling, target_fs=target_fs).segment(record)
        np.testing.assert_allclose(beats.data, 0, atol=1e-12)

    def test_leads_are_scaled_apart(self):
        record = _record(n_leads=2)
        record = ECGRecord(
            record.signal * [1, 100], FS, record.lead_names, annotations=record.annotations
        )
        data = BeatSegmenter().segment(record).data
        np.testing.assert_allclose(data.max(axis=1), 1)


class TestResampling:
    def test_keeps_a_sine_and_the_ends(self):
        t = np.arange(7200) / FS
        record = ECGRecord(np.sin(2 * np.pi * 5 * t) + 3, FS, ["II"])
        beats = BeatSegmenter(window=(1, 1), scaling=None).segment(record, [360, 3600, 6839])
        resampled = np.arange(250) / 125
        for row, peak in zip(beats.data, [360, 3600, 6839], strict=True):
            start = (round(peak * 125 / FS) - 125) / 125
            expected = np.sin(2 * np.pi * 5 * (start + resampled)) + 3
            np.testing.assert_allclose(row[10:-10], expected[10:-10], atol=0.01)
            np.testing.assert_allclose(row, expected, atol=0.3)

    def test_suppresses_what_the_lower_rate_cannot_hold(self):
        t = np.arange(7200) / FS
        record = ECGRecord(np.sin(2 * np.pi * 100 * t), FS, ["II"])
        data = BeatSegmenter(window=(1, 1), scaling=None).segment(record, [3600]).data
        assert np.abs(data).max() < 0.02

    def test_uncommon_rate(self):
        beats = BeatSegmenter().segment(_record(fs=257.3, seconds=20))
        assert set(beats.length) <= {149, 150}
        assert np.all(beats.data[:, 0] > 0.9)


class TestInput:
    def test_given_peaks_instead_of_annotations(self):
        record = _record(symbols="+")
        beats = BeatSegmenter(target_fs=None).segment(record, [500, 900, 1300])
        assert beats.sample.tolist() == [500, 900]

    def test_only_beat_annotations_count(self):
        marks = Annotations([100, 180, 540, 600, 900], ["+", "N", "V", "~", "N"])
        record = _record(seconds=5)
        record = ECGRecord(record.signal, FS, ["II"], annotations=marks)
        assert BeatSegmenter().segment(record).sample.tolist() == [180, 540]

    def test_leads_by_name(self):
        record = _record(n_leads=3)
        one = BeatSegmenter(leads="V2", target_fs=None, scaling=None).segment(record)
        two = BeatSegmenter(leads=["V3", "V2"], target_fs=None, scaling=None).segment(record)
        assert one.data.shape == (19, 539)
        assert two.data.shape == (19, 539, 2)
        np.testing.assert_array_equal(two.data[:, :, 1], one.data)
        assert two.lead_names == ("V3", "V2")
        with pytest.raises(ValueError, match="no lead named 'aVL'"):
            BeatSegmenter(leads="aVL").segment(record)

    @pytest.mark.parametrize(
        ("r_peaks", "message"),
        [
            ([], "no R peaks"),
            ([[100, 200]], "one-dimensional"),
            ([100.5, 300.0], "whole numbers"),
            (["a", "b"], "whole numbers"),
            ([300, 100], "must ascend"),
            ([100, 100], "must ascend"),
            ([-5, 100], "within the 7200 time steps of recording 7, got -5 to 100"),
            ([100, 7200], "within the 7200"),
        ],
    )
    def test_refuses_peaks(self, r_peaks, message):
        with pytest.raises(ValueError, match=message):
            BeatSegmenter().segment(_record(record_id="7"), r_peaks)

    def test_refuses_missing_samples(self):
        record = _record()
        signal = record.signal.copy()
        signal[77] = np.nan
        record = ECGRecord(signal, FS, ["V1"], annotations=record.annotations, record_id="9")
        with pytest.raises(ValueError, match="recording 9 holds 1 NaN"):
            BeatSegmenter().segment(record)

    def test_refuses_no_annotations(self):
        with pytest.raises(ValueError, match="no annotations: pass r_peaks"):
            BeatSegmenter().segment(ECGRecord(np.zeros(100), FS, ["II"]))

    @pytest.mark.parametrize(
        "X", [None, 5, [], "100", np.zeros((10, 187)), [np.zeros(100)], _record()]
    )
    @pytest.mark.parametrize("method", ["fit", "transform"])
    def test_refuses_what_is_no_list_of_records(self, X, method):
        with pytest.raises(ValueError, match="records must"):
            getattr(BeatSegmenter(), method)(X)

    def test_refuses_an_array_as_record(self):
        with pytest.raises(ValueError, match="must be an ECGRecord, got ndarray"):
            BeatSegmenter().segment(np.zeros((100, 1)))

    @pytest.mark.parametrize(
        "parameters",
        [
            {"window": "pp"},
            {"window": (0.5,)},
            {"window": (-0.1, 0.5)},
            {"window": (0, 0)},
            {"window": (np.nan, 0.5)},
            {"window": (0.1, np.inf)},
            {"window": ("a", "b")},
            {"window": 0.5},
            {"target_fs": 0},
            {"target_fs": -125},
            {"target_fs": "125"},
            {"n_timesteps": 0},
            {"n_timesteps": 187.5},
            {"scaling": "robust"},
            {"leads": 3},
            {"rr_factor": 0},
            {"rr_context": -10},
        ],
    )
    def test_refuses_parameters(self, parameters):
        name = next(iter(parameters))
        segmenter = BeatSegmenter(**parameters)
        record = _record()
        for call in (
            lambda: segmenter.fit([record]),
            lambda: segmenter.segment(record),
            lambda: segmenter.transform([record]),
        ):
            with pytest.raises(ValueError, match=name):
                call()
        # What was refused can be put right.
        segmenter.set_params(**BeatSegmenter().get_params())
        assert len(segmenter.segment(record).data) == 19


class TestTransformer:
    def test_transform_concatenates_and_counts_the_dropped(self):
        records = [_record(), _record(seconds=10)]
        with pytest.warns(UserWarning, match="2 of 30 R peaks were dropped"):
            X = BeatSegmenter().transform(records)
        parts = [BeatSegmenter().segment(record).data for record in records]
        np.testing.assert_array_equal(X, np.concatenate(parts))

    def test_no_warning_where_nothing_is_dropped(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            X = BeatSegmenter(window=(0.1, 0.2)).fit_transform([_record()])
        assert len(X) == 20

    def test_refuses_recordings_that_do_not_match(self):
        segmenter = BeatSegmenter(window=(0.1, 0.2))
        with pytest.raises(ValueError, match="different shapes"):
            segmenter.transform([_record(), _record(n_leads=2)])
        with pytest.raises(ValueError, match="different shapes"):
            segmenter.set_params(target_fs=None).transform([_record(), _record(fs=500.0)])

    def test_keeps_float64(self):
        record = ECGRecord(np.random.default_rng(0).random(3600), FS, ["II"])
        assert BeatSegmenter().segment(record, [100, 400, 800]).data.dtype == np.float64

    def test_leaves_the_recording_alone(self):
        record = _record()
        before = record.signal.copy()
        BeatSegmenter(target_fs=None).segment(record)
        np.testing.assert_array_equal(record.signal, before)

    @pytest.mark.filterwarnings("ignore:.*R peaks were dropped")
    def test_clone_and_pickle(self):
        segmenter = BeatSegmenter(window=(0.1, 0.2), leads=["V1"])
        record = _record()
        X = segmenter.transform([record])
        np.testing.assert_array_equal(clone(segmenter).transform([record]), X)
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(segmenter)).transform([record]), X)

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
    def test_check_estimator(self):
        check_estimator(BeatSegmenter(), on_skip=None)
