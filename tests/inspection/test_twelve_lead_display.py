import numpy as np
import pytest
from numpy.testing import assert_allclose

from skecg.inspection import TwelveLeadDisplay
from skecg.recordings import ECGRecord


def amplitude(line, level):
    return np.max(line.get_ydata() - level)


def test_each_lead_is_in_its_place(twelve_leads):
    display = TwelveLeadDisplay.from_record(twelve_leads)
    lines, levels = display.lines_, display.levels_
    columns = [
        ("I", "II", "III"),
        ("aVR", "aVL", "aVF"),
        ("V1", "V2", "V3"),
        ("V4", "V5", "V6"),
    ]
    for column, leads in enumerate(columns):
        for lead in leads:
            time = lines[lead].get_xdata()
            assert_allclose([time[0], time[-1]], [2.5 * column, 2.5 * column + 2.498])
    for row in range(3):
        assert len({levels[leads[row]] for leads in columns}) == 1
    assert levels["I"] > levels["II"] > levels["III"] > 0


def test_each_trace_is_its_own_lead(twelve_leads):
    display = TwelveLeadDisplay.from_record(twelve_leads)
    for lead, line in display.lines_.items():
        begin = round(line.get_xdata()[0] * 500)
        expected = twelve_leads.lead(lead)[begin : begin + 1250]
        assert_allclose(line.get_ydata() - display.levels_[lead], expected, atol=1e-6)
    assert len(display.lines_) == 12


def test_the_rhythm_strip_runs_over_the_whole_time(twelve_leads):
    display = TwelveLeadDisplay.from_record(twelve_leads, rhythm="V1")
    assert_allclose(display.rhythm_line_.get_ydata(), twelve_leads.lead("V1"), atol=1e-6)
    assert display.rhythm_line_.get_label() == "V1"
    assert TwelveLeadDisplay.from_record(twelve_leads, rhythm=None).rhythm_line_ is None


@pytest.mark.parametrize(("layout", "rows", "seconds"), [("6x2", 6, 5), ("12x1", 12, 10)])
def test_other_layouts(twelve_leads, layout, rows, seconds):
    display = TwelveLeadDisplay.from_record(twelve_leads, layout=layout)
    assert len(set(display.levels_.values())) == rows
    for line in display.lines_.values():
        assert np.ptp(line.get_xdata()) == pytest.approx(seconds, abs=0.01)
    assert (display.rhythm_line_ is None) == (layout == "12x1")


def test_the_sheet_prints_to_scale(twelve_leads):
    display = TwelveLeadDisplay.from_record(twelve_leads)
    display.figure_.canvas.draw()
    box = display.ax_.get_window_extent()
    mm = 25.4 / display.figure_.dpi
    assert box.width * mm / np.ptp(display.ax_.get_xlim()) == pytest.approx(25, rel=1e-3)
    assert box.height * mm / np.ptp(display.ax_.get_ylim()) == pytest.approx(10, rel=1e-3)
    assert display.ax_.get_title(loc="left") == "12-lead ECG, recording r12"


def test_every_lead_is_named(twelve_leads):
    texts = [text.get_text() for text in TwelveLeadDisplay.from_record(twelve_leads).ax_.texts]
    assert sorted(texts) == sorted([*twelve_leads.lead_names, "II"])


def test_a_lead_too_few_is_refused(twelve_leads):
    eleven = twelve_leads.select_leads(twelve_leads.lead_names[:-1])
    with pytest.raises(ValueError, match="no lead named 'I'"):
        TwelveLeadDisplay.from_record(eleven)


def test_an_unknown_layout_is_refused(twelve_leads):
    with pytest.raises(ValueError, match="layout must be one of 3x4, 6x2, 12x1, got '4x3'"):
        TwelveLeadDisplay.from_record(twelve_leads, layout="4x3")


def test_a_sheet_longer_than_the_recording_keeps_its_columns(twelve_leads):
    short = ECGRecord(twelve_leads.signal[:3000], fs=500, lead_names=twelve_leads.lead_names)
    display = TwelveLeadDisplay.from_record(short)
    assert display.lines_["V1"].get_xdata()[0] == pytest.approx(5)
    assert len(display.lines_["V4"].get_xdata()) == 0
