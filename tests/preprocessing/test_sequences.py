import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skecg.preprocessing import flatten_sequences, make_beat_sequences

N = 23
X = np.arange(N * 5).reshape(N, 5)
Y = np.array(list("NSVNNSVNNSVNNSVNNSVNNSV"))
RECORD = np.repeat(["b", "a", "c"], [11, 9, 3])
POSITION = np.r_[np.arange(11), np.arange(100, 109), [3, 5, 9]]


def test_sequences_are_the_consecutive_beats_of_one_recording():
    made = make_beat_sequences(X, Y, RECORD, POSITION, 4)
    assert_array_equal(made.index, np.r_[0:8, 11:19].reshape(4, 4))
    assert_array_equal(made.data, X[made.index])
    assert_array_equal(made.target, Y[made.index])
    assert_array_equal(made.groups, ["b", "b", "a", "a"])
    assert_array_equal(made.leftover, [8, 9, 10, 19, 20, 21, 22])


@pytest.mark.parametrize("leftover", ["drop", "overlap"])
@pytest.mark.parametrize("n_beats", [1, 2, 3, 7])
def test_the_way_back_gives_each_beat_its_own(n_beats, leftover):
    made = make_beat_sequences(X, Y, RECORD, POSITION, n_beats, leftover=leftover)
    assert made.data.shape == (len(made.index), n_beats, 5)
    assert_array_equal(flatten_sequences(made.target, made.index), np.delete(Y, made.leftover))
    assert_array_equal(
        flatten_sequences(made.data, made.index), np.delete(X, made.leftover, axis=0)
    )


def test_an_overlapping_sequence_takes_what_is_left():
    made = make_beat_sequences(X, Y, RECORD, POSITION, 4, leftover="overlap")
    assert_array_equal(made.index[:, 0], [0, 4, 7, 11, 15, 16])
    assert_array_equal(made.leftover, [20, 21, 22])  # a recording of three beats has no four
    first = flatten_sequences(np.arange(24).reshape(6, 4), made.index)
    assert_array_equal(first[6:11], [6, 7, 9, 10, 11])  # not 8, the second to hold beat 7


def test_a_gap_begins_a_new_sequence():
    position = POSITION.copy()
    position[5:11] += 2
    made = make_beat_sequences(X, Y, RECORD, position, 4, max_gap=1)
    assert_array_equal(made.index[:, 0], [0, 5, 11, 15])
    assert_array_equal(made.leftover, [4, 9, 10, 19, 20, 21, 22])
    trusting = make_beat_sequences(X, Y, RECORD, position, 4)
    assert_array_equal(trusting.index[:, 0], [0, 4, 11, 15])


def test_several_leads_one_recording_and_no_labels():
    leads = np.stack([X, -X], axis=2)
    made = make_beat_sequences(leads, None, None, np.arange(N), 5)
    assert made.data.shape == (4, 5, 5, 2)
    assert_array_equal(made.data[1, 2], leads[7])
    assert made.target is None
    assert made.groups is None


def shuffled(*arrays):
    order = np.random.default_rng(0).permutation(N)
    return [a[order] for a in arrays]


@pytest.mark.parametrize(
    ("X", "y", "groups", "position", "message"),
    [
        (*shuffled(X, Y, RECORD, POSITION), "not together"),
        (X, Y, RECORD, POSITION[::-1], r"position must ascend.*got 5 after 9 at row 1"),
        (X, Y, RECORD, POSITION.astype(np.uint32)[::-1], "position must ascend"),
        (X, Y, RECORD, np.zeros(N), "position must ascend"),
        (X, Y, None, POSITION, "got 3 after 108 at row 20.*several"),
        (X, Y, RECORD, np.where(POSITION == 5, np.nan, POSITION), "position contains NaN"),
        (X, Y, RECORD, ["1"] * N, "numeric|ascend"),
        (X, Y, RECORD, POSITION[:-1], "inconsistent"),
        (X, Y, RECORD[:-1], POSITION, "inconsistent"),
        (X, Y[:-1], RECORD, POSITION, "inconsistent"),
        (X[0], Y, RECORD, POSITION, r"shape \(5,\)"),
        (X[:0], Y[:0], RECORD[:0], POSITION[:0], "not empty"),
    ],
    ids=[
        "shuffled", "backwards", "unsigned", "same", "no groups", "nan", "text", "position",
        "groups", "y", "1d", "empty",
    ],
)  # fmt: skip
def test_what_is_not_in_order_is_refused(X, y, groups, position, message):
    with pytest.raises(ValueError, match=message):
        make_beat_sequences(X, y, groups, position, 3)


def test_sequences_longer_than_every_recording_are_refused():
    with pytest.raises(ValueError, match="n_beats=12"):
        make_beat_sequences(X, Y, RECORD, POSITION, 12)


def test_the_way_back_needs_matching_shapes():
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(3, 2\)"):
        flatten_sequences(np.zeros((2, 3)), np.zeros((3, 2), dtype=int))
