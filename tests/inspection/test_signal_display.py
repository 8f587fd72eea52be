import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from numpy.testing import assert_allclose, assert_array_equal

from skecg.inspection import SignalDisplay
from skecg.recordings import ECGRecord


def positions(ax, direction):
    """Where the paper's vertical or horizontal lines are, the small squares' first."""
    axis = 0 if direction == "vertical" else 1
    return [
        np.unique([segment[0, axis] for segment in collection.get_segments()])
        for collection in ax.collections
        if isinstance(collection, LineCollection)
        and all(np.ptp(segment[:, axis]) == 0 for segment in collection.get_segments())
    ]


def test_the_traces_are_the_leads(record):
    display = SignalDisplay.from_record(record, start=2, duration=5)
    assert [line.get_label() for line in display.lines_] == ["MLII", "V1"]
    for line, level, lead in zip(display.lines_, display.levels_, record.signal.T, strict=True):
        assert_allclose(line.get_xdata(), np.arange(200, 700) / 100)
        expected = lead[200:700] - np.median(lead[200:700])
        assert_allclose(line.get_ydata() - level, expected, atol=1e-6)


def test_leads_can_be_chosen_and_ordered(record):
    display = SignalDisplay.from_record(record, leads=["V1", "MLII"])
    assert [line.get_label() for line in display.lines_] == ["V1", "MLII"]
    only = SignalDisplay.from_record(record, leads=["V1"])
    assert [line.get_label() for line in only.lines_] == ["V1"]


def test_the_paper_is_ruled_in_millimetres(record):
    ax = SignalDisplay.from_record(record).ax_
    small, large = positions(ax, "vertical")[:2]
    assert_allclose(np.diff(small), 0.04)
    assert_allclose(np.diff(large), 0.2)
    small, large = positions(ax, "horizontal")[:2]
    assert_allclose(np.diff(small), 0.1)
    assert_allclose(np.diff(large), 0.5)
    assert ax.get_title(loc="right") == "25 mm/s, 10 mm/mV"
    assert ax.get_xlabel() == "Time (s)"
    assert ax.get_title(loc="left") == "Recording r1"


def test_a_figure_of_its_own_prints_to_scale(record):
    display = SignalDisplay.from_record(record)
    display.figure_.canvas.draw()
    box = display.ax_.get_window_extent()
    mm = 25.4 / display.figure_.dpi
    (left, right), (bottom, top) = display.ax_.get_xlim(), display.ax_.get_ylim()
    assert box.width * mm / (right - left) == pytest.approx(25, rel=1e-3)
    assert box.height * mm / (top - bottom) == pytest.approx(10, rel=1e-3)


def test_squares_are_square_in_any_axes(record):
    ax = plt.figure(figsize=(4, 9)).add_subplot()
    display = SignalDisplay.from_record(record, ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    ax.figure.canvas.draw()
    box = ax.get_window_extent()
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert (box.height / (top - bottom)) / (box.width / (right - left)) == pytest.approx(0.4)


def test_a_calibration_pulse_of_one_millivolt_stands_before_each_lead(record):
    display = SignalDisplay.from_record(record)
    pulses = [line for line in display.ax_.lines if line.get_label() == "_calibration"]
    assert len(pulses) == 2
    for pulse, level in zip(pulses, display.levels_, strict=True):
        assert_allclose([pulse.get_ydata().min(), pulse.get_ydata().max()], [level, level + 1])
        assert pulse.get_xdata().max() <= 0


def test_rows_do_not_collide():
    signal = np.zeros((500, 3))
    signal[100, 0], signal[200, 1], signal[201, 1], signal[300, 2] = -3, 4, -2, 5
    display = SignalDisplay.from_record(ECGRecord(signal, fs=100, lead_names=list("abc")))
    lines = [line.get_ydata() for line in display.lines_]
    assert lines[0].min() > lines[1].max()
    assert lines[1].min() > lines[2].max()
    bottom, top = display.ax_.get_ylim()
    assert bottom < lines[2].min()
    assert top > lines[0].max()


def test_annotations_stand_at_their_beats(record):
    display = SignalDisplay.from_record(record, start=3, duration=4)
    texts = display.texts_[0]
    assert [text.get_text() for text in texts] == ["N", "V", "N", "N"]
    assert_allclose([text.get_position()[0] for text in texts], [3.5, 4.5, 5.5, 6.5])


def test_rhythm_changes_are_written_below_the_leads(record):
    display = SignalDisplay.from_record(record, duration=3)
    assert [text.get_text() for text in display.texts_[0]] == ["", "N", "N", "N"]
    (note,) = [text for text in display.ax_.texts if text.get_text() == "(N"]
    assert note.get_position()[0] == pytest.approx(0.2)
    assert note.get_position()[1] < display.lines_[-1].get_ydata().min()


def test_a_record_without_annotations_has_no_labels(record):
    bare = ECGRecord(record.signal, fs=100, lead_names=record.lead_names)
    display = SignalDisplay.from_record(bare)
    assert display.texts_ == []
    assert display.ax_.get_title(loc="left") == "Recording"


def test_wrong_predictions_stand_out(record):
    sample = np.arange(50, 2000, 100)
    y_true = np.full(20, "N")
    y_pred = y_true.copy()
    y_pred[3] = "V"
    display = SignalDisplay.from_predictions(record, sample, y_pred, y_true=y_true, duration=8)
    annotated, predicted = display.texts_
    assert [text.get_text() for text in annotated] == ["N"] * 8
    assert [text.get_text() for text in predicted] == ["N"] * 3 + ["V"] + ["N"] * 4
    assert [text.get_fontweight() == "bold" for text in predicted] == [i == 3 for i in range(8)]
    assert len({text.get_color() for text in predicted}) == 2
    assert {"annotated ", "predicted "} <= {text.get_text() for text in display.ax_.texts}


def test_predictions_alone_are_one_row(record):
    display = SignalDisplay.from_predictions(record, [50, 150], [0, 1])
    assert [text.get_text() for text in display.texts_[0]] == ["0", "1"]
    assert not any(text.get_fontweight() == "bold" for text in display.texts_[0])


def test_gaps_stay_gaps(record):
    signal = record.signal.copy()
    signal[100:200, 0] = np.nan
    signal[:, 1] = np.nan
    display = SignalDisplay.from_record(ECGRecord(signal, fs=100, lead_names=["MLII", "V1"]))
    drawn = display.lines_[0].get_ydata()
    assert_array_equal(np.isnan(drawn), np.isnan(signal[:1000, 0]))
    assert np.isfinite(display.ax_.get_ylim()).all()
    display.figure_.canvas.draw()


def test_the_end_of_a_short_recording_stays_empty(record):
    display = SignalDisplay.from_record(record, start=18)
    assert display.lines_[0].get_xdata()[-1] == pytest.approx(19.99)
    assert display.ax_.get_xlim()[1] == pytest.approx(28)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start": -1}, r"start must lie within the recording's 20 s, got -1"),
        ({"start": 20}, r"start must lie within"),
        ({"duration": 0}, r"duration must be a positive number of seconds, got 0"),
        ({"duration": np.nan}, r"duration must be a positive"),
        ({"leads": ["V9"]}, r"no lead named 'V9'"),
    ],
)
def test_a_stretch_that_is_not_there_is_refused(record, arguments, message):
    with pytest.raises(ValueError, match=message):
        SignalDisplay.from_record(record, **arguments)


def test_labels_and_positions_must_match(record):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        SignalDisplay.from_predictions(record, [50, 150], ["N"])


@pytest.mark.parametrize("second", [0.0, 0.05, 0.2])
def test_the_name_of_a_lead_is_beside_an_early_beat(second):
    time = np.arange(2000) / 100
    signal = 1.2 * np.exp(-0.5 * ((time - second) / 0.02) ** 2)
    display = SignalDisplay.from_record(ECGRecord(signal, fs=100, lead_names=["aVL"]))
    display.figure_.canvas.draw()
    (name,) = [t for t in display.ax_.texts if t.get_text() == "aVL"]
    box = name.get_window_extent()
    (line,) = display.lines_
    points = display.ax_.transData.transform(np.column_stack(line.get_data()))
    assert not box.count_contains(points)
    assert name.xy[0] < 1
