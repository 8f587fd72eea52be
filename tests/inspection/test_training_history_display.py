from types import SimpleNamespace

import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_array_equal
from sklearn.pipeline import Pipeline

from skecg.inspection import TrainingHistoryDisplay

HISTORY = {
    "accuracy": [0.5, 0.7, 0.8],
    "loss": [0.9, 0.5, 0.3],
    "val_accuracy": [0.4, 0.6, 0.5],
    "val_loss": [0.8, 0.6, 0.7],
}


def test_curves_are_the_history():
    display = TrainingHistoryDisplay(HISTORY).plot()
    assert set(display.lines_) == set(HISTORY)
    for name, values in HISTORY.items():
        (line,) = display.lines_[name]
        assert_array_equal(line.get_xdata(), [1, 2, 3])
        assert_array_equal(line.get_ydata(), values)
    assert [ax.get_ylabel() for ax in display.axes_] == ["Loss", "Accuracy"]
    assert [ax.get_xlabel() for ax in display.axes_] == ["Epoch", "Epoch"]


def test_training_and_validation_differ_by_more_than_colour():
    display = TrainingHistoryDisplay(HISTORY).plot()
    (training,), (validation,) = display.lines_["loss"], display.lines_["val_loss"]
    assert training.get_label() == "training"
    assert validation.get_label() == "validation"
    assert training.get_linestyle() != validation.get_linestyle()


def test_the_least_validation_loss_is_marked():
    display = TrainingHistoryDisplay(HISTORY).plot()
    for ax in display.axes_:
        (mark,) = [line for line in ax.lines if line.get_label() == "least validation loss"]
        assert_array_equal(mark.get_xdata(), [2, 2])


def test_history_without_validation():
    display = TrainingHistoryDisplay({"loss": [1.0]}).plot()
    assert list(display.lines_) == ["loss"]
    assert len(display.axes_[0].lines) == 1
    assert display.lines_["loss"][0].get_marker() == "."


def test_metrics_can_be_chosen():
    display = TrainingHistoryDisplay(HISTORY).plot(metrics=["accuracy"], ax=[Figure().subplots()])
    assert set(display.lines_) == {"accuracy", "val_accuracy"}


def fitted(**attributes):
    return SimpleNamespace(**attributes)


NETWORK = fitted(history_=HISTORY)
OTHER = fitted(history_={"loss": [0.7, 0.4]})


@pytest.mark.parametrize(
    ("estimator", "n_histories"),
    [
        (NETWORK, 1),
        (Pipeline([("scale", "passthrough"), ("net", NETWORK)]), 1),
        (fitted(best_estimator_=Pipeline([("net", NETWORK)])), 1),
        (fitted(estimator_=Pipeline([("net", NETWORK)])), 1),
        (fitted(estimators_=[NETWORK, Pipeline([("net", OTHER)])]), 2),
    ],
    ids=["network", "pipeline", "search", "early stopping", "ensemble"],
)
def test_the_history_is_found(estimator, n_histories):
    display = TrainingHistoryDisplay.from_estimator(estimator)
    assert len(display.lines_["loss"]) == n_histories
    assert_array_equal(display.lines_["loss"][0].get_ydata(), HISTORY["loss"])
    labels = [line.get_label() for line in display.lines_["loss"]]
    assert [label for label in labels if not label.startswith("_")] == ["training"]
    marks = [line for line in display.axes_[0].lines if line.get_linestyle() == ":"]
    assert len(marks) == (n_histories == 1)


def test_an_estimator_without_history_is_refused():
    with pytest.raises(ValueError, match="this Pipeline has no history_"):
        TrainingHistoryDisplay.from_estimator(Pipeline([("scale", "passthrough")]))


def test_an_empty_history_and_an_unknown_metric_are_refused():
    with pytest.raises(ValueError, match="history is empty"):
        TrainingHistoryDisplay({}).plot()
    with pytest.raises(ValueError, match="metrics must be among accuracy, loss, got auc"):
        TrainingHistoryDisplay(HISTORY).plot(metrics=["auc"])
