"""Beats in the order in which the heart made them."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import Bunch, check_array, check_consistent_length
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.validation import column_or_1d

from skecg._groups import check_groups
from skecg._signals import check_signal_shape


@validate_params(
    {
        "X": ["array-like"],
        "y": ["array-like", None],
        "groups": ["array-like", None],
        "position": ["array-like"],
        "n_beats": [Interval(Integral, 1, None, closed="left")],
        "max_gap": [Interval(Real, 0, None, closed="neither"), None],
        "leftover": [StrOptions({"drop", "overlap"})],
    },
    prefer_skip_nested_validation=True,
)
def make_beat_sequences(
    X: ArrayLike,
    y: ArrayLike | None,
    groups: ArrayLike | None,
    position: ArrayLike,
    n_beats: int,
    *,
    max_gap: float | None = None,
    leftover: Literal["drop", "overlap"] = "drop",
) -> Bunch:
    """Cut the beats of recordings into sequences of neighbours.

    Every sequence holds consecutive beats of one recording, in the order of time, and only
    such sequences are made: beats that were sorted by class or shuffled and then cut into
    sequences have neighbours of their own class, which a sequence network learns to copy,
    and scores that no recording will ever give.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
        Beats, recording by recording, each in the order of time.
    y : array-like of shape (n_samples,) or None
        Their labels.
    groups : array-like of shape (n_samples,) or None
        The recording of each beat. None means one recording.
    position : array-like of shape (n_samples,)
        Place of each beat in its recording: the R peak in samples or seconds, or the number
        of the beat.
    n_beats : int
        Beats in a sequence.
    max_gap : float or None, default=None
        The largest difference of ``position`` between neighbours. Where it is larger, beats are
        missing, and a new sequence begins. Give 1 where ``position`` numbers all beats, and
        some 3 s where it is a time. None trusts that no beat is missing.
    leftover : {"drop", "overlap"}, default="drop"
        What becomes of the beats after a recording's last whole sequence: left out, or the
        end of one more sequence, which overlaps with the one before.

    Returns
    -------
    sequences : :class:`~sklearn.utils.Bunch`
        With the following attributes.

        data : ndarray of shape (n_sequences, n_beats, n_timesteps[, n_leads])
            The sequences.
        target : ndarray of shape (n_sequences, n_beats) or None
            Their labels.
        groups : ndarray of shape (n_sequences,) or None
            The recording of each sequence.
        index : ndarray of shape (n_sequences, n_beats)
            Rows of ``X``.
        leftover : ndarray of shape (n_leftover,)
            Rows of ``X`` that are in no sequence.

    Raises
    ------
    ValueError
        If the beats of a recording are out of order or not together, if no recording has
        ``n_beats`` neighbours, or if lengths do not match.

    See Also
    --------
    flatten_sequences : The way back.
    skecg.classifiers.BeatSequenceClassifier : Does both around a sequence network.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.preprocessing import flatten_sequences, make_beat_sequences
    >>> X, y = np.zeros((11, 187)), np.array(list("NNVNNSNNNNV"))
    >>> record = ["100"] * 7 + ["101"] * 4
    >>> r_peak = [80, 370, 510, 950, 1240, 1400, 1820, 60, 350, 640, 780]
    >>> sequences = make_beat_sequences(X, y, record, r_peak, n_beats=3)
    >>> sequences.data.shape
    (3, 3, 187)
    >>> sequences.target
    array([['N', 'N', 'V'],
           ['N', 'N', 'S'],
           ['N', 'N', 'N']], dtype='<U1')
    >>> sequences.leftover
    array([ 6, 10])
    >>> flatten_sequences(sequences.target, sequences.index)
    array(['N', 'N', 'V', 'N', 'N', 'S', 'N', 'N', 'N'], dtype='<U1')
    """
    X = np.asarray(X)
    y = None if y is None else column_or_1d(y)
    check_signal_shape(X)
    check_consistent_length(X, y, groups, position)
    windows = find_windows(groups, position, n_beats, max_gap, overlap=leftover == "overlap")
    if n_beats not in windows:
        raise ValueError(
            f"no recording has n_beats={n_beats} consecutive beats: give fewer, or beats that are "
            "not missing their neighbours."
        )
    index = windows[n_beats]
    return Bunch(
        data=X[index],
        target=None if y is None else y[index],
        groups=None if groups is None else np.asarray(groups)[index[:, 0]],
        index=index,
        leftover=np.setdiff1d(np.arange(len(X)), index),
    )


@validate_params(
    {"values": ["array-like"], "index": ["array-like"]}, prefer_skip_nested_validation=True
)
def flatten_sequences(values: ArrayLike, index: ArrayLike) -> np.ndarray:
    """Give each beat its own again: its label, prediction or probabilities.

    Parameters
    ----------
    values : array-like of shape (n_sequences, n_beats, ...)
        What belongs to the beats of the sequences, such as a network's predictions.
    index : array-like of shape (n_sequences, n_beats)
        Rows of the beats, as from `make_beat_sequences`.

    Returns
    -------
    ndarray of shape (n_samples, ...)
        In the order of the rows. Rows in no sequence are left out: compare with
        ``numpy.delete(y, sequences.leftover)``. A beat of two overlapping sequences gets the
        value of the first.

    Raises
    ------
    ValueError
        If the shapes do not match.

    See Also
    --------
    make_beat_sequences : The way there.

    Examples
    --------
    >>> from skecg.preprocessing import flatten_sequences
    >>> flatten_sequences([["N", "N", "S"], ["N", "S", "V"]], [[0, 1, 2], [1, 2, 3]])
    array(['N', 'N', 'S', 'V'], dtype='<U1')
    """
    values, index = np.asarray(values), np.asarray(index)
    if index.ndim != 2 or values.shape[:2] != index.shape:
        raise ValueError(
            f"values and index must have the same (n_sequences, n_beats), got shapes "
            f"{values.shape} and {index.shape}."
        )
    if index.dtype.kind not in "iu" or (index < 0).any():
        raise ValueError(
            f"index must hold numbers of rows, from 0, got {index.dtype} values"
            f"{f' from {index.min()}' if index.dtype.kind in 'iu' else ''}."
        )
    _, first = np.unique(index, return_index=True)
    return values.reshape(-1, *values.shape[2:])[first]


def find_windows(
    groups: ArrayLike | None,
    position: ArrayLike,
    n_beats: int,
    max_gap: float | None,
    *,
    overlap: bool = False,
    short: bool = False,
) -> dict[int, np.ndarray]:
    """Find the rows of all sequences.

    Parameters
    ----------
    groups, position, n_beats, max_gap
        As for `make_beat_sequences`.
    overlap : bool, default=False
        Whether the beats left over at the end of a recording get a sequence that overlaps.
    short : bool, default=False
        Whether recordings of fewer beats give sequences that are shorter.

    Returns
    -------
    dict of int to ndarray of shape (n_sequences, n_beats)
        Rows, by the length of the sequences.

    Raises
    ------
    ValueError
        If beats are out of order or recordings not together.
    """
    start, length = _find_runs(
        None if groups is None else check_groups(groups),
        _check_position(position),
        max_gap,
    )
    count = length // n_beats
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    first = np.repeat(start, count) + n_beats * within
    if overlap:
        ends_within = (length % n_beats > 0) & (count > 0)
        first = np.sort(np.r_[first, (start + length - n_beats)[ends_within]])
    windows = {n_beats: first}
    if short:
        few = length < n_beats
        windows |= {n: start[length == n] for n in np.unique(length[few]).tolist()}
    return {n: rows[:, np.newaxis] + np.arange(n) for n, rows in windows.items() if len(rows)}


def _check_position(position: ArrayLike) -> np.ndarray:
    checked: np.ndarray = check_array(position, ensure_2d=False, input_name="position")
    if checked.ndim != 1:
        raise ValueError(f"position must be one-dimensional, got shape {checked.shape}.")
    return checked


def _find_runs(
    groups: np.ndarray | None, position: np.ndarray, max_gap: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Find the first row and the length of every run of neighbours."""
    new = np.zeros(len(position), dtype=bool)
    new[0] = True
    if groups is not None:
        new[1:] = groups[1:] != groups[:-1]
        names, count = np.unique(groups[new], return_counts=True)
        if np.any(count > 1):
            raise ValueError(
                f"the beats of recording {names[count > 1][0]} are not together: sort X, y, "
                "groups and position by recording and position."
            )
    wrong = np.flatnonzero(~new[1:] & (position[1:] <= position[:-1]))
    if len(wrong):
        row = wrong[0] + 1
        raise ValueError(
            f"position must ascend within a recording, got {position[row]} after "
            f"{position[row - 1]} at row {row}: the beats are out of order, or of several "
            "recordings that groups does not tell apart."
        )
    if max_gap is not None:
        new[1:] |= np.diff(position) > max_gap
    start = np.flatnonzero(new)
    return start, np.diff(start, append=len(new))
