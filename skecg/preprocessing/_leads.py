"""Choosing and scaling leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skecg._records import STANDARD_LEADS
from skecg.preprocessing._base import SignalTransformer
from skecg.recordings import ECGRecord


class LeadScaler(SignalTransformer):
    """Scale every lead of every signal by itself.

    This takes away what differs between recordings and devices, and with it the absolute
    amplitudes, on which the criteria of hypertrophy rest: see
    `skecg.feature_extraction.VoltageFeatures`.

    Parameters
    ----------
    scaling : {"minmax", "standard"}, default="minmax"
        "minmax" scales to [0, 1], "standard" to mean 0 and standard deviation 1. A flat lead
        becomes 0.

    Attributes
    ----------
    n_features_in_ : int
        Number of time steps, where arrays were fitted.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where a DataFrame was fitted.

    See Also
    --------
    sklearn.preprocessing.StandardScaler : Scales by all samples together.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.preprocessing import LeadScaler
    >>> X = np.array([[0.0, 2.0, 1.0], [5.0, 5.0, 5.0]])
    >>> LeadScaler().fit_transform(X)
    array([[0. , 1. , 0.5],
           [0. , 0. , 0. ]])
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "scaling": [StrOptions({"minmax", "standard"})]
    }

    def __init__(self, *, scaling: str = "minmax") -> None:
        self.scaling = scaling

    def _apply(self, signals: np.ndarray, fs: float | None) -> np.ndarray:
        return scale_leads(signals, self.scaling)


def scale_leads(signals: np.ndarray, scaling: str) -> np.ndarray:
    """Scale signals of shape (..., n_timesteps, n_leads) along time, as `LeadScaler` does."""
    low = signals.min(axis=-2, keepdims=True)
    span = signals.max(axis=-2, keepdims=True) - low
    # Rounding gives a flat lead a mean other than its value, and a standard deviation.
    flat = span == 0
    if scaling == "standard":
        low = np.where(flat, low, signals.mean(axis=-2, keepdims=True))
        span = signals.std(axis=-2, keepdims=True)
    return (signals - low) / np.where(flat, 1, span)


class LeadSelector(SignalTransformer):
    """Choose leads by name.

    Parameters
    ----------
    leads : str or sequence of str, optional
        Names of the leads to keep, in this order. None keeps all.
    lead_names : sequence of str, optional
        Names of an array's leads; by default the twelve standard leads, I to V6. Recordings know
        the names of theirs.

    Attributes
    ----------
    n_features_in_ : int
        Number of time steps, where arrays were fitted.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where a DataFrame was fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.preprocessing import LeadSelector
    >>> X = np.zeros((10, 5000, 12))
    >>> LeadSelector(leads=["aVL", "V1", "V5", "V6"]).fit_transform(X).shape
    (10, 5000, 4)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "leads": [str, "array-like", None],
        "lead_names": ["array-like", None],
    }

    def __init__(
        self,
        *,
        leads: str | Sequence[str] | None = None,
        lead_names: Sequence[str] | None = None,
    ) -> None:
        self.leads = leads
        self.lead_names = lead_names

    def _used(self, record: ECGRecord) -> np.ndarray:
        # A lead that is not kept may lack samples.
        return self._transform_record(record).signal

    def _wanted(self) -> list[str]:
        leads = () if self.leads is None else self.leads
        if not len(leads):
            raise ValueError("leads must name at least one lead, or be None to keep all.")
        return [leads] if isinstance(leads, str) else list(leads)

    def _names(self) -> list[str]:
        return list(STANDARD_LEADS if self.lead_names is None else self.lead_names)

    def _check_array(self, X: np.ndarray) -> None:
        if self.leads is None:
            return
        names = self._names()
        if not all(isinstance(name, str) for name in (*names, *self._wanted())):
            raise ValueError(
                f"leads and lead_names must hold names, got {self._wanted()} of {names}."
            )
        n_leads = 1 if X.ndim == 2 else X.shape[2]
        if n_leads != len(names):
            raise ValueError(
                f"lead_names must have one name for each of the {n_leads} leads of X, got "
                f"{len(names)}: {', '.join(names)}."
            )
        unknown = [lead for lead in self._wanted() if lead not in names]
        if unknown:
            raise ValueError(
                f"leads must be among the lead_names {', '.join(names)}, got {', '.join(unknown)}."
            )

    def _apply(self, signals: np.ndarray, fs: float | None) -> np.ndarray:
        if self.leads is None:
            return signals
        names = self._names()
        return signals[..., [names.index(lead) for lead in self._wanted()]]

    def _transform_record(self, record: ECGRecord) -> ECGRecord:
        return record if self.leads is None else record.select_leads(self._wanted())
