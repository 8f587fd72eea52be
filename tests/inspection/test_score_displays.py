import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, recall_score

from skecg.inspection import (
    ClassCalibrationDisplay,
    ClassSharesDisplay,
    NormalizedConfusionMatrixDisplay,
)

Y_TRUE = np.repeat(["N", "S", "V"], [8, 2, 5])
Y_PRED = np.array(["N"] * 7 + ["V"] + ["N"] * 2 + ["V"] * 4 + ["S"])


def test_rows_are_shares_and_the_diagonal_is_sensitivity():
    display = NormalizedConfusionMatrixDisplay.from_predictions(Y_TRUE, Y_PRED)
    assert isinstance(display, ConfusionMatrixDisplay)
    assert_allclose(display.confusion_matrix.sum(axis=1), 1)
    sensitivity = recall_score(Y_TRUE, Y_PRED, average=None)
    assert_allclose(display.confusion_matrix.diagonal(), sensitivity)
    assert_array_equal(display.im_.get_array(), display.confusion_matrix)
    assert_array_equal(display.counts, [[7, 0, 1], [2, 0, 0], [0, 1, 4]])


def test_colours_mean_the_same_in_every_matrix():
    display = NormalizedConfusionMatrixDisplay.from_predictions([0, 0, 1, 1], [0, 1, 0, 1])
    assert display.im_.get_clim() == (0, 1)


def test_cells_tell_share_and_count():
    display = NormalizedConfusionMatrixDisplay.from_predictions(Y_TRUE, Y_PRED)
    texts = [[text.get_text() for text in row] for row in display.text_]
    assert texts == [
        ["0.88\n7", "0.00\n0", "0.12\n1"],
        ["1.00\n2", "0.00\n0", "0.00\n0"],
        ["0.00\n0", "0.20\n1", "0.80\n4"],
    ]
    assert display.ax_.get_xlabel() == "Predicted label"
    assert display.ax_.get_ylabel() == "True label"


def test_a_class_that_did_not_occur_has_no_shares():
    labels = ["N", "S", "V", "F"]
    display = NormalizedConfusionMatrixDisplay.from_predictions(Y_TRUE, Y_PRED, labels=labels)
    assert [text.get_text() for text in display.text_[3]] == ["-"] * 4
    assert [tick.get_text() for tick in display.ax_.get_xticklabels()] == labels
    assert np.isfinite(display.confusion_matrix).all()


def test_weights_count():
    weight = np.where(Y_TRUE == Y_PRED, 0.5, 1)
    display = NormalizedConfusionMatrixDisplay.from_predictions(
        Y_TRUE, Y_PRED, sample_weight=weight, display_labels=["a", "b", "c"], colorbar=False
    )
    assert display.text_[0, 0].get_text() == "0.78\n3.5"
    assert len(display.figure_.axes) == 1


def test_confusion_of_an_estimator():
    X = np.arange(15.0).reshape(-1, 1)
    classifier = LogisticRegression().fit(X, Y_TRUE)
    ax = Figure().subplots()
    display = NormalizedConfusionMatrixDisplay.from_estimator(classifier, X, Y_TRUE, ax=ax)
    expected = NormalizedConfusionMatrixDisplay.from_predictions(Y_TRUE, classifier.predict(X))
    assert_array_equal(display.counts, expected.counts)
    assert display.ax_ is ax


def test_the_names_of_columns_can_be_turned():
    def rotation(**options):
        display = NormalizedConfusionMatrixDisplay.from_predictions(Y_TRUE, Y_PRED, **options)
        return display.ax_.get_xticklabels()[0].get_rotation()

    assert rotation() == 0
    assert rotation(display_labels=["a" * 30, "b", "c"]) == 90
    assert rotation(xticks_rotation=45) == 45


def test_twelve_classes_can_be_told_apart():
    y_proba = np.random.default_rng(0).dirichlet(np.ones(12), size=240)
    display = ClassCalibrationDisplay.from_predictions(np.arange(240) % 12, y_proba)
    looks = {(x.get_color(), x.get_marker(), x.get_linestyle()) for x in display.lines_.values()}
    assert len(looks) == 12


def test_confusion_needs_a_classifier():
    with pytest.raises(ValueError, match="estimator must be a classifier, got LinearRegression"):
        NormalizedConfusionMatrixDisplay.from_estimator(LinearRegression(), [[0]], [0])


@pytest.fixture
def probabilities():
    rng = np.random.default_rng(0)
    y_proba = rng.dirichlet([1, 1, 1], size=500)
    return np.array([rng.choice(["N", "S", "V"], p=p) for p in y_proba]), y_proba


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_each_curve_is_one_class_against_the_rest(probabilities, strategy):
    y_true, y_proba = probabilities
    display = ClassCalibrationDisplay.from_predictions(y_true, y_proba, n_bins=5, strategy=strategy)
    for column, name in enumerate(["N", "S", "V"]):
        prob_true, prob_pred = calibration_curve(
            y_true == name, y_proba[:, column], n_bins=5, strategy=strategy
        )
        assert_allclose(display.lines_[name].get_xdata(), prob_pred)
        assert_allclose(display.lines_[name].get_ydata(), prob_true)
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["Perfectly calibrated", "N", "S", "V"]
    assert display.ax_.get_xlabel() == "Mean predicted probability of the class"
    assert len({line.get_marker() for line in display.lines_.values()}) == 3


def test_of_two_classes_one_is_enough():
    display = ClassCalibrationDisplay.from_predictions([0, 1, 1], [[0.9, 0.1]] + [[0.2, 0.8]] * 2)
    assert list(display.lines_) == ["1"]


def test_a_class_without_samples_is_drawn_at_zero():
    y_proba = [[0.7, 0.2, 0.1]] * 4
    display = ClassCalibrationDisplay.from_predictions(list("NNVV"), y_proba, classes=list("NVQ"))
    assert_array_equal(display.lines_["Q"].get_ydata(), [0])


def test_calibration_of_an_estimator(probabilities):
    y_true, y_proba = probabilities
    classifier = LogisticRegression().fit(y_proba, y_true)
    display = ClassCalibrationDisplay.from_estimator(classifier, y_proba, y_true)
    expected = ClassCalibrationDisplay.from_predictions(y_true, classifier.predict_proba(y_proba))
    assert_array_equal(display.lines_["S"].get_ydata(), expected.lines_["S"].get_ydata())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": ["N", "S"]}, "y_proba has 3 columns for 2 classes"),
        ({"classes": ["N", "S", "Q"]}, r"y_true has \['V'\], not among the classes"),
        ({"y_true": ["N"]}, "inconsistent numbers of samples"),
        ({"y_proba": np.full((500, 3), np.nan)}, "y_proba contains NaN"),
    ],
)
def test_calibration_refuses(probabilities, arguments, message):
    y_true, y_proba = probabilities
    with pytest.raises(ValueError, match=message):
        ClassCalibrationDisplay.from_predictions(
            **{"y_true": y_true, "y_proba": y_proba} | arguments
        )


def test_an_aami_class_has_one_colour_in_all_pictures():
    y = np.array(list("NSVFQ") * 4)
    proba = np.eye(5)[np.tile(np.arange(5), 4)]
    curves = ClassCalibrationDisplay.from_predictions(y, proba, classes=list("NSVFQ")).lines_
    (wedges,) = ClassSharesDisplay.from_labels(y).wedges_  # sorted: F first
    for name in "NSVFQ":
        assert to_hex(curves[name].get_color()) == to_hex(wedges[name].get_facecolor())
    assert len({to_hex(line.get_color()) for line in curves.values()}) == 5
