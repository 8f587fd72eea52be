"""Recordings: the value that everything upstream of ``X`` is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

__all__ = ["Annotations", "ECGRecord"]


@dataclass(frozen=True, eq=False)
class Annotations:
    """Marks on a recording: beats and rhythm changes, or the waves of one lead.

    Parameters
    ----------
    sample : array-like of int, shape (n_marks,)
        Positions, in samples from the start of the recording, ascending.
    symbol : array-like of str, shape (n_marks,)
        What is at each position, in the PhysioNet codes: ``"N"``, ``"V"``, ... for
        beats, ``"("``, ``"p"``, ``"t"``, ``")"`` for the limits and peaks of waves.
    note : array-like of str, shape (n_marks,), optional
        Text at each position (rhythm labels such as ``"(AFIB"``); empty by default.

    Raises
    ------
    ValueError
        If the lengths differ or the positions descend.

    Examples
    --------
    >>> from skecg.recordings import Annotations
    >>> len(Annotations([10, 300], ["N", "V"]))
    2
    """

    sample: np.ndarray
    symbol: np.ndarray
    note: np.ndarray | None = None

    def __post_init__(self) -> None:
        sample = np.asarray(self.sample, dtype=np.int64)
        symbol = np.asarray(self.symbol, dtype=str)
        note = np.full(sample.shape, "") if self.note is None else np.asarray(self.note, dtype=str)
        if not sample.shape == symbol.shape == note.shape or sample.ndim != 1:
            raise ValueError(
                "sample, symbol and note must be one-dimensional and of one length, got shapes "
                f"{sample.shape}, {symbol.shape} and {note.shape}."
            )
        if np.any(np.diff(sample) < 0):
            raise ValueError("sample must be in ascending order.")
        for name, value in (("sample", sample), ("symbol", symbol), ("note", note)):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.sample)


@dataclass(frozen=True, eq=False)
class ECGRecord:
    """An electrocardiogram with what is known about it.

    Parameters
    ----------
    signal : array-like of shape (n_timesteps, n_leads)
        Voltages in mV. One-dimensional input is taken as one lead. Kept as float32
        unless given as float64.
    fs : float
        Sampling rate in Hz.
    lead_names : sequence of str
        One name a lead, in the order of the columns.
    annotations : Annotations, optional
        Beats and rhythm changes.
    delineation : mapping of str to Annotations, optional
        Limits and peaks of the waves, by lead name.
    age : float, optional
        In years.
    sex : {"female", "male"}, optional
        As stated in the recording.
    record_id : str, optional
        The recording's name.
    patient_id : str, optional
        The same for all recordings of one person; the recording's name by default.
    metadata : mapping, optional
        Anything else: comments, diagnoses, medication.

    Attributes
    ----------
    n_timesteps, n_leads : int
        The signal's shape.
    duration : float
        In seconds.

    Raises
    ------
    ValueError
        If the signal is empty, is not two-dimensional, looks transposed, or does not fit
        the lead names; if ``fs`` is not positive; if a mark lies outside the signal.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> record = ECGRecord(np.zeros((3600, 2)), fs=360, lead_names=["MLII", "V1"])
    >>> record.duration
    10.0
    >>> record.lead("V1").shape
    (3600,)
    """

    signal: np.ndarray
    fs: float
    lead_names: Sequence[str]
    annotations: Annotations | None = None
    delineation: Mapping[str, Annotations] = field(default_factory=dict)
    age: float | None = None
    sex: str | None = None
    record_id: str | None = None
    patient_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        signal = np.asarray(self.signal)
        if signal.dtype != np.float64:
            signal = signal.astype(np.float32)
        if signal.ndim == 1:
            signal = signal[:, np.newaxis]
        if signal.ndim != 2 or signal.size == 0:
            raise ValueError(f"signal must be (n_timesteps, n_leads), got shape {signal.shape}.")
        if signal.shape[1] > signal.shape[0]:
            raise ValueError(
                f"signal has more leads ({signal.shape[1]}) than time steps ({signal.shape[0]}): "
                "it looks transposed, pass signal.T."
            )
        names = (self.lead_names,) if isinstance(self.lead_names, str) else tuple(self.lead_names)
        if len(names) != signal.shape[1]:
            raise ValueError(
                f"lead_names must have one name for each of the {signal.shape[1]} leads, "
                f"got {len(names)}: {', '.join(map(str, names))}."
            )
        if not (np.isfinite(self.fs) and self.fs > 0):
            raise ValueError(f"fs must be a positive number of Hz, got {self.fs!r}.")
        if self.sex not in (None, "female", "male"):
            raise ValueError(f"sex must be 'female', 'male' or None, got {self.sex!r}.")
        unknown = set(self.delineation) - set(names)
        if unknown:
            raise ValueError(f"delineation names leads that are not there: {sorted(unknown)}.")
        marks = [a for a in (self.annotations, *self.delineation.values()) if a is not None]
        if any(len(m) and (m.sample[0] < 0 or m.sample[-1] >= len(signal)) for m in marks):
            raise ValueError(f"a mark lies outside the {len(signal)} time steps of the signal.")
        patient = self.record_id if self.patient_id is None else self.patient_id
        for name, value in (
            ("signal", signal),
            ("fs", float(self.fs)),
            ("lead_names", names),
            ("delineation", dict(self.delineation)),
            ("patient_id", patient),
            ("metadata", dict(self.metadata)),
        ):
            object.__setattr__(self, name, value)

    @property
    def n_timesteps(self) -> int:
        """Length in samples."""
        return self.signal.shape[0]

    @property
    def n_leads(self) -> int:
        """Number of leads."""
        return self.signal.shape[1]

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_timesteps / self.fs

    def lead(self, name: str) -> np.ndarray:
        """Return one lead's signal.

        Parameters
        ----------
        name : str
            One of ``lead_names``.

        Returns
        -------
        ndarray of shape (n_timesteps,)
            Voltages in mV.

        Raises
        ------
        ValueError
            If there is no such lead.
        """
        return self.signal[:, self._column(name)]

    def select_leads(self, names: Sequence[str]) -> ECGRecord:
        """Return the recording with these leads only, in this order.

        Parameters
        ----------
        names : sequence of str
            Some of ``lead_names``.

        Returns
        -------
        ECGRecord
            With the annotations, and the delineation of these leads.

        Raises
        ------
        ValueError
            If there is no such lead.
        """
        columns = [self._column(name) for name in names]
        marks = {name: self.delineation[name] for name in names if name in self.delineation}
        return replace(
            self, signal=self.signal[:, columns], lead_names=tuple(names), delineation=marks
        )

    def _column(self, name: str) -> int:
        if name not in self.lead_names:
            raise ValueError(
                f"there is no lead {name!r} in this recording, only {', '.join(self.lead_names)}."
            )
        return list(self.lead_names).index(name)

    def __repr__(self) -> str:
        name = "" if self.record_id is None else f"{self.record_id!r}, "
        return (
            f"ECGRecord({name}{self.duration:g} s at {self.fs:g} Hz, "
            f"leads {', '.join(self.lead_names)})"
        )
