import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import (
    accuracy_score,
    cohen_kappa_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from skecg.metrics import (
    aami_confusion_matrix,
    aami_report,
    aami_report_by_record,
    aami_score,
    aami_scorer,
    j_index_score,
    j_index_scorer,
    j_kappa_score,
    j_kappa_scorer,
    patient_bootstrap,
    to_aami_classes,
)

# DS2 without the class Q, as Mondejar-Guerra et al. compare them; the counts are in
# python/aux/evaluation_cm.py of their repository, mondejar/ecg-classification.
DE_CHAZAL_2004 = [
    [38444, 1904, 303, 3509],
    [173, 1395, 252, 16],
    [117, 321, 2504, 176],
    [33, 1, 7, 347],
]
MONDEJAR_2019_SINGLE_SVM = [
    [39446, 2404, 340, 1843],
    [443, 1374, 186, 47],
    [28, 162, 3005, 25],
    [240, 2, 35, 111],
]


def labels_of(matrix, classes="NSVFQ"):
    """Reference and predicted labels that give a confusion matrix."""
    matrix = np.asarray(matrix)
    true, pred = np.indices(matrix.shape)
    letters = np.array(list(classes))
    return tuple(np.repeat(letters[which.ravel()], matrix.ravel()) for which in (true, pred))


class TestToAAMIClasses:
    def test_table(self):
        assert "".join(to_aami_classes(list("NLRejAaJSVEF/fQ"))) == "NNNNNSSSSVVFQQQ"
        assert "".join(to_aami_classes(["B", "n", "r"])) == "NNV"

    def test_where_authors_differ(self):
        assert to_aami_classes(["e", "j"], reassign={"e": "S", "j": "S"}).tolist() == ["S", "S"]

    def test_keeps_the_shape(self):
        assert to_aami_classes([["N", "V"], ["A", "F"]]).tolist() == [["N", "V"], ["S", "F"]]

    def test_other_symbols(self):
        with pytest.raises(ValueError, match=r"\['!', '\+'\], which are no beats"):
            to_aami_classes(["N", "+", "!"])
        assert to_aami_classes(["N", "+"], other="none").tolist() == ["N", "none"]
        assert to_aami_classes(["?"], reassign={"?": "Q"}).tolist() == ["Q"]

    def test_refuses_other_classes(self):
        with pytest.raises(ValueError, match="reassign must map to N, S, V, F, Q"):
            to_aami_classes(["N"], reassign={"e": "SVEB"})


class TestPublishedFigures:
    def test_de_chazal(self):
        # Table of Mondejar-Guerra et al.: accuracy, mean sensitivity, j-kappa.
        report = aami_report(*labels_of(DE_CHAZAL_2004), labels="NSVF", output="dict")
        assert round(report["overall"]["accuracy"], 3) == 0.862
        assert round(np.mean([report[c]["sensitivity"] for c in "NSVF"]), 3) == 0.832
        assert round(report["overall"]["j_kappa"], 3) == 0.612
        # Of the original: positive predictivity 38.5 % for S, and 81.9 % for V, which it
        # has only if fusion beats called V do not count.
        assert round(report["S"]["positive_predictivity"], 3) == 0.385
        assert round(report["V"]["positive_predictivity"], 3) == 0.819
        plain = aami_report(*labels_of(DE_CHAZAL_2004), labels="NSVF", ec57=False, output="dict")
        assert round(plain["V"]["positive_predictivity"], 3) == 0.817

    def test_mondejar_single_svm(self):
        report = aami_report(*labels_of(MONDEJAR_2019_SINGLE_SVM), labels="NSVF", output="dict")
        assert round(report["overall"]["accuracy"], 3) == 0.884
        assert round(np.mean([report[c]["sensitivity"] for c in "NSVF"]), 3) == 0.696
        assert round(report["overall"]["j_kappa"], 3) == 0.640


class TestByHand:
    # Five classes; every entry that EC57 leaves out of the false positives is not zero.
    matrix = (
        (50, 4, 3, 2, 1),
        (3, 20, 2, 0, 0),
        (1, 2, 16, 1, 0),
        (1, 1, 5, 3, 0),
        (2, 3, 4, 0, 6),
    )

    def test_ec57(self):
        report = aami_report(*labels_of(self.matrix), output="dict")
        n, s, v = (report[c] for c in "NSV")
        assert n["sensitivity"] == pytest.approx(50 / 60)
        assert n["positive_predictivity"] == pytest.approx(50 / 57)
        # S: 4 + 2 + 1 false positives, the 3 of class Q left out; 130 beats in all.
        assert s["sensitivity"] == pytest.approx(20 / 25)
        assert s["positive_predictivity"] == pytest.approx(20 / 27)
        assert s["false_positive_rate"] == pytest.approx(7 / (7 + 105 - 10))
        # V: 3 + 2 false positives, the 5 + 4 of classes F and Q left out.
        assert v["sensitivity"] == pytest.approx(16 / 20)
        assert v["positive_predictivity"] == pytest.approx(16 / 21)
        assert v["false_positive_rate"] == pytest.approx(5 / (5 + 110 - 14))
        assert v["f1"] == pytest.approx(2 * 16 / (2 * 16 + 5 + 4))
        assert [report[c]["beats"] for c in "NSVFQ"] == [60, 25, 20, 10, 15]
        overall = report["overall"]
        assert overall["beats"] == 130
        assert overall["accuracy"] == pytest.approx(95 / 130)
        chance = (60 * 57 + 25 * 30 + 20 * 30 + 10 * 6 + 15 * 7) / 130**2
        kappa = (95 / 130 - chance) / (1 - chance)
        assert overall["kappa"] == pytest.approx(kappa)
        j_index = 20 / 25 + 20 / 27 + 16 / 20 + 16 / 21
        assert overall["j_index"] == pytest.approx(j_index)
        assert overall["j_kappa"] == pytest.approx(kappa / 2 + j_index / 8)
        np.testing.assert_array_equal(report["confusion_matrix"], self.matrix)

    def test_all_confusions_counted(self):
        report = aami_report(*labels_of(self.matrix), ec57=False, output="dict")
        assert report["S"]["positive_predictivity"] == pytest.approx(20 / 30)
        assert report["V"]["positive_predictivity"] == pytest.approx(16 / 30)
        assert report["V"]["false_positive_rate"] == pytest.approx(14 / 110)

    def test_four_classes_leave_out_beats_of_the_fifth(self):
        confusion = aami_confusion_matrix(*labels_of(self.matrix), labels="NSVF")
        np.testing.assert_array_equal(confusion, np.array(self.matrix)[:4, :4])

    def test_weights_count_as_copies(self):
        true, pred = labels_of(self.matrix)
        weight = np.arange(len(true)) % 3
        copied = aami_confusion_matrix(np.repeat(true, weight), np.repeat(pred, weight))
        weighted = aami_confusion_matrix(true, pred, sample_weight=weight)
        np.testing.assert_array_equal(weighted, copied)
        assert j_kappa_score(true, pred, sample_weight=weight) == pytest.approx(
            j_kappa_score(np.repeat(true, weight), np.repeat(pred, weight))
        )


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(*[st.sampled_from("NSVFQ")] * 2), min_size=1, max_size=40))
def test_agrees_with_sklearn(pairs):
    true, pred = map(list, zip(*pairs, strict=True))
    report = aami_report(true, pred, ec57=False, output="dict")
    letters = list("NSVFQ")
    for name, function in (
        ("sensitivity", recall_score),
        ("positive_predictivity", precision_score),
        ("f1", f1_score),
    ):
        expected = function(true, pred, labels=letters, average=None, zero_division=np.nan)
        np.testing.assert_allclose([report[c][name] for c in letters], expected)
    overall = report["overall"]
    np.testing.assert_allclose(overall["accuracy"], accuracy_score(true, pred))
    np.testing.assert_allclose(overall["macro_f1"], f1_score(true, pred, average="macro"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_allclose(overall["kappa"], cohen_kappa_score(true, pred), atol=1e-12)
    np.testing.assert_array_equal(
        report["confusion_matrix"], confusion_matrix(true, pred, labels=letters)
    )


class TestLabels:
    true, pred = labels_of(TestByHand.matrix)

    def numbers(self, y):
        return np.array(["NSVFQ".index(c) for c in y])

    def test_numbers_in_any_order(self):
        expected = j_kappa_score(self.true, self.pred)
        numbers = self.numbers(self.true), self.numbers(self.pred)
        assert j_kappa_score(*numbers, labels=range(5)) == expected
        turned = 4 - numbers[0], 4 - numbers[1]
        assert j_kappa_score(*turned, labels=(4, 3, 2, 1, 0)) == expected

    def test_pandas_and_objects(self):
        expected = j_kappa_score(self.true, self.pred)
        assert j_kappa_score(pd.Series(self.true, dtype="category"), list(self.pred)) == expected
        assert j_kappa_score(self.true.astype(object), pd.Series(self.pred)) == expected

    def test_sequences(self):
        np.testing.assert_array_equal(
            aami_confusion_matrix(self.true.reshape(13, 10), self.pred.reshape(13, 10)),
            TestByHand.matrix,
        )

    def test_three_classes(self):
        confusion = aami_confusion_matrix(["N", "S", "V"], ["N", "V", "V"], labels="NSV")
        np.testing.assert_array_equal(confusion, [[1, 0, 0], [0, 0, 1], [0, 0, 1]])
        assert j_index_score(["N", "S", "V"], ["N", "V", "V"], labels="NSV") == 1.5

    @pytest.mark.parametrize(
        ("true", "pred", "options", "message"),
        [
            (["N", "L"], ["N", "N"], {}, r"y_true holds \['L'\].*to_aami_classes"),
            ([0, 1], [0, 1], {}, r"holds \[0, 1\].*labels for N, S, V, F and Q in labels"),
            (["N", "S"], ["N", "x"], {}, "y_pred holds"),
            (["N", "S"], ["N"], {}, "of one shape"),
            ([], [], {}, "no beat"),
            (["Q"], ["Q"], {"labels": "NSVF"}, "no beat of the classes"),
            (["N"], ["N"], {"labels": "NS"}, "3 to 5 different labels"),
            (["N"], ["N"], {"labels": "NNSV"}, "3 to 5 different labels"),
            (np.array(["N", None], dtype=object), ["N", "N"], {}, "labels of one kind"),
        ],
    )
    def test_says_what_is_wrong(self, true, pred, options, message):
        with pytest.raises(ValueError, match=message):
            aami_confusion_matrix(true, pred, **options)


class TestUndefined:
    def test_never_predicted_earns_nothing(self):
        true, pred = ["N", "S", "V"], ["N", "N", "V"]
        assert j_index_score(true, pred) == 2.0
        report = aami_report(true, pred, output="dict")
        assert np.isnan(report["S"]["positive_predictivity"])
        assert report["overall"]["j_index"] == 2.0

    def test_absent_class_is_warned_of(self):
        true, pred = ["N", "N", "V"], ["N", "S", "V"]
        with pytest.warns(UndefinedMetricWarning, match="no beats of class S"):
            assert j_index_score(true, pred) == 2.0
        with pytest.warns(UndefinedMetricWarning, match="class F"):
            assert aami_score(true, pred, "F_sensitivity") == 0.0
        report = aami_report(true, pred, output="dict")
        assert np.isnan(report["overall"]["j_index"])
        assert np.isnan(report["overall"]["j_kappa"])
        assert report["overall"]["accuracy"] == pytest.approx(2 / 3)

    def test_false_positive_rate_needs_no_beat_of_the_class(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert aami_score(["N", "N"], ["N", "S"], "S_false_positive_rate") == 0.5


class TestScores:
    true, pred = labels_of(TestByHand.matrix)

    def test_every_figure_of_the_report(self):
        report = aami_report(self.true, self.pred, output="dict")
        for name, value in report["overall"].items():
            if name != "beats":
                assert aami_score(self.true, self.pred, name) == pytest.approx(value)
        for letter in "NSVFQ":
            for name, value in report[letter].items():
                if name != "beats":
                    got = aami_score(self.true, self.pred, f"{letter}_{name}")
                    assert got == pytest.approx(value)
        assert j_index_score(self.true, self.pred) == report["overall"]["j_index"]

    @pytest.mark.parametrize("measure", ["X_sensitivity", "S_recall", "j-kappa", "sensitivity"])
    def test_unknown_measures_are_refused_at_once(self, measure):
        with pytest.raises(ValueError, match="measure must be one of accuracy"):
            aami_score(self.true, self.pred, measure)
        with pytest.raises(ValueError, match="measure must be one of accuracy"):
            aami_scorer(measure)

    def test_class_outside_the_labels(self):
        with pytest.raises(ValueError, match="classes N, S, V, F,"):
            aami_scorer("Q_sensitivity", labels="NSVF")

    def test_scorers(self):
        rng = np.random.default_rng(0)
        y = rng.choice(list("NSV"), 300, p=[0.6, 0.2, 0.2])
        X = np.c_[(y == "S") + 0.3 * rng.normal(size=300), (y == "V") + rng.normal(size=300)]
        scoring = {
            "jk": j_kappa_scorer,
            "j": j_index_scorer,
            "S": aami_scorer("S_sensitivity"),
            "fpr": aami_scorer("V_false_positive_rate"),
        }
        search = GridSearchCV(
            DecisionTreeClassifier(random_state=0),
            {"max_depth": [1, 2, 4]},
            scoring=pickle.loads(pickle.dumps(scoring)),
            refit="jk",
            cv=3,
        ).fit(X, y)
        best = search.best_index_
        assert search.cv_results_["mean_test_jk"][best] == search.cv_results_["mean_test_jk"].max()
        assert search.cv_results_["mean_test_fpr"].max() <= 0
        tree = search.best_estimator_
        assert j_kappa_scorer(tree, X, y) == j_kappa_score(y, tree.predict(X))
        assert scoring["fpr"](tree, X, y) == -aami_score(
            y, tree.predict(X), "V_false_positive_rate"
        )

    def test_scorer_with_numbers_as_labels(self):
        y = np.array([0, 0, 1, 2])
        model = DummyClassifier(strategy="most_frequent").fit(y.reshape(-1, 1), y)
        assert aami_scorer("N_sensitivity", labels=range(5))(model, y.reshape(-1, 1), y) == 1.0


class TestReport:
    true, pred = labels_of(TestByHand.matrix)
    patient = np.random.default_rng(0).integers(0, 8, size=130)

    def test_text_holds_the_figures(self):
        text = aami_report(self.true, self.pred)
        lines = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
        assert lines["Se"] == ["0.833", "0.800", "0.800", "0.300", "0.400"]
        assert lines["+P"] == ["0.877", "0.741", "0.762", "0.500", "0.857"]
        assert lines["beats"] == ["60", "25", "20", "10", "15"]
        assert lines["reference"] == ["n", "s", "v", "f", "q"]
        assert lines["Q"] == ["2", "3", "4", "0", "6"]
        assert len({len(line) for line in text.splitlines() if line[:1] in "NSVFQ+b"}) <= 2

    def test_text_with_intervals(self):
        text = aami_report(self.true, self.pred, groups=self.patient, random_state=0)
        report = aami_report(
            self.true, self.pred, groups=self.patient, random_state=0, output="dict"
        )
        low, high = report["intervals"]["overall"]["j_kappa"]
        (line,) = (line for line in text.splitlines() if line.startswith("j-kappa"))
        assert line.split() == [
            "j-kappa",
            f"{report['overall']['j_kappa']:.3f}",
            f"{low:.3f}",
            "to",
            f"{high:.3f}",
        ]
        assert "95%, by bootstrap over patients" in text
        assert max(map(len, text.splitlines())) < 100

    def test_a_class_of_one_patient_has_no_interval_of_what_is_found(self):
        true = np.array(["N", "V", "N", "V", "N", "S", "S", "N"])
        pred = np.array(["N", "V", "N", "N", "N", "S", "N", "S"])
        groups = np.repeat([1, 2, 3, 4], 2)
        report = aami_report(true, pred, labels="NSV", groups=groups, random_state=0, output="dict")
        assert [report[x]["patients"] for x in "NSV"] == [4, 2, 2]
        assert np.isfinite(report["intervals"]["S"]["sensitivity"]).all()
        groups[5] = 4  # both S beats are of one patient
        report = aami_report(true, pred, labels="NSV", groups=groups, random_state=0, output="dict")
        assert [report[x]["patients"] for x in "NSV"] == [4, 1, 2]
        assert np.isnan(report["intervals"]["S"]["sensitivity"]).all()
        assert np.isnan(report["intervals"]["S"]["f1"]).all()
        text = aami_report(true, pred, labels="NSV", groups=groups, random_state=0)
        (line,) = (line for line in text.splitlines() if line.startswith("patients"))
        assert line.split() == ["patients", "4", "1", "2"]

    def test_frame(self):
        frame = aami_report(self.true, self.pred, output="frame")
        report = aami_report(self.true, self.pred, output="dict")
        assert list(frame.columns) == ["value"]
        assert frame.loc[("S", "sensitivity"), "value"] == 0.8
        assert frame.loc[("overall", "kappa"), "value"] == report["overall"]["kappa"]
        wide = frame["value"].unstack()
        assert wide.loc["V", "beats"] == 20
        with_intervals = aami_report(
            self.true, self.pred, groups=self.patient, random_state=0, output="frame"
        )
        row = with_intervals.loc[("S", "sensitivity")]
        assert row["low"] < row["value"] < row["high"]

    def test_refuses_other_outputs(self):
        with pytest.raises(ValueError, match="output must be"):
            aami_report(self.true, self.pred, output="json")
        with pytest.raises(ValueError, match="output must be"):
            aami_report_by_record(self.true, self.pred, record=self.patient, output="json")


class TestBootstrap:
    rng = np.random.default_rng(0)
    patient = rng.integers(0, 12, size=600)
    true = rng.choice(list("NSVFQ"), size=600, p=[0.6, 0.15, 0.15, 0.05, 0.05])
    # Patients differ in how well their beats are recognised.
    pred = np.where(rng.random(600) < 0.5 + patient / 25, true, rng.choice(list("NSVFQ"), 600))

    def test_report_agrees_with_drawing_the_beats(self):
        report = aami_report(
            self.true,
            self.pred,
            groups=self.patient,
            n_resamples=200,
            random_state=3,
            output="dict",
        )
        for measure, pair in (
            ("j_kappa", report["intervals"]["overall"]["j_kappa"]),
            ("S_sensitivity", report["intervals"]["S"]["sensitivity"]),
        ):
            result = patient_bootstrap(
                lambda true, pred, measure=measure: aami_score(true, pred, measure),
                self.true,
                self.pred,
                groups=self.patient,
                n_resamples=200,
                random_state=3,
            )
            np.testing.assert_allclose((result.low, result.high), pair)
            ends = np.percentile(result.resamples, [2.5, 97.5])
            np.testing.assert_allclose((result.low, result.high), ends)
            assert result.score == aami_score(self.true, self.pred, measure)

    def test_wider_than_over_beats(self):
        options = {"n_resamples": 200, "random_state": 0}
        patients = patient_bootstrap(
            accuracy_score, self.true, self.pred, groups=self.patient, **options
        )
        beats = patient_bootstrap(
            accuracy_score, self.true, self.pred, groups=np.arange(600), **options
        )
        assert patients.high - patients.low > 1.5 * (beats.high - beats.low)

    def test_covers(self):
        # 40 patients, each with an accuracy of its own: the interval should hold the mean
        # in about 95 of 100 studies.
        covered = 0
        for seed in range(100):
            rng = np.random.default_rng(seed)
            right = rng.random((40, 50)) < rng.beta(8, 2, size=(40, 1))
            result = patient_bootstrap(
                lambda a, b: np.mean(a == b),
                np.ones(2000),
                right.ravel(),
                groups=np.repeat(np.arange(40), 50),
                n_resamples=200,
                random_state=seed,
            )
            covered += result.low < 0.8 < result.high
        assert covered >= 88

    def test_confidence_level_and_seed(self):
        def interval(**options):
            options = {"n_resamples": 300, "random_state": 0, **options}
            report = aami_report(
                self.true, self.pred, groups=self.patient, output="dict", **options
            )
            return report["intervals"]["overall"]["accuracy"]

        assert interval() == interval()
        assert interval(random_state=1) != interval()
        assert np.diff(interval(confidence_level=0.5)) < np.diff(interval())

    def test_probabilities_and_nan(self):
        proba = np.random.default_rng(0).random(600)
        result = patient_bootstrap(
            roc_auc_score, self.true == "N", proba, groups=self.patient, n_resamples=50
        )
        assert result.low < 0.5 < result.high
        half = patient_bootstrap(
            lambda a, b: np.nan if a[0] == 0 else 1.0,
            np.arange(600),
            np.arange(600),
            groups=np.arange(600) // 300,
            n_resamples=50,
            random_state=0,
        )
        assert (half.low, half.high) == (1.0, 1.0)

    def test_sequences_have_one_patient_each(self):
        patient = np.arange(60) // 6
        options = {"n_resamples": 50, "random_state": 0, "output": "dict"}
        rows = aami_report(
            self.true.reshape(60, 10), self.pred.reshape(60, 10), groups=patient, **options
        )
        flat = aami_report(self.true, self.pred, groups=np.repeat(patient, 10), **options)
        assert rows["intervals"] == flat["intervals"]

    def test_absent_class_has_no_interval(self):
        true, pred = ["N", "S", "V", "N"], ["N", "S", "V", "V"]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            report = aami_report(true, pred, groups=[1, 1, 2, 2], output="dict", random_state=0)
        assert np.isnan(report["intervals"]["F"]["sensitivity"]).all()

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"groups": np.ones(600)}, "at least two patients, got 1"),
            ({"groups": np.ones(599)}, "one entry for each beat"),
            ({"confidence_level": 95}, "confidence_level must be between 0 and 1"),
            ({"n_resamples": 0}, "n_resamples must be a positive integer"),
        ],
    )
    def test_says_what_is_wrong(self, options, message):
        options = {"groups": self.patient, **options}
        with pytest.raises(ValueError, match=message):
            aami_report(self.true, self.pred, **options)
        with pytest.raises(ValueError, match=message):
            patient_bootstrap(accuracy_score, self.true, self.pred, **options)

    def test_lengths_must_agree(self):
        with pytest.raises(ValueError, match=r"of one length, got shapes \(600,\) and \(599,\)"):
            patient_bootstrap(accuracy_score, self.true, self.pred[:-1], groups=self.patient)


class TestByRecord:
    true = ["N"] * 50 + ["V"] * 10 + ["N"] * 30 + ["S"] * 10 + ["Q"] * 5
    pred = ["N"] * 50 + ["V"] * 8 + ["N"] * 40 + ["V"] * 2 + ["Q"] * 5
    record = ("232",) * 60 + ("223",) * 40 + ("102",) * 5

    def test_dict(self):
        report = aami_report_by_record(self.true, self.pred, record=self.record, output="dict")
        assert list(report) == ["102", "223", "232"]
        assert report["232"]["beats"] == 60
        assert report["232"]["V Se"] == 0.8
        assert report["232"]["V +P"] == 1.0
        assert np.isnan(report["232"]["S Se"])
        assert report["223"]["S Se"] == 0.0
        assert report["223"]["V +P"] == 0.0
        assert report["223"]["accuracy"] == 0.75

    def test_sums_to_the_totals(self):
        frame = aami_report_by_record(self.true, self.pred, record=self.record, output="frame")
        assert frame.index.name == "record"
        assert frame["beats"].sum() == 105
        assert frame["S"].sum() == 10
        total = aami_score(self.true, self.pred, "accuracy")
        assert (frame["accuracy"] * frame["beats"]).sum() / 105 == pytest.approx(total)

    def test_text(self):
        text = aami_report_by_record(self.true, self.pred, record=self.record, labels="NSVF")
        head, *rows = text.splitlines()
        assert head.split()[:5] == ["record", "beats", "S", "V", "accuracy"]
        assert [row.split()[0] for row in rows] == ["102", "223", "232"]
        assert rows[0].split() == ["102", "0", "0", "0", "-", "-", "-", "-", "-"]
        assert len({len(row) for row in rows}) == 1

    def test_says_what_is_wrong(self):
        with pytest.raises(ValueError, match="record must have one entry for each beat"):
            aami_report_by_record(self.true, self.pred, record=self.record[1:])
