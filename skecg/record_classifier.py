"""From a recording to its beats' classes, in one step."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from inspect import signature
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MetaEstimatorMixin, _fit_context, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils._param_validation import HasMethods, StrOptions
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from skecg._aami import known_classes, left_out
from skecg._pipelines import last_step
from skecg._record_prediction import RecordPrediction, with_labels
from skecg._records import check_record, check_records, record_label
from skecg.preprocessing import BeatSegmenter, detect_r_peaks, signal_quality
from skecg.preprocessing._quality import filled
from skecg.preprocessing._r_peaks import R_PEAK_METHODS
from skecg.recordings import ECGRecord

__all__ = ["RecordClassifier", "RecordPrediction"]

_GOOD, _CUT_OFF = "good", "cut off"
_LEAD_PREFIX = re.compile(r"^(ecg|lead|channel)?[\s_-]*(ml)?", re.IGNORECASE)
_ROMAN = {"1": "I", "2": "II", "3": "III"}


class RecordClassifier(MetaEstimatorMixin, BaseEstimator):
    """Classify the beats of whole recordings.

    Puts around a classifier of beats what it takes to get there: choosing the lead, finding
    the R peaks, judging the quality, cutting the beats; and what one wants to know afterwards:
    counts, burden, runs, heart rate. The classifier may be fitted already, on beats cut by the
    same ``segmenter``: those of `~skecg.datasets.load_mitbih`, for instance.

    Parameters
    ----------
    estimator : object
        Classifier of beats, or pipeline that ends in one. It is given
        ``(n_beats, n_timesteps[, n_leads])`` and, where its methods take it, ``position``: the
        R peaks in samples.
    segmenter : BeatSegmenter or None, default=None
        Cuts the beats; None means `~skecg.preprocessing.BeatSegmenter` with its defaults, 187
        samples at 125 Hz. Any object will do whose ``segment(record, r_peaks)`` returns ``data``
        and ``index`` as it does.
    lead : str, sequence of str or None, default="II"
        The lead to classify. A name that is written otherwise is found (MLII, "ECG 2"); without
        such a lead the first one is taken, with a warning. In a recording whose leads are but
        numbered, "lead 1" and so on, only such a name is found. Of several, all must be there; None
        takes all.
    method : {"khamis2016", "neurokit", "xqrs"}, default="khamis2016"
        How R peaks are found: see `~skecg.preprocessing.detect_r_peaks`.
    ectopic : sequence of str, default=("S", "V")
        The classes of which couplets, runs and bigeminy are reported.

    Attributes
    ----------
    estimator_ : object
        The fitted clone of ``estimator``; only after `fit`.
    classes_ : ndarray of shape (n_classes,)
        Classes of the fitted classifier.

    See Also
    --------
    skecg.preprocessing.detect_r_peaks : Finds the R peaks.
    skecg.preprocessing.signal_quality : Tells where not to look for them.

    Notes
    -----
    An ``estimator`` that is fitted already serves as it is, without `fit`. A clone of it is not
    fitted, as always in scikit-learn, unless it is in a :class:`~sklearn.frozen.FrozenEstimator`.

    Beats in stretches of bad quality are marked and not classified.

    Examples
    --------
    >>> from sklearn.ensemble import ExtraTreesClassifier
    >>> from skecg import RecordClassifier
    >>> from skecg.datasets import make_recordings
    >>> records = make_recordings(9, duration=60, random_state=0)
    >>> classifier = RecordClassifier(ExtraTreesClassifier(random_state=0), method="xqrs")
    >>> prediction = classifier.fit(records[:8]).predict_record(records[8])
    >>> prediction.beats.dtype.names
    ('sample', 'time', 'label', 'probability', 'rr', 'quality')
    >>> sum(prediction.counts.values()) + prediction.n_unclassified == len(prediction.beats)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "segmenter": [HasMethods(["segment"]), None],
        "lead": [str, "array-like", None],
        "method": [StrOptions(R_PEAK_METHODS)],
        "ectopic": ["array-like"],
    }

    def __init__(
        self,
        estimator: Any,
        *,
        segmenter: Any = None,
        lead: str | Sequence[str] | None = "II",
        method: str = "khamis2016",
        ectopic: Sequence[str] = ("S", "V"),
    ) -> None:
        self.estimator = estimator
        self.segmenter = segmenter
        self.lead = lead
        self.method = method
        self.ectopic = ectopic

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Sequence[ECGRecord], y: Any = None) -> Self:
        """Train the classifier on the annotated beats of recordings.

        Parameters
        ----------
        X : list of ECGRecord of length n_records
            Recordings with annotations.
        y : list of array-like of length n_records, default=None
            The label of each beat that the annotations of each recording mark. By default
            its AAMI class; beats without one are left out.

        Returns
        -------
        self
            The fitted classifier.

        Raises
        ------
        ValueError
            If a recording has no annotated beats, or not as many labels as beats.

        Warns
        -----
        UserWarning
            If marks that may stand for beats have no AAMI class and ``y`` is not given.
        """
        records = check_records(X)
        if y is not None and (np.isscalar(y) or len(y) != len(records)):
            raise ValueError(f"y must have one entry for each of the {len(records)} records.")
        in_sequences = has_fit_parameter(last_step(self.estimator), "position")
        if in_sequences and not has_fit_parameter(self.estimator, "position"):
            raise ValueError(
                f"estimator must be {type(last_step(self.estimator)).__name__} itself, not a "
                "pipeline that ends in it, which tells it nothing of neighbours: put the other "
                "steps into the pipeline of single beats inside it."
            )
        data, target, sample, group = [], [], [], []
        for i, record in enumerate(records):
            name = record_label(record, i)
            if record.annotations is None or not len(record.annotations.beats()):
                raise ValueError(f"{name} has no annotated beats to learn from{_marked(record)}.")
            marks = record.annotations.beats()
            if y is None:
                if absent := left_out(record.annotations.symbol):
                    warnings.warn(
                        f"{name}: marks without an AAMI class are left out: {absent}. Give y to "
                        "learn from them.",
                        UserWarning,
                        stacklevel=2,
                    )
                keep, labels = known_classes(marks.symbol)
            else:
                keep = np.ones(len(marks), dtype=bool)
                labels = np.asarray(y[i])
            if labels.shape != (keep.sum(),):
                raise ValueError(
                    f"{name} has {keep.sum()} beats, and labels in y of shape {labels.shape}"
                    f"{_marked(record)}."
                )
            beats = self._segment(select_leads(record, self.lead), marks.sample[keep])
            data.append(beats.data)
            target.append(labels[beats.index])
            sample.append(marks.sample[keep][beats.index])
            # Neighbours are beats of one recording; other classifiers keep persons apart.
            person = f"record {i}" if in_sequences else record.patient_id
            group += [f"record {i}" if person is None else person] * len(beats.data)
        self.estimator_ = clone(self.estimator)
        context = _context(self.estimator_.fit, position=np.concatenate(sample))
        context |= _context(self.estimator_.fit, groups=np.array(group, dtype=str))
        self.estimator_.fit(np.concatenate(data), np.concatenate(target), **context)
        return self

    @property
    def classes_(self) -> np.ndarray:
        """Classes of the fitted classifier."""
        try:
            return self._fitted().classes_
        except NotFittedError as error:
            raise AttributeError("classes_ is known after fit.") from error

    def predict_record(
        self,
        record: ECGRecord,
        *,
        r_peaks: str | ArrayLike | None = None,
        verbose: bool = False,
    ) -> RecordPrediction:
        """Classify the beats of one recording.

        Parameters
        ----------
        record : ECGRecord
            A recording of any sampling rate of at least 50 Hz.
        r_peaks : "annotated" or array-like of int, shape (n_peaks,), optional
            "annotated" takes the beats that the recording's annotations mark; positions in
            samples are taken as they are. By default the R peaks are detected, in the leads to
            be classified unless another one is better.
        verbose : bool, default=False
            Whether to show progress on standard error.

        Returns
        -------
        RecordPrediction
            The beats with class, probability, RR interval and quality; what follows from them;
            and ways to write them to a file.

        Raises
        ------
        ImportError
            If the detector's package is not installed.
        NotFittedError
            If the classifier is not fitted.
        ValueError
            If ``record`` is no recording or too short, leads or annotations are missing, or the
            beats do not suit the classifier.

        Warns
        -----
        UserWarning
            If the lead is not there and the first one is taken.
        """
        self._validate_params()
        estimator = self._fitted()
        check_record(record)
        chosen = select_leads(record, self.lead)
        columns = [record.lead_names.index(name) for name in chosen.lead_names]
        peaks, source = self._find_peaks(record, r_peaks, columns, verbose)
        stretches = signal_quality(record.signal, record.fs, verbose=verbose)

        classes = np.asarray(estimator.classes_)
        beats = np.zeros(len(peaks), dtype=with_labels(RecordPrediction.beat_dtype, classes))
        beats["sample"] = peaks
        beats["time"] = peaks / record.fs
        beats["rr"] = np.diff(beats["time"], prepend=np.nan)
        beats["probability"] = np.nan
        if source == "detected":
            beats["rr"][_unread_intervals(peaks, stretches, record.n_leads)] = np.nan
        beats["quality"] = _CUT_OFF
        probabilities = np.full((len(beats), len(classes)), np.nan)
        if len(peaks):
            cut = self._segment(chosen, peaks)
            start, stop = self._extent(cut, peaks, record.fs)
            own = stretches[np.isin(stretches["lead"], columns)]
            beats["quality"][cut.index] = _reasons(start, stop, own)
            good = beats["quality"][cut.index] == _GOOD
            rows = cut.index[good]
            if len(rows):
                labels, known = _classify(estimator, cut.data[good], peaks[rows])
                beats["label"][rows] = labels.astype(str)
                if known is not None:
                    probabilities[rows] = known
                    column = (labels[:, np.newaxis] == classes).argmax(axis=1)
                    beats["probability"][rows] = known[np.arange(len(rows)), column]
        return RecordPrediction(
            beats=beats,
            probabilities=probabilities,
            classes=classes.astype(str),
            quality=stretches,
            fs=record.fs,
            lead_names=tuple(chosen.lead_names),
            all_lead_names=tuple(record.lead_names),
            duration=record.duration,
            r_peaks=source,
            ectopic=tuple(self.ectopic),
            record_id=record.record_id,
        )

    def _fitted(self) -> Any:
        """Return what `fit` has fitted, or else the estimator if it is fitted."""
        estimator = getattr(self, "estimator_", self.estimator)
        try:
            check_is_fitted(estimator)
        except NotFittedError as error:
            raise NotFittedError(
                f"This {type(self).__name__} is not fitted, nor is its estimator: call fit, or "
                "pass an estimator that is fitted."
            ) from error
        return estimator

    def __sklearn_is_fitted__(self) -> bool:
        try:
            self._fitted()
        except NotFittedError:
            return False
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags

    def _segment(self, record: ECGRecord, peaks: np.ndarray) -> Any:
        if np.isnan(record.signal).any():
            # Beats that reach into what is bridged here are not classified.
            signal = np.column_stack([filled(lead) for lead in record.signal.T])
            record = replace(record, signal=signal)
        segmenter = BeatSegmenter() if self.segmenter is None else self.segmenter
        return segmenter.segment(record, peaks)

    def _extent(self, cut: Any, peaks: np.ndarray, fs: float) -> tuple[np.ndarray, np.ndarray]:
        """Return where the beats begin and end, in samples of the recording."""
        window = getattr(self.segmenter, "window", "rr")
        before = 0 if isinstance(window, str) else round(window[0] * fs)
        start = peaks[cut.index] - before
        if "length" not in cut:
            return start, start + 1
        return start, start + np.ceil(cut.length * (fs / cut.fs)).astype(np.int64)

    def _find_peaks(
        self, record: ECGRecord, r_peaks: str | ArrayLike | None, columns: list[int], verbose: bool
    ) -> tuple[np.ndarray, str]:
        if isinstance(r_peaks, str):
            if r_peaks != "annotated":
                raise ValueError(f"r_peaks must be 'annotated' or positions, got {r_peaks!r}.")
            if record.annotations is None:
                raise ValueError(f"{record_label(record, 0)} has no annotations.")
            return np.unique(record.annotations.beats().sample), "annotated"
        if r_peaks is not None:
            peaks = np.asarray(r_peaks)
            if peaks.ndim != 1:
                raise ValueError(f"r_peaks must be one-dimensional, got shape {peaks.shape}.")
            # The segmenter tells what else may be wrong with them.
            return peaks.astype(np.int64) if peaks.size == 0 else peaks, "given"
        others = [i for i in range(record.n_leads) if i not in columns]
        signal = record.signal[:, columns + others]
        found = detect_r_peaks(signal, record.fs, method=self.method, verbose=verbose)
        return found, "detected"


def select_leads(record: ECGRecord, lead: str | Sequence[str] | None) -> ECGRecord:
    """Return the recording with the leads to be classified; see `RecordClassifier`."""
    if lead is None:
        return record
    if not isinstance(lead, str):
        return record.select_leads([_find_lead(record, name) or name for name in lead])
    name = _find_lead(record, lead)
    if name is None:
        name = record.lead_names[0]
        warnings.warn(
            f"{record_label(record, 0)} has no lead like {lead}, only "
            f"{', '.join(record.lead_names)}: {name} is taken.",
            UserWarning,
            stacklevel=3,
        )
    return record.select_leads([name])


def _marked(record: ECGRecord) -> str:
    """Tell the symbols of a recording's marks, for a message about its beats."""
    if record.annotations is None or not len(record.annotations):
        return ""
    return f"; its marks are {', '.join(np.unique(record.annotations.symbol).tolist())}"


def _find_lead(record: ECGRecord, wanted: str) -> str | None:
    """Find a lead by its name, or else by a name that means the same."""
    if wanted in record.lead_names:
        return wanted
    # Names that are numbers alone, as `read_record` gives them to an array, tell of no lead.
    if list(record.lead_names) == [f"lead {k}" for k in range(1, record.n_leads + 1)]:
        return None
    alike = [name for name in record.lead_names if _plain(name) == _plain(wanted)]
    return alike[0] if alike else None


def _plain(name: str) -> str:
    plain = _LEAD_PREFIX.sub("", str(name).strip()).upper()
    return _ROMAN.get(plain, plain)


def _context(method: Any, **context: Any) -> dict[str, Any]:
    """Keep what a method takes by name."""
    taken = signature(method).parameters
    return {name: value for name, value in context.items() if name in taken}


def _classify(
    estimator: Any, data: np.ndarray, position: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    labels = estimator.predict(data, **_context(estimator.predict, position=position))
    if not hasattr(estimator, "predict_proba"):
        return labels, None
    return labels, estimator.predict_proba(
        data, **_context(estimator.predict_proba, position=position)
    )


def _touching(start: np.ndarray, stop: np.ndarray, stretch: np.void) -> np.ndarray:
    """Find the spans, ascending by their starts, that a stretch overlaps."""
    longest = int((stop - start).max(initial=0))
    first = np.searchsorted(start, stretch["start"] - longest)
    last = np.searchsorted(start, stretch["stop"])
    return first + np.flatnonzero(stop[first:last] > stretch["start"])


def _reasons(start: np.ndarray, stop: np.ndarray, stretches: np.ndarray) -> np.ndarray:
    """Tell of each span what is wrong with it."""
    reasons = np.full(len(start), _GOOD, dtype=stretches.dtype["reason"])
    for stretch in stretches:
        reasons[_touching(start, stop, stretch)] = stretch["reason"]
    return reasons


def _unread_intervals(peaks: np.ndarray, stretches: np.ndarray, n_leads: int) -> np.ndarray:
    """Tell of each peak whether no lead can be read all the way from the one before."""
    start, stop = np.r_[peaks[:1], peaks[:-1]], peaks + 1
    bad = np.zeros((n_leads, len(peaks)), dtype=bool)
    for stretch in stretches:
        bad[stretch["lead"], _touching(start, stop, stretch)] = True
    return np.asarray(bad.all(axis=0))
