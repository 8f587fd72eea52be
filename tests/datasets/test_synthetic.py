import numpy as np
import pytest
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestCentroid

from skecg.datasets import make_heartbeats


@pytest.fixture(scope="module")
def beats():
    return make_heartbeats(4000, random_state=0)


def test_layout(beats):
    assert beats.data.shape == (4000, 187)
    assert beats.data.dtype == np.float32
    assert np.isfinite(beats.data).all()
    assert beats.data.min() == 0
    assert beats.data.max() == 1
    assert np.all(beats.data.max(axis=1) == 1)
    assert list(beats.target_names) == ["N", "S", "V", "F", "Q"]
    assert beats.fs == 125
    assert "paced" in beats.DESCR


def test_triple_is_the_bunch(beats):
    X, y, groups = make_heartbeats(4000, return_X_y_groups=True, random_state=0)
    np.testing.assert_array_equal(X, beats.data)
    np.testing.assert_array_equal(y, beats.target)
    np.testing.assert_array_equal(groups, beats.groups)


def test_not_too_easy(beats):
    X, X_test, y, y_test = train_test_split(
        beats.data, beats.target, stratify=beats.target, random_state=0
    )
    score = f1_score(y_test, NearestCentroid().fit(X, y).predict(X_test), average="macro")
    assert 0.3 < score < 0.9
