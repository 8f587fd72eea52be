"""What every picture must show when it is rendered."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text

from skecg import inspection


def signal(record, twelve_leads, beats):
    return inspection.SignalDisplay.from_predictions(
        record, [50, 150, 250], list("NVN"), y_true=list("NNN"), duration=5
    )


def twelve_lead(record, twelve_leads, beats):
    return inspection.TwelveLeadDisplay.from_record(twelve_leads)


def examples(record, twelve_leads, beats):
    return inspection.BeatExamplesDisplay.from_samples(*beats, fs=100)


def density(record, twelve_leads, beats):
    return inspection.BeatDensityDisplay.from_samples(beats[0], fs=100, name="All beats")


def shares(record, twelve_leads, beats):
    return inspection.ClassSharesDisplay.from_labels(beats[1], list("NSV") * 9)


def history(record, twelve_leads, beats):
    values = {"loss": [3, 2, 1], "val_loss": [3, 1, 2], "accuracy": [0.3, 0.4, 0.5]}
    return inspection.TrainingHistoryDisplay(values).plot()


def confusion(record, twelve_leads, beats):
    y = beats[1]
    return inspection.NormalizedConfusionMatrixDisplay.from_predictions(y, np.roll(y, 7))


def calibration(record, twelve_leads, beats):
    y_proba = np.random.default_rng(0).dirichlet([1, 1, 1], size=100)
    return inspection.ClassCalibrationDisplay.from_predictions(beats[1], y_proba)


def saliency(record, twelve_leads, beats):
    X = beats[0][:2]
    titles = ["predicted N (0.91), true N", "predicted N (0.52), true V"]
    return inspection.SaliencyDisplay(X, np.abs(X) / np.abs(X).max(), titles, fs=100).plot()


MANY = np.array([f"class {i:02} with a long name" for i in range(12)])


def signal_with_names(record, twelve_leads, beats):
    names = ["normal beat", "supraventricular ectopic beat", "ventricular ectopic beat"]
    return inspection.SignalDisplay.from_predictions(
        record, [50, 150, 250], names, y_true=names[:1] * 3, duration=5
    )


def one_second(record, twelve_leads, beats):
    return inspection.SignalDisplay.from_record(record, duration=1)


def shares_of_many(record, twelve_leads, beats):
    y = np.repeat(MANY, 1000 * np.arange(1, 13))
    return inspection.ClassSharesDisplay.from_labels(y, MANY)


def confusion_of_many(record, twelve_leads, beats):
    y = np.tile(MANY, 20)
    return inspection.NormalizedConfusionMatrixDisplay.from_predictions(y, np.roll(y, 7))


def confusion_with_names(record, twelve_leads, beats):
    y = np.repeat(["normal beat", "supraventricular ectopic beat", "paced"], 1000)
    return inspection.NormalizedConfusionMatrixDisplay.from_predictions(y, np.roll(y, 7))


def calibration_of_many(record, twelve_leads, beats):
    y_proba = np.random.default_rng(0).dirichlet(np.ones(12), size=240)
    return inspection.ClassCalibrationDisplay.from_predictions(np.tile(MANY, 20), y_proba)


PICTURES = {
    "SignalDisplay": signal,
    "TwelveLeadDisplay": twelve_lead,
    "BeatExamplesDisplay": examples,
    "BeatDensityDisplay": density,
    "ClassSharesDisplay": shares,
    "TrainingHistoryDisplay": history,
    "NormalizedConfusionMatrixDisplay": confusion,
    "ClassCalibrationDisplay": calibration,
    "SaliencyDisplay": saliency,
    "SignalDisplay, long names": signal_with_names,
    "SignalDisplay, one second": one_second,
    "ClassSharesDisplay, many classes": shares_of_many,
    "NormalizedConfusionMatrixDisplay, many classes": confusion_of_many,
    "NormalizedConfusionMatrixDisplay, long names": confusion_with_names,
    "ClassCalibrationDisplay, many classes": calibration_of_many,
}


@pytest.fixture(params=PICTURES)
def display(request, record, twelve_leads, beats):
    return PICTURES[request.param](record, twelve_leads, beats)


def render(figure):
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).astype(int)[..., :3]


def test_every_display_is_looked_at():
    looked_at = {name.split(",")[0] for name in PICTURES}
    assert looked_at == {name for name in inspection.__all__ if name.endswith("Display")}


def test_the_data_can_be_seen(display):
    shown = render(display.figure_)
    axes = getattr(display, "axes_", None)
    for ax in [display.ax_] if axes is None else axes:
        data = [*ax.lines, *ax.collections, *ax.images, *ax.patches]
        visible = [artist.get_visible() for artist in data]
        for artist in data:
            artist.set_visible(False)
        difference = np.abs(render(display.figure_) - shown).max(axis=2) > 40
        for artist, was in zip(data, visible, strict=True):
            artist.set_visible(was)
        box = ax.get_window_extent()
        assert difference.sum() > 0.005 * box.width * box.height


def test_no_text_covers_another_or_leaves_the_figure(display, monkeypatch):
    figure = display.figure_
    figure.canvas.draw()
    drawn = set()
    draw = Text.draw
    monkeypatch.setattr(Text, "draw", lambda text, *args: drawn.add(text) or draw(text, *args))
    figure.canvas.draw()
    texts = [text for text in drawn if text.get_text().strip()]
    boxes = [text.get_window_extent() for text in texts]
    assert boxes
    canvas = figure.bbox.padded(1)
    for text, box in zip(texts, boxes, strict=True):
        assert canvas.contains(box.x0, box.y0), text
        assert canvas.contains(box.x1, box.y1), text
    for (text, box), (other, other_box) in combinations(zip(texts, boxes, strict=True), 2):
        width = min(box.x1, other_box.x1) - max(box.x0, other_box.x0)
        height = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
        assert width <= 1 or height <= 2, (text, other)


def test_plotting_again_makes_another_figure(display):
    figure = display.figure_
    assert display.plot() is display
    assert display.figure_ is not figure
