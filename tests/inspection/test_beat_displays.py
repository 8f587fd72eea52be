import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal

from skecg.inspection import BeatDensityDisplay, BeatExamplesDisplay


def test_one_panel_a_class(beats):
    X, y = beats
    display = BeatExamplesDisplay.from_samples(X, y, fs=100, unit="mV")
    assert [ax.get_title() for ax in display.axes_] == ["N\nn = 60", "S\nn = 10", "V\nn = 30"]
    assert display.axes_[0].get_xlabel() == "Time (s)"
    assert display.axes_[0].get_ylabel() == "Amplitude (mV)"
    assert_allclose(display.lines_[0][0].get_xdata(), np.arange(100) / 100)
    assert len({ax.get_ylim() for ax in display.axes_}) == 1


def test_the_typical_beat_is_nearest_to_the_median(beats):
    X, y = beats
    X = X.copy()
    outlier = np.flatnonzero(y == "V")[0]
    X[outlier] = 5
    display = BeatExamplesDisplay.from_samples(X, y)
    for i, label in enumerate(["N", "S", "V"]):
        members = X[y == label]
        nearest = np.argmin(((members - np.median(members, axis=0)) ** 2).sum(axis=1))
        assert_array_equal(display.lines_[i][0].get_ydata(), members[nearest])
    assert display.axes_[0].get_xlabel() == "Time (samples)"
    assert display.axes_[0].get_ylabel() == "Amplitude"


def test_random_beats_follow_the_seed(beats):
    X, y = beats
    first, again, other = (
        BeatExamplesDisplay.from_samples(X, y, select="random", random_state=seed).beats
        for seed in (0, 0, 1)
    )
    assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    for beat, label in zip(first, ["N", "S", "V"], strict=True):
        assert (X[y == label] == beat).all(axis=1).any()


def test_classes_are_drawn_as_ordered(beats):
    display = BeatExamplesDisplay.from_samples(*beats, classes=["V", "N"])
    assert [ax.get_title()[0] for ax in display.axes_] == ["V", "N"]


def test_each_lead_has_a_trace_and_a_name(beats):
    X, y = beats
    leads = np.stack([X, -X], axis=2)
    display = BeatExamplesDisplay.from_samples(leads, y, lead_names=["MLII", "V1"])
    first, second = display.lines_[2]
    assert_array_equal(first.get_ydata(), -second.get_ydata())
    assert first.get_color() != second.get_color()
    legend = display.axes_[-1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["MLII", "V1"]


def test_more_classes_than_columns(beats):
    X, _ = beats
    display = BeatExamplesDisplay.from_samples(X, np.arange(100) % 7)
    assert len(display.axes_) == 7
    assert len(display.figure_.axes) == 7


def test_panels_take_the_place_of_given_axes(beats):
    figure = Figure()
    display = BeatExamplesDisplay.from_samples(*beats, ax=figure.subplots(1, 3))
    assert display.figure_ is figure
    one = Figure().subplots()
    display = BeatExamplesDisplay.from_samples(*beats, ax=one)
    assert display.figure_ is one.figure
    assert not one.axison
    with pytest.raises(ValueError, match="ax must be 3 axes, got 2"):
        BeatExamplesDisplay.from_samples(*beats, ax=Figure().subplots(1, 2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": ["N", "Q"]}, "Q, of which there is no beat"),
        ({"select": "first"}, "select must be 'typical' or 'random', got 'first'"),
        ({"y": ["N"]}, "inconsistent numbers of samples"),
    ],
)
def test_examples_refuse(beats, change, message):
    X, y = beats
    with pytest.raises(ValueError, match=message):
        BeatExamplesDisplay.from_samples(**{"X": X, "y": y} | change)


@pytest.mark.parametrize("Display", [BeatDensityDisplay, BeatExamplesDisplay])
def test_values_that_are_not_finite_are_refused(beats, Display):
    X, y = beats
    X = X.copy()
    X[3, 4] = np.nan
    labels = (y,) if Display is BeatExamplesDisplay else ()
    with pytest.raises(ValueError, match="Input X contains NaN"):
        Display.from_samples(X, *labels)


def loop_density(X, bins, amplitude_range):
    time = np.concatenate([np.arange(X.shape[1]) for _ in X])
    edges = np.arange(X.shape[1] + 1) - 0.5
    return np.histogram2d(time, X.ravel(), bins=(edges, bins), range=(None, amplitude_range))[
        0
    ] / len(X)


@pytest.mark.parametrize("amplitude_range", [None, (-0.5, 0.75)])
def test_the_density_is_the_histogram(monkeypatch, amplitude_range):
    X = np.random.default_rng(0).normal(size=(50, 20))
    expected = loop_density(X, 16, amplitude_range or (X.min(), X.max()))
    display = BeatDensityDisplay.from_samples(X, bins=16, amplitude_range=amplitude_range)
    assert_allclose(display.density, expected)
    monkeypatch.setattr("skecg.inspection._beats._BLOCK", 100)
    in_blocks = BeatDensityDisplay.from_samples(X, bins=16, amplitude_range=amplitude_range)
    assert_array_equal(in_blocks.density, display.density)


def test_every_beat_is_counted_once_a_time_step(beats):
    X = beats[0]
    density = BeatDensityDisplay.from_samples(X, ignore_padding=False).density
    assert_allclose(density.sum(axis=1), 1)


def test_padding_is_left_out(beats):
    X = beats[0].copy()
    X[0, 50] = 0
    density = BeatDensityDisplay.from_samples(X).density
    assert_allclose(density[:90].sum(axis=1), 1)
    assert_array_equal(density[90:], 0)


def test_integers_are_counted():
    X = np.array([[0, 1], [1, 3]], dtype=np.int16)
    display = BeatDensityDisplay.from_samples(X, bins=3, ignore_padding=False)
    assert_allclose(display.density, [[0.5, 0.5, 0], [0, 0.5, 0.5]])


def test_the_density_is_drawn_where_it_belongs(beats):
    X, y = beats
    display = BeatDensityDisplay.from_samples(X[y == "V"], fs=100, unit="mV", name="V", bins=40)
    ax = display.ax_
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == (
        "V",
        "Time (s)",
        "Amplitude (mV)",
    )
    assert_allclose(ax.get_xlim(), [-0.005, 0.995])
    drawn = display.im_.get_array()
    assert_allclose(drawn.filled(0), display.density.T)
    at_peak = np.argmax(drawn.filled(0)[:, 30])
    assert display.amplitude_edges[at_peak] == pytest.approx(-0.8, abs=0.1)
    assert display.figure_.axes[1].get_ylabel() == "Share of beats"


def test_a_flat_signal_has_a_density():
    density = BeatDensityDisplay.from_samples(np.ones((3, 4)), bins=5).density
    assert_array_equal(density, np.eye(5)[[2] * 4])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bins": 0}, "bins must be a positive integer, got 0"),
        ({"amplitude_range": (1, 1)}, r"amplitude_range must ascend, got \(1, 1\)"),
        ({"X": np.ones((3, 4, 2))}, "dim 3"),
    ],
)
def test_density_refuses(beats, arguments, message):
    with pytest.raises(ValueError, match=message):
        BeatDensityDisplay.from_samples(**{"X": beats[0]} | arguments)
