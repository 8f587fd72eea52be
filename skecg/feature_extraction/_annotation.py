"""The signal at the marks of its waves."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import _safe_indexing, check_consistent_length
from sklearn.utils._param_validation import StrOptions

from skecg._records import STANDARD_LEADS, check_records, record_label
from skecg.feature_extraction._base import RecordFeatures
from skecg.feature_extraction._marks import (
    MARK_NAMES,
    ONSET,
    QRS,
    Delineator,
    WaveMarks,
    count_marks,
    delineation_of,
    isoelectric_levels,
    mean_at_marks,
    median_per_lead,
    wave_marks,
)
from skecg.preprocessing._leads import scale_leads
from skecg.recordings import ECGRecord

# Onset, peak and offset of QRS and T come first in MARK_NAMES; P waves can be absent.
_N_EXPECTED = 6


class AnnotationFeatures(RecordFeatures):
    """The scaled signal at onset, peak and offset of QRS, T and P, averaged over the beats.

    Every lead is scaled to [0, 1] within its own recording. In each lead the nine marks
    ( N ) ( t ) ( p ) of the delineation, onset, peak and offset of QRS complex, T wave and P
    wave, give nine values: the mean of the scaled signal at that mark over all beats. Twelve
    leads give 108 features, also known as "signal_ntp".

    Parameters
    ----------
    leads : sequence of str, optional
        Leads to use, in this order; the twelve standard leads by default.
    missing : {"error", "nan", "mean", "baseline"} or float, default="error"
        What stands for the P wave of a lead that has none, as in atrial fibrillation:

        - "error": nothing, a ValueError names the recordings;
        - "nan": NaN, for an estimator that can handle it;
        - "mean": the mean of the feature over the training recordings;
        - "baseline": the isoelectric level of the lead, which is its mean in the 20 ms before a
          QRS complex, and of that the median over the beats;
        - a number: itself.
    delineator : callable, optional
        Called with a recording, it returns the marks of its leads: `delineate`, for instance.
        Used for leads without marks; by default such recordings are refused.

    Attributes
    ----------
    means_ : ndarray of shape (n_features,)
        Mean of each feature over the training recordings that have it.

    See Also
    --------
    validate_records : Drop malformed recordings beforehand.
    VoltageFeatures : Amplitudes in mV, which the scaling loses.

    Notes
    -----
    A peak counts with the onset just before it and the offset just after it, and the
    delineation may begin and end with any wave. A recording in which a lead lacks every mark
    of a kind that belongs to the QRS complex or the T wave is malformed. It is refused by its id,
    whatever ``missing`` says, unless that is "nan".

    References
    ----------
    .. [1] A. I. Kalyakulina et al., "LUDB: A New Open-Access Validation Tool for
       Electrocardiogram Delineation Algorithms", IEEE Access 8, 186181-186190, 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.feature_extraction import AnnotationFeatures
    >>> from skecg.recordings import Annotations
    >>> signal = np.zeros(500)
    >>> signal[[105, 110, 115, 240]] = 0.25, 1.0, -1.0, 0.5
    >>> marks = Annotations([105, 110, 115, 200, 240, 260], ["(", "N", ")", "(", "t", ")"])
    >>> record = ECGRecord(signal, fs=500, lead_names=["II"], delineation={"II": marks})
    >>> features = AnnotationFeatures(leads=["II"], missing=0.0).set_output(transform="pandas")
    >>> features.fit_transform([record]).round(3).iloc[0]
    II_QRS_onset     0.625
    II_QRS_peak      1.000
    II_QRS_offset    0.000
    II_T_onset       0.500
    II_T_peak        0.750
    II_T_offset      0.500
    II_P_onset       0.000
    II_P_peak        0.000
    II_P_offset      0.000
    Name: 0, dtype: float64
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "leads": ["array-like", None],
        "missing": [StrOptions({"baseline"}), *RecordFeatures._parameter_constraints["missing"]],
        "delineator": [callable, None],
    }

    def __init__(
        self,
        *,
        leads: Sequence[str] | None = None,
        missing: str | float = "error",
        delineator: Callable[..., Any] | None = None,
    ) -> None:
        self.leads = leads
        self.missing = missing
        self.delineator = delineator

    def _leads(self) -> Sequence[str]:
        return _default_leads(self.leads)

    def _feature_names(self) -> list[str]:
        return [f"{lead}_{mark}" for lead in self._leads() for mark in MARK_NAMES]

    def _table(self, records: Sequence[ECGRecord]) -> np.ndarray:
        leads = self._leads()
        marked = _all_wave_marks(records, leads, self.delineator)
        if self.missing != "nan":
            malformed = _malformed(records, marked, leads)
            if malformed:
                raise ValueError(
                    f"{len(malformed)} of {len(records)} records are malformed: "
                    f"{'; '.join(malformed.values())}. Drop them with validate_records."
                )
        table = np.empty((len(records), len(leads), len(MARK_NAMES)))
        for row, record, waves in zip(table, records, marked, strict=True):
            signal = scale_leads(record.select_leads(leads).signal, "minmax")
            row[:] = mean_at_marks(signal, waves)
            if self.missing == "baseline":
                qrs = waves.select(QRS, ONSET)
                level = isoelectric_levels(signal, qrs, record.fs)
                level = median_per_lead(level, qrs.lead, len(leads))
                np.copyto(row, level[:, np.newaxis], where=np.isnan(row))
        return table.reshape(len(records), -1)


def validate_records(
    records: Sequence[ECGRecord],
    *arrays: Any,
    leads: Sequence[str] | None = None,
    delineator: Callable[..., Any] | None = None,
) -> Any:
    """Drop malformed recordings, from targets and groups together.

    A recording is malformed if one of its leads lacks every mark of a kind that belongs to the
    QRS complex or the T wave. P waves may be absent, as in atrial fibrillation.

    Parameters
    ----------
    records : list of ECGRecord of length n_records
        Recordings.
    *arrays : sequence of arrays, or None, of length n_records
        Targets, groups, ... to be cut alike. None stays None.
    leads : sequence of str, optional
        Leads to look at; the twelve standard leads by default.
    delineator : callable, optional
        As in `AnnotationFeatures`.

    Returns
    -------
    records : list of ECGRecord
        Those that are not malformed. They come alone if no arrays are given.
    *arrays : sequence of arrays
        The rows of the arrays that belong to them.

    Raises
    ------
    ValueError
        If a recording lacks a lead or its marks, or if the lengths differ.

    Warns
    -----
    UserWarning
        If recordings are dropped, with their ids and what they lack.

    See Also
    --------
    imblearn.FunctionSampler : Makes this a step of a pipeline, ``FunctionSampler(
        func=validate_records, validate=False)``, which drops recordings in training only.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.feature_extraction import validate_records
    >>> from skecg.recordings import Annotations
    >>> beat = Annotations([105, 110, 115, 200, 240, 260], ["(", "N", ")", "(", "t", ")"])
    >>> records = [
    ...     ECGRecord(np.zeros(500), 500, ["II"], delineation={"II": beat}, record_id=str(i))
    ...     for i in range(3)
    ... ]
    >>> records, y = validate_records(records, np.array([0, 1, 0]), leads=["II"])
    >>> len(records), y
    (3, array([0, 1, 0]))
    """
    leads = _default_leads(leads)
    records = check_records(records, leads)
    check_consistent_length(records, *arrays)
    malformed = _malformed(records, _all_wave_marks(records, leads, delineator), leads)
    keep = np.array([i for i in range(len(records)) if i not in malformed], dtype=np.intp)
    if malformed:
        warnings.warn(
            f"dropped {len(malformed)} of {len(records)} records, which are malformed: "
            f"{'; '.join(malformed.values())}.",
            stacklevel=2,
        )
    kept = [records[i] for i in keep]
    if not arrays:
        return kept
    return (kept, *(None if a is None else _safe_indexing(a, keep) for a in arrays))


def _default_leads(leads: Sequence[str] | None) -> Sequence[str]:
    if leads is None:
        return STANDARD_LEADS
    if not len(leads):
        raise ValueError("leads must name at least one lead, or be None for the standard twelve.")
    return (leads,) if isinstance(leads, str) else tuple(leads)


def _all_wave_marks(
    records: Sequence[ECGRecord], leads: Sequence[str], delineator: Delineator | None
) -> list[WaveMarks]:
    return [
        wave_marks(delineation_of(record, i, leads, delineator), leads)
        for i, record in enumerate(records)
    ]


def _malformed(
    records: Sequence[ECGRecord], marked: Sequence[WaveMarks], leads: Sequence[str]
) -> dict[int, str]:
    """Describe the malformed recordings, by their positions."""
    described = {}
    for i, (record, waves) in enumerate(zip(records, marked, strict=True)):
        lead, mark = np.nonzero(count_marks(waves, len(leads))[:, :_N_EXPECTED] == 0)
        if len(lead):
            lacks = ", ".join(dict.fromkeys(MARK_NAMES[m].replace("_", " ") for m in mark.tolist()))
            where = ", ".join(dict.fromkeys(leads[k] for k in lead.tolist()))
            described[i] = f"{record_label(record, i)} has no {lacks} in {where}"
    return described
