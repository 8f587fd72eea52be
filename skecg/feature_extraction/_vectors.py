"""The electrical heart in three dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from skecg.feature_extraction._base import RecordFeatures
from skecg.feature_extraction._marks import (
    ISOELECTRIC_SECONDS,
    OFFSET,
    ONSET,
    QRS,
    T,
    WaveMarks,
    common_spans,
    delineation_of,
    isoelectric_levels,
    levels_at,
    median_per_lead,
    wave_areas,
    wave_marks,
)
from skecg.recordings import ECGRecord

_NAMES = ("QRS_T_angle", "QRS_magnitude", "QRS_x", "QRS_y", "QRS_z", "T_x", "T_y", "T_z")
_LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
# Of a flat wave, rounding leaves an area this long, in mV ms, and a direction without meaning.
_FLAT = 1e-3
# Kors' regression: what each of these leads adds to X, Y and Z.
_KORS = np.array(
    [
        [0.38, -0.07, 0.11],
        [-0.07, 0.93, -0.23],
        [-0.13, 0.06, -0.43],
        [0.05, -0.02, -0.06],
        [-0.01, -0.05, -0.14],
        [0.14, 0.06, -0.20],
        [0.06, -0.17, -0.11],
        [0.54, 0.13, 0.31],
    ]
)


class VectorFeatures(RecordFeatures):
    """Vectors of the QRS complex and the T wave in space, and the angle between them.

    Frank's orthogonal leads are made of I, II and V1 to V6 by Kors' regression [1]_: x points
    left, y down and z to the back. The columns are

    - ``QRS_T_angle``: from the vector of the QRS complex to that of the T wave, in degrees. It
      widens where the ventricles recover in another order than usual [2]_;
    - ``QRS_magnitude``: the longest vector of the QRS complex, in mV, its median over the beats;
    - ``QRS_x``, ``QRS_y``, ``QRS_z``, ``T_x``, ``T_y``, ``T_z``: areas of the waves in mV ms,
      medians over the beats. The angle is that between these vectors, and missing if one is
      shorter than 0.001 mV ms, as of a flat wave.

    All count from the isoelectric level, the mean over the 20 ms before the QRS complex.

    Parameters
    ----------
    missing : {"error", "nan", "mean"} or float, default="error"
        What stands for a feature that a recording does not have, such as the angle without T
        waves.

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
    IntervalFeatures : The axis in the frontal plane.
    VoltageFeatures : Amplitudes lead by lead.

    References
    ----------
    .. [1] J. A. Kors et al., "Reconstruction of the Frank vectorcardiogram from standard
       electrocardiographic leads: diagnostic comparison of different methods", European Heart
       Journal 11, 1083-1092, 1990.
    .. [2] C. Voulgari, N. Tentolouris, "Assessment of the spatial QRS-T angle by
       vectorcardiography: current data and perspectives", Current Cardiology Reviews 5, 251-262,
       2009.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.feature_extraction import VectorFeatures
    >>> from skecg.recordings import Annotations
    >>> leads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
    >>> signal = np.zeros((500, 12))
    >>> signal[100:140, leads.index("II")] = 1.0
    >>> signal[200:280, leads.index("II")] = -0.25
    >>> beat = Annotations([99, 110, 140, 199, 240, 280], [*"(N)(t)"])
    >>> record = ECGRecord(signal, 500, leads, delineation=dict.fromkeys(leads, beat))
    >>> features = VectorFeatures().set_output(transform="pandas")
    >>> features.fit_transform([record])[["QRS_T_angle", "QRS_y", "T_y"]].round(1)
       QRS_T_angle  QRS_y   T_y
    0        180.0   74.4 -37.2
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
        return _LEADS

    def _feature_names(self) -> list[str]:
        return list(_NAMES)

    def _table(self, records: Sequence[ECGRecord]) -> np.ndarray:
        rows = []
        for i, record in enumerate(records):
            marks = delineation_of(record, i, _LEADS, self.delineator)
            waves = wave_marks(marks, _LEADS)
            signal = record.select_leads(_LEADS).signal
            qrs, t = _area_vectors(signal, waves, record.fs)
            magnitude = _longest(signal, waves, record.fs)
            rows.append([_angle(qrs, t), magnitude, *qrs, *t])
        return np.array(rows)


def _area_vectors(signal: np.ndarray, waves: WaveMarks, fs: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors of QRS complex and T wave in mV ms, NaN without marks in a lead."""
    qrs, t = (waves.select(wave, ONSET, OFFSET) for wave in (QRS, T))
    level = isoelectric_levels(signal, qrs, fs)
    level_of_t = levels_at(t.position[:, ONSET], t.lead, qrs, level)
    vectors = []
    for wave, base in ((qrs, level), (t, level_of_t)):
        area = wave_areas(signal, wave, base) / fs * 1000
        vectors.append(median_per_lead(area, wave.lead, len(_LEADS)) @ _KORS)
    return vectors[0], vectors[1]


def _longest(signal: np.ndarray, waves: WaveMarks, fs: float) -> float:
    """Return the median over the beats of the QRS complex's longest vector, in mV."""
    in_space = signal @ _KORS
    n = max(round(ISOELECTRIC_SECONDS * fs), 1)
    longest = [
        np.linalg.norm(
            in_space[onset : offset + 1] - in_space[max(onset + 1 - n, 0) : onset + 1].mean(axis=0),
            axis=1,
        ).max()
        for onset, offset in zip(
            *common_spans(waves.select(QRS, ONSET, OFFSET), len(signal)), strict=True
        )
    ]
    return float(np.median(longest)) if longest else np.nan


def _angle(a: np.ndarray, b: np.ndarray) -> float:
    """Return the angle between two vectors in degrees, NaN if one of them has no direction."""
    lengths = np.linalg.norm([a, b], axis=1)
    if not lengths.min() > _FLAT:
        return np.nan
    cosine = a @ b / lengths.prod()
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
