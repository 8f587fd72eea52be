import numpy as np
import pytest
from imblearn.under_sampling import RandomUnderSampler
from numpy.testing import assert_array_equal

from skecg.inspection import ClassSharesDisplay

Y = np.repeat(["N", "S", "V"], [90, 2, 8])


def angles(wedges):
    return {name: wedge.theta2 - wedge.theta1 for name, wedge in wedges.items()}


def test_wedges_are_the_shares():
    display = ClassSharesDisplay.from_labels(Y)
    (wedges,) = display.wedges_
    shares = {name: angle / 360 for name, angle in angles(wedges).items()}
    assert shares == pytest.approx({"N": 0.9, "S": 0.02, "V": 0.08}, rel=1e-4)
    legend = [text.get_text() for text in display.axes_[0].get_legend().get_texts()]
    assert legend == ["N: 90 (90.0%)", "S: 2 (2.0%)", "V: 8 (8.0%)"]
    assert "100\nsamples" in [text.get_text() for text in display.axes_[0].texts]


def test_a_class_that_is_there_is_no_zero():
    display = ClassSharesDisplay.from_labels(np.repeat(["N", "Q"], [10_000, 2]))
    legend = [text.get_text() for text in display.axes_[0].get_legend().get_texts()]
    assert legend[1] == "Q: 2 (below 0.1%)"


def test_thin_wedges_are_named_in_the_legend_only():
    texts = [text.get_text() for text in ClassSharesDisplay.from_labels(Y).axes_[0].texts]
    assert "V" in texts
    assert "S" not in texts


def test_before_and_after_share_classes_and_colours():
    display = ClassSharesDisplay.from_labels(Y, ["V"] * 5 + ["N"] * 5, classes=["V", "N", "S"])
    assert_array_equal(display.counts, [[8, 90, 2], [5, 5, 0]])
    before, after = display.wedges_
    assert [w.get_facecolor() for w in before.values()] == [
        w.get_facecolor() for w in after.values()
    ]
    assert list(before) == ["V", "N", "S"]
    titles = [ax.get_title() for ax in display.axes_]
    assert titles == ["Before resampling", "After resampling"]


def test_a_sampler_is_shown_at_work():
    X = np.arange(300).reshape(100, 3)
    display = ClassSharesDisplay.from_sampler(RandomUnderSampler(random_state=0), X, Y)
    assert_array_equal(display.counts, [[90, 2, 8], [2, 2, 2]])


def test_twelve_classes_can_be_told_apart():
    (wedges,) = ClassSharesDisplay.from_labels(np.arange(24) % 12).wedges_
    assert len({(w.get_facecolor(), w.get_hatch()) for w in wedges.values()}) == 12


def test_integer_labels():
    assert list(ClassSharesDisplay.from_labels([1, 0, 1]).wedges_[0]) == ["0", "1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": []}, "must not be empty"),
        ({"y": Y, "y_resampled": []}, "must not be empty"),
        ({"y": Y, "classes": ["N", "V"]}, r"classes lacks \['S'\], found in y"),
        ({"y": np.ones((3, 2))}, "y should be a 1d array"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        ClassSharesDisplay.from_labels(**arguments)
