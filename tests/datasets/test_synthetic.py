import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.neighbors import NearestCentroid

from skecg import ECGRecord
from skecg.datasets import make_heartbeats, make_recordings

CLASSES = ["N", "S", "V", "F", "Q"]


@pytest.fixture(scope="module")
def beats():
    return make_heartbeats(3000, random_state=0)


@pytest.fixture(scope="module")
def clean_beats():
    return make_heartbeats(5000, noise=0, n_patients=50, random_state=0)


@pytest.fixture(scope="module")
def clean_records():
    return make_recordings(
        40, duration=120, leads=None, class_weights=(80, 8, 8, 2, 2), noise=0, random_state=0
    )


def _lengths(X):
    return 187 - (X[:, ::-1] != 0).argmax(axis=1)


def test_layout(beats):
    X = beats.data
    assert X.shape == (3000, 187)
    assert X.dtype == np.float32
    assert np.isfinite(X).all()
    assert X.min() == 0
    assert np.all(X.max(axis=1) == 1)
    assert list(beats.target_names) == CLASSES
    assert beats.fs == 125
    assert "paced" in beats.DESCR
    lengths = _lengths(X)
    assert lengths.min() > 0.4 * 125
    assert (lengths < 187).mean() > 0.8


def test_beats_begin_at_the_r_peak(clean_beats):
    normal = clean_beats.data[clean_beats.target == "N"]
    assert (normal[:, 0] > 0.85).mean() > 0.9
    assert (normal[:, 1] < normal[:, 0]).mean() > 0.9


def test_triple_is_the_bunch(beats):
    X, y, groups = make_heartbeats(3000, return_X_y_groups=True, random_state=0)
    np.testing.assert_array_equal(X, beats.data)
    np.testing.assert_array_equal(y, beats.target)
    np.testing.assert_array_equal(groups, beats.groups)


def test_random_state(beats):
    assert not np.array_equal(make_heartbeats(3000, random_state=1).data, beats.data)
    rng = np.random.RandomState(0)
    first, second = make_heartbeats(10, random_state=rng), make_heartbeats(10, random_state=rng)
    assert not np.array_equal(first.data, second.data)
    np.random.seed(0)
    expected = np.random.random()
    np.random.seed(0)
    make_heartbeats(10, random_state=3)
    assert np.random.random() == expected


@pytest.mark.parametrize(
    ("class_weights", "counts"),
    [
        (None, [20, 20, 20, 20, 20]),
        ((1, 0, 0, 0, 1), [50, 0, 0, 0, 50]),
        ({"N": 0.9, "F": 0.1}, [90, 0, 0, 10, 0]),
        ([83, 2.5, 6.6, 0.7, 7.2], [83, 2, 7, 1, 7]),
    ],
    ids=str,
)
def test_class_weights(class_weights, counts):
    y = make_heartbeats(100, class_weights=class_weights, random_state=0).target
    assert [np.sum(y == c) for c in CLASSES] == counts


def test_patients():
    bunch = make_heartbeats(2000, n_patients=7, random_state=0)
    assert set(bunch.groups) == set(range(7))
    assert all(set(bunch.target[bunch.groups == g]) == set(CLASSES) for g in range(7))
    assert set(make_heartbeats(5, n_patients=1).groups) == {0}


def test_beats_of_one_patient_are_alike(clean_beats):
    chosen = clean_beats.target == "N"
    start, groups = clean_beats.data[chosen, :40], clean_beats.groups[chosen]
    within = np.mean([start[groups == g].var(axis=0).mean() for g in np.unique(groups)])
    assert within < 0.4 * start.var(axis=0).mean()


def test_sampling_rate_and_length():
    slow = make_heartbeats(200, noise=0, random_state=0).data
    fast = make_heartbeats(200, noise=0, n_timesteps=374, fs=250, random_state=0).data
    assert fast.shape == (200, 374)
    similar = [np.corrcoef(a, b)[0, 1] for a, b in zip(slow, fast[:, ::2], strict=True)]
    assert np.median(similar) > 0.99
    assert make_heartbeats(3, n_timesteps=20).data.shape == (3, 20)


def test_noise():
    rough = [
        np.abs(np.diff(make_heartbeats(300, noise=noise, random_state=0).data, n=2)).mean()
        for noise in (0, 0.03, 0.3)
    ]
    assert rough[0] < 0.8 * rough[1] < 0.3 * rough[2]


def test_ventricular_and_paced_beats_are_wide(clean_beats):
    X, y = clean_beats.data, clean_beats.target

    def half_width(beats):
        middle = np.median(beats[:, 20:40], axis=1, keepdims=True)
        away = np.abs(beats - middle) < 0.5 * np.abs(beats[:, :1] - middle)
        return np.median(away.argmax(axis=1)) / 125

    assert half_width(X[y == "N"]) < 0.02
    assert half_width(X[y == "S"]) < 0.03
    assert half_width(X[y == "V"]) > 0.03


def test_t_waves_of_ventricular_beats_are_discordant(clean_records):
    agree = {"N": [], "V": []}
    for record in clean_records:
        lead = record.lead("II")
        rr = np.median(np.diff(record.annotations.sample)) / 360
        t_peak = round(0.27 * np.sqrt(rr) * 360)
        marks = record.annotations
        for sample, symbol in zip(marks.sample[1:-2], marks.symbol[1:-2], strict=True):
            if symbol in agree:
                agree[symbol].append(lead[sample] * lead[sample + t_peak] > 0)
    assert np.mean(agree["V"]) < 0.1
    assert np.mean(agree["N"]) > 0.7


def test_fusion_beats_are_in_between(clean_beats):
    X, y, groups = clean_beats.data, clean_beats.target, clean_beats.groups

    def mean_start(label, group):
        return X[(y == label) & (groups == group), :45].mean(axis=0)

    position = []
    for group in np.unique(groups):
        normal, ventricular, fusion = (mean_start(label, group) for label in "NVF")
        axis = ventricular - normal
        position.append((fusion - normal) @ axis / (axis @ axis))
    assert 0.2 < np.median(position) < 0.8


def test_paced_beats_begin_with_a_spike(clean_beats):
    X, y = clean_beats.data, clean_beats.target
    drop = X[:, 0] - X[:, 3]
    rise_again = np.abs(X[:, 12] - X[:, 3])
    assert (drop[y == "Q"] > 0.1).mean() > 0.8
    assert np.median(rise_again[y == "Q"]) > 0.2


def test_p_waves(clean_records):
    height = {"N": [], "V": [], "A": []}
    for record in clean_records:
        lead, marks = record.lead("II"), record.annotations
        symbols, intervals = marks.symbol[1:], np.diff(marks.sample) / 360
        for sample, symbol, rr in zip(marks.sample[1:], symbols, intervals, strict=True):
            if symbol in height and rr > 0.5:
                height[symbol].append(lead[sample - 59] - lead[sample - 25])
    assert np.median(height["N"]) > 0.05
    assert np.median(height["A"]) < 0.02
    assert np.median(height["V"]) < 0.02


def test_not_too_easy_and_not_too_hard(beats):
    X, y, groups = beats.data, beats.target, beats.groups
    train, test = train_test_split(np.arange(len(y)), stratify=y, random_state=0)

    def score(model, train=train, test=test):
        predicted = model.fit(X[train], y[train]).predict(X[test])
        return f1_score(y[test], predicted, average="macro")

    assert 0.3 < score(NearestCentroid()) < 0.9
    trees = ExtraTreesClassifier(50, random_state=0)
    seen_patients = score(trees)
    assert 0.85 < seen_patients < 0.995
    split = GroupShuffleSplit(1, test_size=0.25, random_state=0).split(X, y, groups)
    assert score(trees, *next(split)) < seen_patients - 0.03


@pytest.mark.parametrize(
    "params",
    [
        {"n_samples": 0},
        {"n_samples": 1.5},
        {"class_weights": {"X": 1}},
        {"class_weights": (1, 2)},
        {"class_weights": (1, 1, 1, 1, -1)},
        {"class_weights": (0, 0, 0, 0, 0)},
        {"class_weights": (1, 1, 1, 1, np.nan)},
        {"noise": -0.1},
        {"n_patients": 0},
        {"n_timesteps": 1},
        {"fs": 0},
        {"random_state": "seed"},
    ],
    ids=str,
)
def test_bad_heartbeat_parameters(params):
    with pytest.raises(ValueError, match=next(iter(params))):
        make_heartbeats(**params)


def test_records(clean_records):
    assert len(clean_records) == 40
    record = clean_records[3]
    assert isinstance(record, ECGRecord)
    assert record.signal.shape == (43200, 12)
    assert record.signal.dtype == np.float32
    assert record.fs == 360
    assert record.patient_id == record.record_id == "synthetic03"
    assert {s for r in clean_records for s in r.annotations.symbol} == set("NAVF/")
    rates = [60 * len(r.annotations) / r.duration for r in clean_records]
    assert 45 < min(rates) < max(rates) < 120


def test_leads_obey_einthoven_and_goldberger(clean_records):
    record = clean_records[0]
    lead = record.lead
    np.testing.assert_allclose(lead("III"), lead("II") - lead("I"), atol=1e-3)
    np.testing.assert_allclose(lead("aVR"), -(lead("I") + lead("II")) / 2, atol=1e-3)
    np.testing.assert_allclose(lead("aVL"), lead("I") - lead("II") / 2, atol=1e-3)
    np.testing.assert_allclose(lead("aVF"), lead("II") - lead("I") / 2, atol=1e-3)


def test_marks_lie_on_the_peaks(clean_records):
    for record in clean_records[:10]:
        energy = np.sqrt((record.signal**2).sum(axis=1))
        for sample, symbol in zip(
            record.annotations.sample, record.annotations.symbol, strict=True
        ):
            if symbol == "N" and 60 < sample < record.n_timesteps - 60:
                around = energy[sample - 36 : sample + 36]
                assert abs(around.argmax() - 36) <= 18


def test_premature_beats_and_pauses(clean_records):
    before, after = {s: [] for s in "NAVF/"}, {s: [] for s in "NAVF/"}
    for record in clean_records:
        marks = record.annotations
        interval = np.diff(marks.sample)
        usual = np.median(interval)
        for i in range(1, len(marks) - 1):
            if marks.symbol[i - 1] == marks.symbol[i + 1] == "N":
                before[marks.symbol[i]].append(interval[i - 1] / usual)
                after[marks.symbol[i]].append(interval[i] / usual)
    assert np.median(before["A"]) < 0.8
    assert np.median(before["V"]) < 0.8
    assert np.median(before["/"]) > 1.1
    assert 1.0 < np.median(after["A"]) < 1.2
    assert np.median(np.add(before["V"], after["V"])) == pytest.approx(2, abs=0.1)
    assert np.median(before["N"]) == pytest.approx(1, abs=0.05)


def test_records_are_reproducible():
    first, again, other = (
        make_recordings(2, duration=5, leads=["V5", "II"], random_state=s) for s in (0, 0, 1)
    )
    np.testing.assert_array_equal(first[1].signal, again[1].signal)
    np.testing.assert_array_equal(first[1].annotations.sample, again[1].annotations.sample)
    assert first[0].lead_names == ("V5", "II")
    assert not np.array_equal(first[1].signal, other[1].signal)


@pytest.mark.parametrize(
    "params",
    [
        {"n_recordings": 0},
        {"duration": 0},
        {"fs": -1},
        {"leads": "MLII"},
        {"leads": []},
        {"class_weights": {"A": 1}},
        {"noise": -1},
    ],
    ids=str,
)
def test_bad_recording_parameters(params):
    with pytest.raises(ValueError, match=next(iter(params))):
        make_recordings(**params)
