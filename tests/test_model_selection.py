import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    cross_validate,
)
from sklearn.utils import Bunch

import skecg.model_selection as under_test
from skecg.model_selection import (
    GroupOverlapWarning,
    InterPatientSplit,
    cross_validate_bunch,
    leave_one_patient_out,
    train_test_split_by_group,
    warn_if_groups_overlap,
)

# All records of the database.
GAPS = {110, 120, 204, 206, 211, 216, 218, 224, 225, 226, 227, 229}
RECORDS = [str(n) for n in [*range(100, 125), *range(200, 235)] if n not in GAPS]


@pytest.fixture(autouse=True)
def _not_told_yet(monkeypatch):
    monkeypatch.setattr(under_test, "_overlap_is_told", False)


class TestInterPatientSplit:
    record = np.repeat(RECORDS, 4)
    X = np.random.default_rng(0).normal(size=(192, 3))
    y = np.tile(["N", "N", "S", "V"], 48)

    def split(self, record=None, **parameters):
        record = self.record if record is None else record
        ((train, test),) = InterPatientSplit(**parameters).split(record, groups=record)
        return set(map(str, record[train])), set(map(str, record[test]))

    def test_halves_as_published(self):
        train, test = self.split()
        assert len(train) == len(test) == 22
        assert set(RECORDS) - train - test == {"102", "104", "107", "217"}
        assert {"101", "201", "230"} <= train
        assert {"100", "202", "234"} <= test
        assert not train & test

    @pytest.mark.parametrize(("side", "sizes"), [("train", (23, 21)), ("test", (21, 23))])
    def test_one_person_on_one_side(self, side, sizes):
        halves = dict(zip(("train", "test"), self.split(same_patient=side), strict=True))
        assert {"201", "202"} <= halves[side]
        assert (len(halves["train"]), len(halves["test"])) == sizes

    def test_record_numbers_as_integers(self):
        assert self.split(self.record.astype(int)) == self.split()

    def test_some_records_are_enough(self):
        assert self.split(np.array(["100", "101", "102"])) == ({"101"}, {"100"})

    @pytest.mark.parametrize("routing", [False, True])
    def test_in_cross_validate_and_grid_search(self, routing):
        cv = InterPatientSplit()
        with sklearn.config_context(enable_metadata_routing=routing):
            groups = {"params": {"groups": self.record}} if routing else {"groups": self.record}
            scores = cross_validate(DummyClassifier(), self.X, self.y, cv=cv, **groups)
            search = GridSearchCV(LogisticRegression(), {"C": [1, 2]}, cv=cv)
            search.fit(self.X, self.y, groups=self.record)
        assert scores["test_score"].tolist() == [0.5]
        assert search.n_splits_ == 1

    def test_is_pickled_and_printed(self):
        cv = pickle.loads(pickle.dumps(InterPatientSplit(same_patient="train")))
        assert repr(cv) == "InterPatientSplit(same_patient='train')"

    def test_says_what_is_wrong(self):
        cv = InterPatientSplit()
        with pytest.raises(ValueError, match="groups must be given"):
            next(cv.split(self.X))
        with pytest.raises(ValueError, match="such as '100'; got p0, p1"):
            next(cv.split(self.X, groups=[f"p{i % 2}" for i in range(192)]))
        with pytest.raises(ValueError, match="192 samples of DS1 and 0 of DS2"):
            next(cv.split(self.X, groups=["101"] * 192))
        with pytest.raises(ValueError, match="same_patient must be"):
            next(InterPatientSplit(same_patient="both").split(self.X, groups=self.record))
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            next(cv.split(self.X, groups=self.record[:-1]))


class TestLeaveOnePatientOut:
    def test_each_patient_once(self):
        patient = np.array(["b", "a", "c", "a", "b"])
        splits = leave_one_patient_out(patient)
        assert [test.tolist() for _, test in splits] == [[1, 3], [0, 4], [2]]
        for train, test in splits:
            assert sorted([*train, *test]) == list(range(5))

    def test_serves_as_cv_twice(self):
        patient = np.repeat(np.arange(4), 5)
        y = np.tile([0, 1, 0, 1, 0], 4)
        cv = leave_one_patient_out(patient)
        for _ in range(2):
            scores = cross_validate(DummyClassifier(), np.zeros((20, 1)), y, cv=cv)
            assert len(scores["test_score"]) == 4

    def test_one_patient_is_not_enough(self):
        with pytest.raises(ValueError, match="2 unique groups"):
            leave_one_patient_out(["a", "a"])


class TestTrainTestSplitByGroup:
    @pytest.fixture
    def cohort(self):
        """As many beats as in MIT-BIH, roughly: rare classes sit in a few patients."""
        rng = np.random.default_rng(0)
        mixtures = rng.dirichlet([20, 0.3, 0.8, 0.1], size=44)
        patient = np.repeat(np.arange(44), rng.integers(150, 350, size=44))
        y = np.array([rng.choice(list("NSVF"), p=mixtures[p]) for p in patient])
        return patient, y

    @pytest.mark.parametrize("test_size", [0.2, 0.25, 0.5])
    def test_patients_apart_and_shares_met(self, cohort, test_size):
        patient, y = cohort
        errors, by_chance = [], []
        for seed in range(20):
            train, test, y_train, y_test = train_test_split_by_group(
                patient, y, groups=patient, stratify=y, test_size=test_size, random_state=seed
            )
            assert not set(train) & set(test)
            assert len(train) + len(test) == len(patient)
            assert len(y_train) == len(train)
            shares = np.array([(y_test == c).sum() / (y == c).sum() for c in "NSVF"])
            errors.append(np.abs(shares - test_size).max())
            _, y_random = train_test_split_by_group(
                y, groups=patient, test_size=test_size, random_state=seed
            )
            random = np.array([(y_random == c).sum() / (y == c).sum() for c in "NSVF"])
            by_chance.append(np.abs(random - test_size).max())
            assert abs(len(y_random) / len(y) - test_size) < 0.01
        assert np.median(errors) < 0.03
        assert np.median(by_chance) > 3 * np.median(errors)

    def test_random_state(self, cohort):
        patient, y = cohort

        def test_patients(seed):
            _, test = train_test_split_by_group(
                patient, groups=patient, stratify=y, random_state=seed
            )
            return frozenset(test.tolist())

        assert test_patients(0) == test_patients(0)
        assert len({test_patients(seed) for seed in range(10)}) > 5

    def test_keeps_types_and_order(self):
        patient = ["a", "a", "b", "b", "c", "c"]
        frame = pd.DataFrame({"x": range(6)})
        names = [f"beat {i}" for i in range(6)]
        frame_train, frame_test, names_train, names_test = train_test_split_by_group(
            frame, names, groups=patient, test_size=0.3, random_state=0
        )
        assert isinstance(frame_test, pd.DataFrame)
        assert names_train == [f"beat {i}" for i in frame_train["x"]]
        assert names_test == [f"beat {i}" for i in frame_test["x"]]
        assert frame_train["x"].is_monotonic_increasing

    @pytest.mark.parametrize("test_size", [0.01, 0.99])
    def test_no_side_is_ever_empty(self, test_size):
        for seed in range(10):
            train, test = train_test_split_by_group(
                np.arange(6),
                groups=[1, 1, 2, 2, 3, 3],
                test_size=test_size,
                random_state=seed,
            )
            assert len(train) >= 2
            assert len(test) >= 2

    def test_says_what_is_wrong(self):
        X, patient = np.zeros((4, 2)), [1, 1, 2, 2]
        with pytest.raises(ValueError, match="at least one array"):
            train_test_split_by_group(groups=patient)
        with pytest.raises(ValueError, match="test_size must be a share"):
            train_test_split_by_group(X, groups=patient, test_size=1)
        with pytest.raises(ValueError, match="at least two patients, got 1"):
            train_test_split_by_group(X, groups=[1, 1, 1, 1])
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            train_test_split_by_group(X, groups=patient[:3])
        with pytest.raises(ValueError, match="NaN"):
            train_test_split_by_group(X, groups=[1, 1, 2, np.nan])
        with pytest.raises(ValueError, match="one-dimensional"):
            train_test_split_by_group(X, groups=X)


class TestOverlapWarning:
    patient = np.repeat(np.arange(6), 10)
    bunch = Bunch(
        data=np.random.default_rng(0).normal(size=(60, 4)),
        target=np.tile(["N", "V"], 30),
        groups=patient,
    )

    def test_warns_once(self):
        splits = list(KFold(3, shuffle=True, random_state=0).split(self.patient))
        with pytest.warns(GroupOverlapWarning, match="6 of 6 patients"):
            assert warn_if_groups_overlap(splits, self.patient)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert warn_if_groups_overlap(splits, self.patient)

    def test_silent_where_patients_are_apart(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            splits = GroupKFold(3).split(self.patient, groups=self.patient)
            assert not warn_if_groups_overlap(splits, self.patient)

    def test_can_be_silenced(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", GroupOverlapWarning)
            cross_validate_bunch(DummyClassifier(), self.bunch, cv=KFold(4))

    def test_cross_validate_bunch_keeps_patients_apart(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            scores = cross_validate_bunch(
                LogisticRegression(), self.bunch, cv=3, return_indices=True, scoring="f1_macro"
            )
        expected = StratifiedGroupKFold(3).split(
            self.bunch.data, self.bunch.target, self.bunch.groups
        )
        for got, (_, test) in zip(scores["indices"]["test"], expected, strict=True):
            np.testing.assert_array_equal(got, test)

    def test_cross_validate_bunch_warns_of_a_split_that_ignores_groups(self):
        # Five patients straddle the borders of four contiguous folds.
        with pytest.warns(GroupOverlapWarning, match="patients have samples in both"):
            cross_validate_bunch(DummyClassifier(), self.bunch, cv=KFold(4))

    def test_cross_validate_bunch_splits_mitbih_by_record(self):
        record = np.repeat(["100", "101", "201", "202"], 10)
        bunch = Bunch(data=np.zeros((40, 1)), target=np.tile(["N", "V"], 20), record=record)
        bunch.groups = np.where(record == "202", "201", record)
        options = {"return_indices": True}
        # Records 201 and 202 are one person.
        with pytest.warns(GroupOverlapWarning, match="1 of 3 patients"):
            scores = cross_validate_bunch(
                DummyClassifier(), bunch, cv=InterPatientSplit(), **options
            )
        assert set(record[scores["indices"]["test"][0]]) == {"100", "202"}
        together = InterPatientSplit(same_patient="train")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            scores = cross_validate_bunch(DummyClassifier(), bunch, cv=together, **options)
        assert set(record[scores["indices"]["test"][0]]) == {"100"}

    def test_cross_validate_bunch_without_groups(self):
        bunch = Bunch(data=self.bunch.data, target=self.bunch.target)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert len(cross_validate_bunch(DummyClassifier(), bunch)["test_score"]) == 5

    def test_cross_validate_bunch_needs_data(self):
        with pytest.raises(ValueError, match="it lacks target"):
            cross_validate_bunch(DummyClassifier(), Bunch(data=self.bunch.data))


@pytest.mark.real_data
def test_class_counts_of_both_halves(mitdb_dir):
    wfdb = pytest.importorskip("wfdb")
    from skecg._aami import AAMI_CLASS_OF_SYMBOL
    from skecg.metrics import to_aami_classes

    classes, record = [], []
    for name in RECORDS:
        symbols = wfdb.rdann(str(mitdb_dir / name), "atr").symbol
        beats = [symbol for symbol in symbols if symbol in AAMI_CLASS_OF_SYMBOL]
        classes.append(to_aami_classes(beats))
        record += [name] * len(beats)
    y, record = np.concatenate(classes), np.array(record)
    ((train, test),) = InterPatientSplit().split(y, groups=record)
    counts = [[int((y[half] == c).sum()) for c in "NSVFQ"] for half in (train, test)]
    assert counts == [[45866, 944, 3788, 415, 8], [44259, 1837, 3221, 388, 7]]
