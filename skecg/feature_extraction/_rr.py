"""The rhythm around each beat."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

_NAMES = (
    "pre_rr",
    "post_rr",
    "local_rr",
    "record_rr",
    "pre_to_local",
    "post_to_local",
    "pre_to_post",
    "pre_to_record",
    "local_to_record",
    "irregularity",
)


class RRFeatures(TransformerMixin, BaseEstimator):
    """RR intervals around each beat, and how regular they are.

    Takes the place of every beat and nothing of its shape: the record that it is in, and the
    position of its R peak. Each beat gives one row:

    ===================  =====================================================  ============
    column               what                                                   looks ahead
    ===================  =====================================================  ============
    ``pre_rr``           interval from the beat before, s                       no
    ``post_rr``          interval to the beat after, s                          one beat
    ``local_rr``         mean of the last ``n_local`` intervals, ``pre_rr``     no
                         included, s
    ``record_rr``        mean of all intervals of the record, s                 whole record
    ``pre_to_local``     ``pre_rr / local_rr``                                  no
    ``post_to_local``    ``post_rr / local_rr``                                 one beat
    ``pre_to_post``      ``pre_rr / post_rr``                                   one beat
    ``pre_to_record``    ``pre_rr / record_rr``                                 whole record
    ``local_to_record``  ``local_rr / record_rr``                               whole record
    ``irregularity``     median of the last ``n_rhythm`` absolute               no
                         differences of successive intervals, by ``local_rr``
    ===================  =====================================================  ============

    A premature beat has a small ``pre_to_local``; so has every other beat in atrial fibrillation,
    which ``irregularity`` tells apart: it is a median, so that single premature beats leave it
    small. What looks ahead is for recordings at hand, not for a monitor: choose columns there.

    Parameters
    ----------
    fs : float, default=360.0
        Sampling rate that positions count in, in Hz; 1 if they are in seconds.
    n_local : int, default=10
        Number of intervals of ``local_rr``.
    n_rhythm : int, default=30
        Number of differences of ``irregularity``.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen by `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of `X`, where it has such.

    See Also
    --------
    skecg.datasets.load_mitbih : Returns ``record`` and ``sample`` of every beat.
    IntervalFeatures : Intervals within the heartbeat.

    Notes
    -----
    **Neighbours.** The neighbours of a beat are those in the same `X`. Splits must keep records
    whole, as splits by patient do; after a split at random, intervals would span the beats
    that are missing. A row is computed from its record alone, so features may as well be
    computed once for all records, before any split.

    **Ends.** What the first beats of a record do not have yet is taken from the first one that
    has it, and ``post_rr`` of the last beat is its ``pre_rr``. A record of one beat has NaN in
    all columns, one of two beats in the last.

    References
    ----------
    .. [1] P. de Chazal, M. O'Dwyer and R. B. Reilly, "Automatic classification of heartbeats
       using ECG morphology and heartbeat interval features", IEEE Transactions on Biomedical
       Engineering 51(7), 1196-1206, 2004. :doi:`10.1109/TBME.2004.827359`

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.feature_extraction import RRFeatures
    >>> r_peak = [100, 460, 820, 1000, 1540, 1900]  # the fourth beat is premature
    >>> record = [201] * 6
    >>> features = RRFeatures(fs=360).set_output(transform="pandas")
    >>> table = features.fit_transform(np.column_stack([record, r_peak]))
    >>> table[["pre_rr", "post_rr", "local_rr", "pre_to_local"]].round(2)
       pre_rr  post_rr  local_rr  pre_to_local
    0     1.0      1.0      1.00           1.0
    1     1.0      1.0      1.00           1.0
    2     1.0      0.5      1.00           1.0
    3     0.5      1.5      0.83           0.6
    4     1.5      1.0      1.00           1.5
    5     1.0      1.0      1.00           1.0

    Of one recording, positions alone are enough: those of a
    :class:`~skecg.recordings.ECGRecord` are in ``record.annotations.beats().sample``.

    With the beats of the MIT-BIH Arrhythmia Database:

    >>> from skecg.datasets import load_mitbih
    >>> mitbih = load_mitbih("mitdb")  # doctest: +SKIP
    >>> place = np.column_stack([mitbih.record.astype(int), mitbih.sample])  # doctest: +SKIP
    >>> rhythm = RRFeatures(fs=360).fit_transform(place)  # doctest: +SKIP
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "fs": [Interval(Real, 0, None, closed="neither")],
        "n_local": [Interval(Integral, 1, None, closed="left")],
        "n_rhythm": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, *, fs: float = 360.0, n_local: int = 10, n_rhythm: int = 30) -> None:
        self.fs = fs
        self.n_local = n_local
        self.n_rhythm = n_rhythm

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: Any = None) -> RRFeatures:
        """Check the parameters and the places; there is nothing to learn.

        Parameters
        ----------
        X : array-like of shape (n_beats, n_columns)
            The last column is the position of the R peak; those before, if any, name the
            record, in numbers. The order of the rows does not matter.
        y : None
            Ignored.

        Returns
        -------
        self : RRFeatures
            The transformer itself.
        """
        validate_data(self, X, dtype=np.float64)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Compute the features.

        Parameters
        ----------
        X : array-like of shape (n_beats, n_columns)
            The last column is the position of the R peak; those before, if any, name the
            record, in numbers. The order of the rows does not matter.

        Returns
        -------
        features : ndarray of shape (n_beats, 10)
            One row a beat, in the order of `X`.

        Raises
        ------
        ValueError
            If two beats of a record are at the same position, or a place is NaN or infinite.
        """
        check_is_fitted(self)
        places: np.ndarray = validate_data(self, X, dtype=np.float64, reset=False)
        order = np.lexsort(places.T[::-1])
        ordered = places[order]
        same_record = np.r_[False, (ordered[1:, :-1] == ordered[:-1, :-1]).all(axis=1)]
        rr = np.diff(ordered[:, -1], prepend=np.nan) / self.fs
        if (rr[same_record] == 0).any():
            position = ordered[same_record & (rr == 0), -1][0]
            raise ValueError(
                f"X must have one beat at a position, got two at {position:g} in one record."
            )
        rr[~same_record] = np.nan

        first = np.flatnonzero(~same_record)
        n_beats = np.diff(first, append=len(rr))
        start = np.repeat(first, n_beats)
        end = start + np.repeat(n_beats, n_beats) - 1
        row = np.arange(len(rr))

        def from_the(nth: int, values: np.ndarray) -> np.ndarray:
            # The beats before the nth take what that one has.
            return values[np.minimum(np.maximum(row, start + nth), end)]

        pre = from_the(1, rr)
        post = np.where(row < end, np.r_[rr[1:], np.nan], pre)
        total = np.nancumsum(rr)
        begin = np.maximum(row - self.n_local, start)
        with np.errstate(invalid="ignore"):
            local = from_the(1, (total - total[begin]) / (row - begin))
            record = (total[end] - total[start]) / (end - start)
        change = np.abs(np.diff(rr, prepend=np.nan))
        change = from_the(2, _moving_median(change, start, self.n_rhythm))
        features = np.column_stack(
            [
                pre,
                post,
                local,
                record,
                pre / local,
                post / local,
                pre / post,
                pre / record,
                local / record,
                change / local,
            ]
        )
        in_order = np.empty_like(features)
        in_order[order] = features
        return in_order

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the columns.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of str
            One name a column.
        """
        check_is_fitted(self)
        return np.array(_NAMES, dtype=object)


def _moving_median(values: np.ndarray, start: np.ndarray, length: int) -> np.ndarray:
    """Return the median of the last values, NaN left out, none from before `start`."""
    padded = np.r_[np.full(length - 1, np.nan), values]
    windows = sliding_window_view(padded, length).copy()
    age = np.arange(length - 1, -1, -1)
    windows[age > (np.arange(len(values)) - start)[:, np.newaxis]] = np.nan
    windows.sort(axis=1)
    count = np.isfinite(windows).sum(axis=1)
    row = np.arange(len(values))
    return (windows[row, (count - 1) // 2] + windows[row, count // 2]) / 2
