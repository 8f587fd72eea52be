import pickle
import tracemalloc
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from imblearn.base import is_sampler
from imblearn.combine import SMOTEENN
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import NearMiss, RandomUnderSampler, TomekLinks
from imblearn.utils.estimator_checks import parametrize_with_checks as sampler_checks
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks as sklearn_checks

from skecg.sampling import RandomResampler, SignalSampler, balance_to

SAMPLERS = [
    RandomResampler(random_state=0),
    SignalSampler(RandomResampler(random_state=0)),
    SignalSampler(RandomOverSampler(random_state=0)),
    SignalSampler(RandomUnderSampler(random_state=0)),
    SignalSampler(SMOTE(random_state=0)),
    SignalSampler(TomekLinks()),
    SignalSampler(SMOTEENN(random_state=0)),
]


@sampler_checks(SAMPLERS)
def test_imbalanced_learn_estimator(estimator, check):
    check(estimator)


@sklearn_checks(SAMPLERS)
def test_sklearn_estimator(estimator, check):
    check(estimator)


@pytest.fixture
def beats():
    """Signals of which the first value is the sample's number."""
    y = np.repeat(["N", "S", "V"], [60, 10, 30])
    X = np.random.default_rng(0).normal(size=(100, 20, 2)).astype(np.float32)
    X[:, 0, 0] = np.arange(100)
    return X, y


class TestBalanceTo:
    y = ("N",) * 5 + ("S",) * 1 + ("V",) * 3

    @pytest.mark.parametrize(
        ("only", "sizes"),
        [
            (None, {"N": 3, "S": 3, "V": 3}),
            ("larger", {"N": 3}),
            ("smaller", {"S": 3}),
        ],
    )
    def test_sizes(self, only, sizes):
        assert balance_to(3, only=only)(self.y) == sizes

    def test_keys_fit_the_labels_of_imbalanced_learn(self, beats):
        X, y = beats
        numbers = np.unique(y, return_inverse=True)[1].astype(np.int32)
        sampler = RandomUnderSampler(sampling_strategy=balance_to(20, only="larger"))
        _, y_res = sampler.fit_resample(X.reshape(100, -1), numbers)
        assert Counter(y_res.tolist()) == {0: 20, 1: 10, 2: 20}

    def test_is_pickled_and_compared(self):
        strategy = balance_to(20_000, only="larger")
        assert pickle.loads(pickle.dumps(strategy)) == strategy
        assert strategy != balance_to(20_000)
        assert repr(strategy) == "balance_to(20000, only='larger')"
        assert eval(repr(strategy)) == strategy

    def test_survives_clone(self):
        sampler = clone(RandomResampler(sampling_strategy=balance_to(7)))
        assert sampler.sampling_strategy == balance_to(7)

    @pytest.mark.parametrize("n_samples", [0, -1, 2.5, "20", True])
    def test_refuses_what_is_no_size(self, n_samples):
        with pytest.raises(ValueError, match="n_samples must be a positive integer"):
            balance_to(n_samples)

    def test_refuses_other_directions(self):
        with pytest.raises(ValueError, match="only must be"):
            balance_to(3, only="bigger")


class TestRandomResampler:
    def test_cuts_and_raises_in_one_step(self, beats):
        X, y = beats
        sampler = RandomResampler(sampling_strategy=balance_to(25), random_state=0)
        X_res, y_res = sampler.fit_resample(X, y)
        assert Counter(y_res.tolist()) == {"N": 25, "S": 25, "V": 25}
        assert sampler.sampling_strategy_ == {"N": 25, "S": 25, "V": 25}
        assert X_res.dtype == np.float32
        drawn = X_res[:, 0, 0].astype(int)
        np.testing.assert_array_equal(drawn, sampler.sample_indices_)
        np.testing.assert_array_equal(y[drawn], y_res)
        np.testing.assert_array_equal(X[drawn], X_res)
        # Cut without replacement; raised with every original kept.
        assert len(set(drawn[y_res == "N"])) == 25
        assert set(drawn[y_res == "S"]) == set(range(60, 70))

    def test_auto_keeps_the_total(self, beats):
        X, y = beats
        _, y_res = RandomResampler(random_state=0).fit_resample(X, y)
        assert Counter(y_res.tolist()) == {"N": 33, "S": 33, "V": 33}

    def test_dict_leaves_other_classes_alone(self, beats):
        X, y = beats
        _, y_res = RandomResampler(sampling_strategy={"N": 5}, random_state=0).fit_resample(X, y)
        assert Counter(y_res.tolist()) == {"N": 5, "S": 10, "V": 30}

    def test_random_state(self, beats):
        X, y = beats
        a = RandomResampler(random_state=3).fit_resample(X, y)[0]
        b = RandomResampler(random_state=3).fit_resample(X, y)[0]
        c = RandomResampler(random_state=4).fit_resample(X, y)[0]
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)
        rng = np.random.RandomState(0)
        first = RandomResampler(random_state=rng).fit_resample(X, y)[0]
        second = RandomResampler(random_state=rng).fit_resample(X, y)[0]
        assert not np.array_equal(first, second)

    def test_fit_finds_the_sizes(self, beats):
        X, y = beats
        sampler = RandomResampler(sampling_strategy=balance_to(25)).fit(X, y)
        assert sampler.sampling_strategy_ == {"N": 25, "S": 25, "V": 25}

    def test_every_rank_and_nan(self, beats):
        _, y = beats
        X = np.full((100, 5, 20, 2), np.nan)
        X_res, _ = RandomResampler().fit_resample(X, y)
        assert X_res.shape == (99, 5, 20, 2)

    def test_refuses_unknown_classes_and_sizes(self, beats):
        X, y = beats
        with pytest.raises(ValueError, match=r"classes that are not in y: \['F'\]"):
            RandomResampler(sampling_strategy={"F": 3}).fit_resample(X, y)
        with pytest.raises(ValueError, match="non-negative integers"):
            RandomResampler(sampling_strategy={"N": 0.5}).fit_resample(X, y)
        with pytest.raises(ValueError, match="one length"):
            RandomResampler().fit_resample(X, y[:-1])
        with pytest.raises(ValueError, match="class"):
            RandomResampler().fit_resample(X[:60], y[:60])


class TestSignalSampler:
    @pytest.mark.parametrize("tail", [(20,), (20, 2), (4, 5, 2)])
    @pytest.mark.parametrize(
        "sampler",
        [RandomUnderSampler(random_state=0), SMOTE(random_state=0), NearMiss(), TomekLinks()],
        ids=lambda s: type(s).__name__,
    )
    def test_same_as_on_rows(self, sampler, tail):
        rng = np.random.default_rng(0)
        y = np.repeat([0, 1], [40, 20])
        X = rng.normal(size=(60, *tail)).astype(np.float32)
        rows, y_rows = clone(sampler).fit_resample(X.reshape(60, -1), y)
        wrapped = SignalSampler(sampler)
        X_res, y_res = wrapped.fit_resample(X, y)
        assert X_res.dtype == np.float32
        np.testing.assert_array_equal(X_res, rows.reshape(-1, *tail))
        np.testing.assert_array_equal(y_res, y_rows)
        assert len(y_res) != len(y)
        assert not hasattr(sampler, "sampling_strategy_")  # The parameter stays unfitted.

    def test_random_samplers_need_no_second_copy(self):
        X = np.zeros((4000, 500, 2), dtype=np.float32)
        y = np.repeat([0, 1], [3900, 100])
        sampler = SignalSampler(RandomOverSampler(random_state=0))
        tracemalloc.start()
        X_res, _ = sampler.fit_resample(X, y)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < X_res.nbytes + 0.2 * X.nbytes

    def test_carries_patients_where_rows_are_selected(self, beats):
        X, y = beats
        patient = np.array([f"p{i // 5}" for i in range(100)])
        table = pd.DataFrame({"patient": patient, "position": np.arange(100)})
        for sampler in (RandomUnderSampler(random_state=0), RandomOverSampler(random_state=0)):
            wrapped = SignalSampler(sampler)
            X_res, _ = wrapped.fit_resample(X, y)
            drawn = X_res[:, 0, 0].astype(int)
            np.testing.assert_array_equal(wrapped.carry(patient), patient[drawn])
            np.testing.assert_array_equal(wrapped.carry(table)["position"], drawn)
            assert wrapped.carry(patient.tolist()) == patient[drawn].tolist()

    def test_carries_nothing_to_samples_made_up(self, beats):
        X, y = beats
        sampler = SignalSampler(SMOTE(random_state=0))
        sampler.fit_resample(X, y)
        assert not hasattr(sampler, "sample_indices_")
        with pytest.raises(ValueError, match="has selected no rows"):
            sampler.carry(np.arange(100))

    def test_refuses_to_carry_another_length(self, beats):
        X, y = beats
        sampler = SignalSampler(RandomUnderSampler(random_state=0))
        sampler.fit_resample(X, y)
        with pytest.raises(ValueError, match="each of the 100 samples"):
            sampler.carry(np.arange(200))

    def test_is_a_sampler_with_the_tags_of_the_one_inside(self):
        assert is_sampler(SignalSampler(SMOTE()))
        assert SignalSampler(RandomUnderSampler()).__sklearn_tags__().input_tags.allow_nan
        assert not SignalSampler(SMOTE()).__sklearn_tags__().input_tags.allow_nan

    def test_nan_reaches_the_sampler_that_minds(self, beats):
        X, y = beats
        X[3, 4, 1] = np.nan
        with pytest.raises(ValueError, match="NaN"):
            SignalSampler(SMOTE()).fit_resample(X, y)

    def test_refuses_what_is_no_sampler(self, beats):
        with pytest.raises(ValueError, match="'sampler' parameter of SignalSampler"):
            SignalSampler(LogisticRegression()).fit_resample(*beats)

    def test_cut_then_smote(self, beats):
        X, y = beats
        cut = SignalSampler(RandomUnderSampler(sampling_strategy=balance_to(20, only="larger")))
        smote = SignalSampler(
            SMOTE(sampling_strategy=balance_to(20, only="smaller"), k_neighbors=3)
        )
        X_res, y_res = smote.fit_resample(*cut.fit_resample(X, y))
        assert X_res.shape == (60, 20, 2)
        assert Counter(y_res.tolist()) == {"N": 20, "S": 20, "V": 20}


def test_pipeline_resamples_in_fit_only_and_can_be_searched(beats):
    X, y = beats
    pipe = make_pipeline(
        SignalSampler(RandomResampler(random_state=0)),
        FunctionTransformer(lambda X: X.reshape(len(X), -1)),
        DummyClassifier(strategy="prior"),
    )
    grid = {"signalsampler__sampler__sampling_strategy": [{"V": 200}, {"S": 200}]}
    search = GridSearchCV(pipe, grid, cv=2, refit=False).fit(X, y)
    # The prior follows the class that was raised; the scored halves stay as they were.
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], [0.3, 0.1])
    assert pipe.fit(X, y).predict(X).shape == (100,)
