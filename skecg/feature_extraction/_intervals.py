"""Durations and the electrical axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from skecg._records import STANDARD_LEADS
from skecg.feature_extraction._base import RecordFeatures
from skecg.feature_extraction._marks import (
    OFFSET,
    ONSET,
    QRS,
    P,
    T,
    WaveMarks,
    common_spans,
    delineation_of,
    isoelectric_levels,
    median_per_lead,
    wave_areas,
    wave_marks,
)
from skecg.recordings import ECGRecord

_NAMES = ("RR", "P_duration", "PR", "QRS_duration", "QT", "axis")
# A wave further away belongs to another beat.
_LONGEST_PR_SECONDS = 0.4
_LONGEST_QT_SECONDS = 0.7


class IntervalFeatures(RecordFeatures):
    """Intervals of the heartbeat in ms and the electrical axis, as every cardiograph prints them.

    A wave begins when it has begun in two of the twelve standard leads, and ends when it is under
    way in less than two. The columns are medians over the beats:

    - ``RR``: from one QRS onset to the next;
    - ``P_duration``, ``QRS_duration``;
    - ``PR``: from the onset of the P wave to that of the QRS complex;
    - ``QT``: from the onset of the QRS complex to the end of the T wave, for the rate it was
      recorded at;
    - ``axis``: frontal axis of the QRS complex in degrees, from its area in I and aVF; 0 points
      left, 90 down, and normal is -30 to 90.

    Parameters
    ----------
    missing : {"error", "nan", "mean"} or float, default="error"
        What stands for a feature that a recording does not have, such as PR without P waves.

        - "error": nothing, a ValueError names the recordings;
        - "nan": NaN, for an estimator that can handle it;
        - "mean": the mean of the feature over the training recordings;
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
    VoltageFeatures : Amplitudes.
    VectorFeatures : Axes in space.

    References
    ----------
    .. [1] B. Surawicz et al., "AHA/ACCF/HRS recommendations for the standardization and
       interpretation of the electrocardiogram, part III", Circulation 119, e235-e240, 2009.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.feature_extraction import IntervalFeatures
    >>> from skecg.recordings import Annotations
    >>> leads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
    >>> signal = np.zeros((1000, 12))
    >>> signal[[110, 510], :6] = 1.0, 1.5, 0.5, -1.25, 0.25, 1.0
    >>> beats = Annotations([100, 110, 140, 200, 240, 280, 500, 510, 540], [*"(N)(t)(N)"])
    >>> record = ECGRecord(signal, 500, leads, delineation=dict.fromkeys(leads, beats))
    >>> features = IntervalFeatures(missing=0.0).set_output(transform="pandas")
    >>> features.fit_transform([record]).round()
          RR  P_duration   PR  QRS_duration     QT  axis
    0  800.0         0.0  0.0          80.0  360.0  49.0
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **RecordFeatures._parameter_constraints,
        "delineator": [callable, None],
    }

    def __init__(
        self,
        *,
        missing: str | float = "error",
        delineator: Callable[..., Any] | None = None,
    ) -> None:
        self.missing = missing
        self.delineator = delineator

    def _leads(self) -> Sequence[str]:
        return STANDARD_LEADS

    def _feature_names(self) -> list[str]:
        return list(_NAMES)

    def _table(self, records: Sequence[ECGRecord]) -> np.ndarray:
        rows = []
        for i, record in enumerate(records):
            marks = delineation_of(record, i, STANDARD_LEADS, self.delineator)
            waves = wave_marks(marks, STANDARD_LEADS)
            samples = _intervals(waves, record.n_timesteps, record.fs)
            rows.append([*(n / record.fs * 1000 for n in samples), _axis(record, waves)])
        return np.array(rows)


def _intervals(waves: WaveMarks, n_timesteps: int, fs: float) -> list[float]:
    """Return RR, P, PR, QRS and QT in samples."""
    (p_on, p_off), (qrs_on, qrs_off), (_, t_off) = (
        common_spans(waves.select(wave, ONSET, OFFSET), n_timesteps) for wave in (P, QRS, T)
    )
    p_before = np.searchsorted(p_on, qrs_on) - 1
    t_after = np.searchsorted(t_off, qrs_on)
    has_p, has_t = p_before >= 0, t_after < len(t_off)
    pr = qrs_on[has_p] - p_on[p_before[has_p]]
    qt = t_off[t_after[has_t]] - qrs_on[has_t]
    return [
        _median(np.diff(qrs_on)),
        _median(p_off - p_on),
        _median(pr[pr < _LONGEST_PR_SECONDS * fs]),
        _median(qrs_off - qrs_on),
        _median(qt[qt < _LONGEST_QT_SECONDS * fs]),
    ]


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else np.nan


def _axis(record: ECGRecord, waves: WaveMarks) -> float:
    """Return the axis in degrees, from the area of the QRS complex in I and aVF."""
    qrs = waves.select(QRS, ONSET, OFFSET)
    signal = record.select_leads(STANDARD_LEADS).signal
    area = wave_areas(signal, qrs, isoelectric_levels(signal, qrs, record.fs))
    medians = median_per_lead(area, qrs.lead, len(STANDARD_LEADS))
    left, down = medians[[STANDARD_LEADS.index("I"), STANDARD_LEADS.index("aVF")]]
    # The augmented leads are recorded smaller by a factor of sqrt(3) / 2.
    return float(np.degrees(np.arctan2(2 / np.sqrt(3) * down, left)))
