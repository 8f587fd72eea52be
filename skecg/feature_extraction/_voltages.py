"""Amplitudes in mV, and the criteria of hypertrophy that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import ge, gt
from typing import Any, ClassVar, NamedTuple

import numpy as np

from skecg._records import STANDARD_LEADS, check_record
from skecg.feature_extraction._base import RecordFeatures
from skecg.feature_extraction._marks import (
    OFFSET,
    ONSET,
    PEAK,
    QRS,
    P,
    T,
    WaveMarks,
    delineation_of,
    isoelectric_levels,
    levels_at,
    median_per_lead,
    qrs_duration,
    wave_marks,
)
from skecg.recordings import ECGRecord

_LEAD_FEATURES = ("P", "Q", "R", "S", "ST", "T", "QRS_duration")
_CRITERIA = ("sokolow_lyon", "cornell", "cornell_product", "peguero_lo_presti")
_ST_SECONDS = 0.06
# The difference between men's and women's limit of the Cornell voltage.
_CORNELL_FEMALE = 0.8


class VoltageFeatures(RecordFeatures):
    """Amplitudes of the waves in mV, and the voltages that tell hypertrophy.

    For each of the twelve standard leads:

    - ``P`` and ``T``: the signal at the wave's peak, negative if the wave is inverted;
    - ``R``: the highest point of the QRS complex;
    - ``Q`` and ``S``: how deep the signal goes before and after that point, as positive numbers.
      A QRS complex without R wave has an S wave (some call it QS) and no Q wave;
    - ``ST``: the signal 60 ms after the QRS complex;
    - ``QRS_duration`` in ms.

    Amplitudes count from the isoelectric level, the mean over the 20 ms before the QRS
    complex. Each feature is the median over the beats. After the leads follow

    - ``sokolow_lyon``: S in V1 and the larger R of V5 and V6;
    - ``cornell``: R in aVL and S in V3, and 0.8 mV more for women, whose limit is that much lower;
    - ``cornell_product``: that times the duration of the QRS complex over all leads, in mV ms;
    - ``peguero_lo_presti``: the deepest S of all leads and S in V4.

    Parameters
    ----------
    missing : {"error", "nan", "mean"} or float, default="error"
        What stands for a feature that a recording does not have: amplitudes of waves that are not
        marked, Cornell's voltages where the sex is not known.

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
    voltage_criteria : The criteria applied to one recording.
    IntervalFeatures : Durations and axis.
    VectorFeatures : The same heart in three dimensions.

    References
    ----------
    .. [1] M. Sokolow, T. P. Lyon, "The ventricular complex in left ventricular hypertrophy as
       obtained by unipolar precordial and limb leads", American Heart Journal 37, 161-186, 1949.
    .. [2] P. N. Casale et al., "Electrocardiographic detection of left ventricular hypertrophy:
       development and prospective validation of improved criteria", Journal of the American
       College of Cardiology 6, 572-580, 1985.
    .. [3] T. J. Molloy et al., "Electrocardiographic detection of left ventricular hypertrophy
       by the simple QRS voltage-duration product", Journal of the American College of
       Cardiology 20, 1180-1186, 1992.
    .. [4] J. G. Peguero et al., "Electrocardiographic criteria for the diagnosis of left
       ventricular hypertrophy", Journal of the American College of Cardiology 69, 1694-1703, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.feature_extraction import VoltageFeatures
    >>> from skecg.recordings import Annotations
    >>> leads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
    >>> signal = np.zeros((500, 12))
    >>> signal[110, :] = 1.5
    >>> signal[115, :] = -0.5
    >>> beat = Annotations([105, 110, 120, 200, 240, 260], ["(", "N", ")", "(", "t", ")"])
    >>> marks = dict.fromkeys(leads, beat)
    >>> record = ECGRecord(signal, 500, leads, delineation=marks, sex="female")
    >>> features = VoltageFeatures(missing=0.0).set_output(transform="pandas")
    >>> features.fit_transform([record])[["V1_R", "V1_S", "sokolow_lyon", "cornell"]]
       V1_R  V1_S  sokolow_lyon  cornell
    0   1.5   0.5           2.0      2.8
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
        of_leads = [f"{lead}_{name}" for lead in STANDARD_LEADS for name in _LEAD_FEATURES]
        return [*of_leads, *_CRITERIA]

    def _table(self, records: Sequence[ECGRecord]) -> np.ndarray:
        rows = []
        for i, record in enumerate(records):
            marks = delineation_of(record, i, STANDARD_LEADS, self.delineator)
            waves = wave_marks(marks, STANDARD_LEADS)
            signal = record.select_leads(STANDARD_LEADS).signal
            lead_features = _measure(signal, waves, record.fs)
            duration = qrs_duration(waves, record.n_timesteps) / record.fs * 1000
            rows.append([*lead_features.ravel(), *_voltages(lead_features, duration, record.sex)])
        return np.array(rows)


class VoltageCriterion(NamedTuple):
    """A criterion of left ventricular hypertrophy, applied to a recording.

    Attributes
    ----------
    value : float
        What was measured; NaN if the marks it needs are missing.
    limit : float
        What the value has to reach or, for Cornell's criteria, to exceed; NaN if it depends on an
        unknown sex.
    unit : str
        Of both: "mV" or "mV ms".
    met : bool or None
        Whether the criterion is met; None if that cannot be told.
    """

    value: float
    limit: float
    unit: str
    met: bool | None


def voltage_criteria(
    record: ECGRecord, *, delineator: Callable[..., Any] | None = None
) -> dict[str, VoltageCriterion]:
    """Apply the voltage criteria of left ventricular hypertrophy to a recording.

    ============================ ================================== ===========================
    criterion                    voltage                            met
    ============================ ================================== ===========================
    ``sokolow_lyon``             S V1 + larger R of V5 and V6       from 3.5 mV
    ``sokolow_lyon_avl``         R aVL                              from 1.1 mV
    ``cornell``                  R aVL + S V3                       above 2.8 mV, women 2.0 mV
    ``cornell_product``          (R aVL + S V3, women + 0.8 mV)     above 244 mV ms
                                 x QRS duration
    ``peguero_lo_presti``        deepest S + S V4                   from 2.8 mV, women 2.3 mV
    ============================ ================================== ===========================

    The first two are Sokolow and Lyon's [1]_, the third is Casale's [2]_, the fourth Molloy's
    [3]_ and the last Peguero's [4]_.

    The criteria are specific and not sensitive: many people with hypertrophy meet none [5]_. They
    hold for adults, without bundle branch block or pacing.

    Parameters
    ----------
    record : ECGRecord
        Recording with the twelve standard leads.
    delineator : callable, optional
        As in `VoltageFeatures`, which describes how the voltages are measured.

    Returns
    -------
    dict of str to VoltageCriterion
        Value, limit, unit and whether it is met, for each criterion.

    Raises
    ------
    ValueError
        If a lead or its marks are missing.

    References
    ----------
    .. [1] M. Sokolow, T. P. Lyon, "The ventricular complex in left ventricular hypertrophy as
       obtained by unipolar precordial and limb leads", American Heart Journal 37, 161-186, 1949.
    .. [2] P. N. Casale et al., "Electrocardiographic detection of left ventricular hypertrophy:
       development and prospective validation of improved criteria", Journal of the American
       College of Cardiology 6, 572-580, 1985.
    .. [3] T. J. Molloy et al., "Electrocardiographic detection of left ventricular hypertrophy
       by the simple QRS voltage-duration product", Journal of the American College of
       Cardiology 20, 1180-1186, 1992.
    .. [4] J. G. Peguero et al., "Electrocardiographic criteria for the diagnosis of left
       ventricular hypertrophy", Journal of the American College of Cardiology 69, 1694-1703, 2017.
    .. [5] E. W. Hancock et al., "AHA/ACCF/HRS recommendations for the standardization and
       interpretation of the electrocardiogram, part V", Circulation 119, e251-e261, 2009.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.feature_extraction import voltage_criteria
    >>> from skecg.recordings import Annotations
    >>> leads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
    >>> signal = np.zeros((500, 12))
    >>> signal[110, :] = 1.5
    >>> signal[115, :] = -0.5
    >>> beat = Annotations([105, 110, 120], ["(", "N", ")"])
    >>> marks = dict.fromkeys(leads, beat)
    >>> record = ECGRecord(signal, 500, leads, delineation=marks, sex="female")
    >>> voltage_criteria(record)["cornell"]
    VoltageCriterion(value=2.0, limit=2.0, unit='mV', met=False)
    """
    check_record(record)
    features = VoltageFeatures(missing="nan", delineator=delineator)
    row = features.fit_transform([record])[0].tolist()
    measured = dict(zip(features.get_feature_names_out().tolist(), row, strict=True))
    cornell, peguero_lo_presti = {
        "female": (2.0, 2.3),
        "male": (2.8, 2.8),
    }.get(str(record.sex), (np.nan, np.nan))
    applied = {
        "sokolow_lyon": (measured["sokolow_lyon"], 3.5, "mV", ge),
        "sokolow_lyon_avl": (measured["aVL_R"], 1.1, "mV", ge),
        "cornell": (measured["aVL_R"] + measured["V3_S"], cornell, "mV", gt),
        "cornell_product": (measured["cornell_product"], 244.0, "mV ms", gt),
        "peguero_lo_presti": (measured["peguero_lo_presti"], peguero_lo_presti, "mV", ge),
    }
    return {
        name: VoltageCriterion(
            value, limit, unit, None if np.isnan(value) or np.isnan(limit) else meets(value, limit)
        )
        for name, (value, limit, unit, meets) in applied.items()
    }


def _measure(signal: np.ndarray, waves: WaveMarks, fs: float) -> np.ndarray:
    """Return the features of each lead; shape (n_leads, 7), NaN where marks are missing."""
    n_timesteps, n_leads = signal.shape
    qrs = waves.select(QRS, ONSET, OFFSET)
    level = isoelectric_levels(signal, qrs, fs)
    onset, offset = qrs.position[:, ONSET], qrs.position[:, OFFSET]
    after = np.minimum(offset + round(_ST_SECONDS * fs), n_timesteps - 1)
    of_qrs = np.column_stack(
        [
            *_deflections(signal, qrs, level),
            signal[after, qrs.lead] - level,
            (offset - onset) / fs * 1000,
        ]
    )
    q, r, s, st, duration = median_per_lead(of_qrs, qrs.lead, n_leads).T
    p, t = (_peaks(signal, waves.select(wave, PEAK), qrs, level) for wave in (P, T))
    return np.column_stack([p, q, r, s, st, t, duration])


def _deflections(signal: np.ndarray, qrs: WaveMarks, level: np.ndarray) -> list[np.ndarray]:
    """Return Q, R and S of each QRS complex, as positive numbers."""
    onset, offset = qrs.position[:, ONSET], qrs.position[:, OFFSET]
    width = offset - onset
    step = np.arange(width.max(initial=0) + 1)
    # Complexes that are shorter than the longest repeat their last sample.
    position = np.minimum(onset[:, np.newaxis] + step, offset[:, np.newaxis])
    complexes = signal[position, qrs.lead[:, np.newaxis]] - level[:, np.newaxis]

    top = complexes.argmax(axis=1)
    r = np.maximum(complexes.max(axis=1), 0)
    # At the end of the complex the signal is highest if it only comes back from a QS wave.
    has_r = (top > 0) & (top < width)
    top = np.where(has_r, top, 0)
    after = step >= top[:, np.newaxis]
    s = -np.minimum(complexes, 0).min(axis=1, where=after, initial=0)
    q = -np.minimum(complexes, 0).min(axis=1, where=~after, initial=0)
    return [q, np.where(has_r, r, 0), s]


def _peaks(signal: np.ndarray, waves: WaveMarks, qrs: WaveMarks, level: np.ndarray) -> np.ndarray:
    """Return the median amplitude at the peaks of P or T waves in each lead."""
    peak = waves.position[:, PEAK]
    amplitude = signal[peak, waves.lead] - levels_at(peak, waves.lead, qrs, level)
    return median_per_lead(amplitude, waves.lead, signal.shape[1])


def _voltages(features: np.ndarray, qrs_duration: float, sex: str | None) -> list[float]:
    """Return the voltages of `_CRITERIA` from those of the leads."""
    r, s = (
        dict(zip(STANDARD_LEADS, features[:, _LEAD_FEATURES.index(name)].tolist(), strict=True))
        for name in ("R", "S")
    )
    added = {"female": _CORNELL_FEMALE, "male": 0.0}.get(str(sex), np.nan)
    cornell = r["aVL"] + s["V3"] + added
    return [
        s["V1"] + float(np.maximum(r["V5"], r["V6"])),
        cornell,
        cornell * qrs_duration,
        float(np.max(list(s.values()))) + s["V4"],
    ]
