"""Recordings: the value that everything upstream of ``X`` is made of."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from pathlib import Path
from typing import Any, Final

import numpy as np

__all__ = ["Annotations", "ECGRecord", "read_record"]

# The PhysioNet codes that stand for a beat; all others mark rhythm, noise or waves.
BEAT_SYMBOLS: Final = tuple("NLRBAaJSVrFejnE/fQ?")


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
        If the lengths differ, or the positions descend or are not whole numbers.

    Examples
    --------
    >>> from skecg.recordings import Annotations
    >>> marks = Annotations([10, 18, 300], ["N", "+", "V"], note=["", "(AFIB", ""])
    >>> len(marks)
    3
    >>> marks.beats().symbol.tolist()
    ['N', 'V']
    """

    sample: np.ndarray
    symbol: np.ndarray
    note: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        sample = np.asarray(self.sample)
        if sample.size and sample.dtype.kind not in "iu":
            raise ValueError(f"sample must hold whole numbers, got {sample.dtype} values.")
        sample = sample.astype(np.int64)
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

    def beats(self) -> Annotations:
        """Return the marks that stand for a beat.

        Returns
        -------
        Annotations
            Without rhythm changes, noise marks, flutter waves and the like.
        """
        keep = np.isin(self.symbol, BEAT_SYMBOLS)
        return Annotations(self.sample[keep], self.symbol[keep], self.note[keep])


@dataclass(frozen=True, eq=False)
class ECGRecord:
    """An electrocardiogram with what is known about it.

    Parameters
    ----------
    signal : array-like of shape (n_timesteps, n_leads)
        Voltages in mV. One-dimensional input is taken as one lead. Kept as float32
        unless given as float64. NaN stands for samples that are missing.
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
        If the signal is empty, not numeric, not two-dimensional, infinite somewhere,
        looks transposed, or does not fit the lead names; if ``fs`` is not positive; if age
        or sex cannot be one; if a mark lies outside the signal.

    See Also
    --------
    read_record : Read one from a file.

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
        if signal.dtype.kind not in "biuf":
            raise ValueError(f"signal must be numeric, got values of type {signal.dtype}.")
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
        if np.isinf(signal).any():
            raise ValueError("signal holds infinite values; mark missing samples by NaN.")
        if not (isinstance(self.fs, Real) and 0 < self.fs < np.inf):
            raise ValueError(f"fs must be a positive number of Hz, got {self.fs!r}.")
        if not (self.age is None or (isinstance(self.age, Real) and 0 <= self.age < np.inf)):
            raise ValueError(f"age must be a number of years or None, got {self.age!r}.")
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
        columns = [i for i, lead_name in enumerate(self.lead_names) if lead_name == name]
        if len(columns) != 1:
            count = "more than one" if columns else "no"
            raise ValueError(
                f"there is {count} lead named {name!r} in {self._called()}, "
                f"which has {', '.join(self.lead_names)}."
            )
        return columns[0]

    def _called(self) -> str:
        return "this recording" if self.record_id is None else f"recording {self.record_id}"

    def __repr__(self) -> str:
        name = "" if self.record_id is None else f"{self.record_id!r}, "
        return (
            f"ECGRecord({name}{self.duration:g} s at {self.fs:g} Hz, "
            f"leads {', '.join(self.lead_names)})"
        )


def read_record(
    path: str | os.PathLike[str], *, annotator: str | None = "atr", verify: bool = True
) -> ECGRecord:
    """Read a recording from a file.

    The format is WFDB, PhysioNet's: a header ``100.hea``, the signals it refers to,
    and annotations in files such as ``100.atr``.

    Parameters
    ----------
    path : str or path-like
        The record's path, with or without the suffix of one of its files.
    annotator : str or None, default="atr"
        Suffix of the annotation file to read. Without a file of the default suffix the
        recording has no annotations; any other suffix must be there. None reads none.
    verify : bool, default=True
        Whether samples that do not match the check sums in the header are an error.

    Returns
    -------
    ECGRecord
        Voltages in mV as float32, lead names as the file has them, missing samples as
        NaN. Age and sex come from the header's comments, which are kept in
        ``metadata["comments"]``. Signals that are no voltages (pressure, respiration) are
        left out and named in ``metadata["left_out"]``. Signals that are sampled more often
        than the record's ``fs`` are averaged down to it.

    Raises
    ------
    FileNotFoundError
        If the header, a signal file, or the annotation file asked for is missing.
    ValueError
        If a file is cut off, damaged, or not what its header says. The message names it.

    References
    ----------
    .. [1] G. B. Moody, T. Pollard, B. Moody, "WFDB Software Package", PhysioNet.
       https://physionet.org/content/wfdb/

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> import wfdb
    >>> from skecg import read_record
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     signal = np.sin(np.arange(3600) / 50)[:, np.newaxis]
    ...     wfdb.wrsamp("example", fs=360, units=["mV"], sig_name=["MLII"], p_signal=signal,
    ...                 fmt=["16"], write_dir=folder)
    ...     record = read_record(os.path.join(folder, "example"))
    >>> record
    ECGRecord('example', 10 s at 360 Hz, leads MLII)
    """
    # Imported here: wfdb takes half a second, and ECGRecord does without.
    from skecg import _wfdb

    return _wfdb.read(Path(path), annotator, verify)
