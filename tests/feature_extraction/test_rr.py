import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import check_estimator

from skecg.feature_extraction import RRFeatures

NAMES = RRFeatures().fit([[0.0]]).get_feature_names_out().tolist()


def table(rr, **parameters):
    """Compute the features of one record, whose intervals are given in seconds."""
    position = np.cumsum([5.0, *rr])[:, np.newaxis]
    return RRFeatures(fs=1, **parameters).set_output(transform="pandas").fit_transform(position)


def by_loop(position, fs, n_local, n_rhythm):
    """Compute the features of one record as its documentation reads."""
    rr = np.diff(position) / fs
    changes = np.abs(np.diff(rr))
    rows = []
    for i in range(len(position)):
        first = max(i, 1)
        pre = rr[first - 1]
        post = rr[i] if i < len(rr) else pre
        local = rr[max(first - n_local, 0) : first].mean()
        second = max(i, 2)
        change = np.median(changes[max(second - 1 - n_rhythm, 0) : second - 1])
        mean = rr.mean()
        ratios = [pre / local, post / local, pre / post, pre / mean, local / mean]
        rows.append([pre, post, local, mean, *ratios, change / local])
    return np.array(rows)


def test_scikit_learns_checks():
    check_estimator(RRFeatures(), on_skip=None)


@pytest.mark.parametrize(("n_local", "n_rhythm"), [(10, 30), (1, 1), (3, 4), (500, 500)])
def test_as_documented(n_local, n_rhythm):
    rng = np.random.default_rng(0)
    positions = [np.cumsum(rng.integers(100, 500, size=n)) for n in (3, 120, 40)]
    X = np.concatenate([[(7 - i, p) for p in position] for i, position in enumerate(positions)])
    expected = np.concatenate([by_loop(p, 360, n_local, n_rhythm) for p in positions])
    features = RRFeatures(n_local=n_local, n_rhythm=n_rhythm)
    np.testing.assert_allclose(features.fit_transform(X), expected, rtol=1e-9)
    shuffled = rng.permutation(len(X))
    np.testing.assert_allclose(features.transform(X[shuffled]), expected[shuffled], rtol=1e-9)


def test_only_what_is_said_to_look_ahead_does():
    rr = np.random.default_rng(1).uniform(0.5, 1.5, size=60)
    later = np.r_[rr[:40], rr[40:] * 1.7]
    changed = (table(rr).iloc[:41] != table(later).iloc[:41]).any()
    whole_record = ["record_rr", "pre_to_record", "local_to_record"]
    next_beat = ["post_rr", "post_to_local", "pre_to_post"]
    assert sorted(changed.index[changed]) == sorted(whole_record + next_beat)
    before = (table(rr)[next_beat].iloc[:40] == table(later)[next_beat].iloc[:40]).all()
    assert before.all()


def test_a_premature_beat_is_told_from_fibrillation():
    premature = table([0.8] * 40 + [0.5, 1.1] + [0.8] * 20)
    assert premature["pre_to_local"].iloc[41] == pytest.approx(0.5 / 0.77)
    assert premature["irregularity"].iloc[41:].max() < 1e-9
    fibrillation = table(np.random.default_rng(0).uniform(0.5, 1.1, size=60))
    assert fibrillation["irregularity"].iloc[10:].min() > 0.1


def test_records_that_are_too_short():
    X = [[1, 100], [2, 50], [2, 410], [3, 0], [3, 360], [3, 720]]
    features = RRFeatures().fit_transform(X)
    assert np.isnan(features[0]).all()
    assert np.isnan(features[1:3, -1]).all()
    assert features[1:, 0].tolist() == [1.0] * 5
    assert np.isfinite(features[3:]).all()


def test_several_columns_may_name_the_record():
    frame = pd.DataFrame({"record": [1, 1, 1, 1], "lead": [0, 0, 1, 1], "r": [0, 180, 0, 720]})
    features = RRFeatures().set_output(transform="pandas").fit_transform(frame)
    assert features.columns.tolist() == NAMES
    assert features["pre_rr"].tolist() == [0.5, 0.5, 2.0, 2.0]


def test_two_beats_at_a_position():
    with pytest.raises(ValueError, match="got two at 180 in one record"):
        RRFeatures().fit_transform([[1, 180], [2, 180], [2, 180]])


@pytest.mark.real_data
def test_on_real_recordings(mitdb_dir):
    from skecg.datasets import load_mitbih

    mitbih = load_mitbih(mitdb_dir, records=["100", "232"])
    place = np.column_stack([mitbih.record.astype(int), mitbih.sample])
    features = RRFeatures().set_output(transform="pandas").fit_transform(place)
    of_232 = features[(mitbih.record == "232")]
    assert (mitbih.target[mitbih.record == "232"] == "S").mean() > 0.7
    # The premature beat is the usual one: only the mean over the record shows it.
    assert of_232["pre_to_record"].median() < 0.9
    assert features.notna().all(axis=None)
