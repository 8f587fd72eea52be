"""The usual beat of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils._param_validation import StrOptions

from skecg._records import check_records, qrs_positions, record_label
from skecg.preprocessing._beats import BeatSegmenter
from skecg.preprocessing._r_peaks import R_PEAK_METHODS, detect_r_peaks
from skecg.recordings import ECGRecord


class MedianBeat(
    TransformerMixin,
    BaseEstimator,
    auto_wrap_output_keys=None,  # type: ignore[call-arg]
):
    """Replace each recording by its usual beat, in every lead.

    The median, sample by sample, of all beats cut round their QRS complexes: ten seconds of twelve
    leads become less than one, with less noise, and without the few beats that are unlike the
    others. What the rhythm tells is lost: add it as features.

    Parameters
    ----------
    window : tuple of (before, after), default=(0.25, 0.45)
        From how many seconds before to how many after the QRS complex.
    method : {"khamis2016", "neurokit", "xqrs"}, default="khamis2016"
        How R peaks are found, by `detect_r_peaks`, in recordings that have neither a delineation
        nor annotated beats.

    See Also
    --------
    BeatSegmenter : All beats, one by one.
    skecg.feature_extraction.WaveformFeatures : Makes rows of a table of median beats.

    Notes
    -----
    The QRS complexes are those of the delineation, of lead II where there is one, else those of
    the annotations. Beats that are not completely in the recording are left out. Median beats are
    what 12-lead electrocardiographs measure on [1]_.

    References
    ----------
    .. [1] P. Kligfield et al., "Recommendations for the standardization and interpretation of the
       electrocardiogram, part I", Circulation 115(10), 2007.
       :doi:`10.1161/CIRCULATIONAHA.106.180200`

    Examples
    --------
    >>> from skecg.datasets import make_recordings
    >>> from skecg.preprocessing import MedianBeat
    >>> records = make_recordings(2, duration=10, leads=["I", "II", "V5"], random_state=0)
    >>> MedianBeat(window=(0.25, 0.5)).fit_transform(records)[0]
    ECGRecord('synthetic00', 0.75 s at 360 Hz, leads I, II, V5)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "window": [tuple],
        "method": [StrOptions(R_PEAK_METHODS)],
    }

    def __init__(
        self, *, window: tuple[float, float] = (0.25, 0.45), method: str = "khamis2016"
    ) -> None:
        self.window = window
        self.method = method

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Sequence[ECGRecord], y: Any = None) -> Self:
        """Check the input; there is nothing to learn from it.

        Parameters
        ----------
        X : list of ECGRecord of length n_records
            Recordings, which may differ in length.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The transformer itself.
        """
        self._segmenter()._check_window()
        check_records(X)
        return self

    def transform(self, X: Sequence[ECGRecord]) -> list[ECGRecord]:
        """Compute the median beats.

        Parameters
        ----------
        X : list of ECGRecord of length n_records
            Recordings.

        Returns
        -------
        list of ECGRecord of length n_records
            The beats: recordings without marks, otherwise as those given.

        Raises
        ------
        ImportError
            If R peaks have to be found and the method's package is not installed.
        ValueError
            If a recording has missing samples, or no beat that is completely in it.
        """
        return [self._median(record, i) for i, record in enumerate(check_records(X))]

    def set_output(self, *, transform: str | None = None) -> Self:
        """Change nothing: recordings are no table, but pipelines ask all their steps.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None, default=None
            Ignored.

        Returns
        -------
        self : object
            The transformer itself.
        """
        return self

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name nothing: recordings have no columns.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of shape (0,)
            No names.
        """
        return np.array([], dtype=object)

    def _median(self, record: ECGRecord, position: int) -> ECGRecord:
        peaks = qrs_positions(record)
        if not len(peaks):
            peaks = detect_r_peaks(record.signal, record.fs, method=self.method)
        beats = self._segmenter().segment(record, peaks).data if len(peaks) else peaks
        if not len(beats):
            raise ValueError(
                f"{record_label(record, position)} has no beat that is completely in it, from "
                f"{self.window[0]:g} s before to {self.window[1]:g} s after its QRS complex."
            )
        signal = np.median(beats, axis=0).astype(record.signal.dtype)
        return replace(record, signal=signal, annotations=None, delineation={})

    def _segmenter(self) -> BeatSegmenter:
        return BeatSegmenter(window=self.window, target_fs=None, scaling=None)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False
        return tags
