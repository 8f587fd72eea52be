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


def reach_outside(marks: Annotations, n_timesteps: int) -> bool:
    """Whether a mark lies outside a signal of so many time steps."""
    return len(marks) > 0 and bool(marks.sample[0] < 0 or marks.sample[-1] >= n_timesteps)


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
        given = self.lead_names
        names = (given,) if isinstance(given, str) else tuple(given if np.ndim(given) else ())
        if not all(isinstance(name, str) for name in names):
            raise ValueError(f"lead_names must be strings, got {given!r}.")
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
        if not isinstance(self.delineation, Mapping):
            raise ValueError(f"delineation must map lead names to marks, got {self.delineation!r}.")
        unknown = set(self.delineation) - set(names)
        if unknown:
            raise ValueError(f"delineation names leads that are not there: {sorted(unknown)}.")
        marks = [a for a in (self.annotations, *self.delineation.values()) if a is not None]
        if not all(isinstance(m, Annotations) for m in marks):
            raise ValueError("annotations and the values of delineation must be Annotations.")
        if any(reach_outside(m, len(signal)) for m in marks):
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
        # A single name is one lead: "II" is not two times I.
        names = (names,) if isinstance(names, str) else tuple(names)
        columns = [self._column(name) for name in names]
        marks = {name: self.delineation[name] for name in names if name in self.delineation}
        return replace(self, signal=self.signal[:, columns], lead_names=names, delineation=marks)

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
    path: str | os.PathLike[str],
    *,
    fs: float | None = None,
    unit: str | float | None = None,
    lead_names: Sequence[str] | None = None,
    annotator: str | None = "atr",
    verify: bool = True,
    layout: str | None = None,
    row: int | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    key: str | None = None,
) -> ECGRecord:
    """Read a recording from a file.

    The format is recognised by the file's content, whatever its name: WFDB records (PhysioNet),
    CSV and other delimited text, electrocardiograms exported by Apple's Health app, EDF, EDF+,
    BDF and BDF+, and NumPy arrays (.npy, .npz). What cannot be told for certain is an error that
    names the argument which settles it.

    Parameters
    ----------
    path : str or path-like
        The file; of a WFDB record any of its files, or its name without suffix.
    fs : float, optional
        Sampling rate in Hz. Needed where the file does not tell it; else it must agree with the
        file's to 1 % and replaces it.
    unit : {"V", "mV", "uV", "nV"} or float, optional
        Unit of the values, or the mV that a value of 1 stands for (1/200 for an A/D converter of
        200 steps per mV). It replaces what the file says. By default, a file that does not say it
        is taken to be in mV where its values can be.
    lead_names : sequence of str, optional
        Names of the leads that are read, in their order; by default the file's.
    annotator : str or None, default="atr"
        WFDB: suffix of the annotation file to read. Without a file of the default suffix the
        recording has no annotations; any other suffix must be there. None reads none.
    verify : bool, default=True
        WFDB: whether samples that do not match the check sums in the header are an error. EDF and
        BDF: whether a file shorter or longer than its header says is one.
    layout : {"timesteps", "leads", "samples"}, optional
        Text and arrays: what a row is. By default a time step.
    row : int, optional
        Text and arrays: which row to read, from 0, where each is a sample of its own, such as a
        beat. In text, with several ``lead_names`` the leads' values at one time are neighbours.
    delimiter : str, optional
        Text: the character between columns, " " for any white space.
    decimal : {".", ","}, optional
        Text: the decimal mark.
    key : str, optional
        .npz: name of the array.

    Returns
    -------
    ECGRecord
        Voltages in mV as float32 (float64 from arrays that are), missing samples as NaN.
        The standard leads are named I, II, III, aVR, ..., V6 however the file writes them ("AVL",
        "ecg_ii", "Lead II"); other names stay ("MLII", "lead 2"), and leads without a name
        are "lead 1", "lead 2", ... Signals that are no voltages (pressure, respiration) are left
        out and named in ``metadata["left_out"]``.

    Raises
    ------
    OSError
        If a file is missing (FileNotFoundError) or cannot be read.
    ValueError
        If a file is cut off, damaged, not what its header says, or can be read in more than one
        way; if its values cannot be mV. The message names the file, and the line or place.
    ImportError
        If the file is EDF or BDF and ``edfio``, the extra ``edf``, is not installed.

    See Also
    --------
    skecg.datasets.load_heartbeat_csv : All the beats of a text file with one beat a row.
    skecg.datasets.load_lead_csv : The same for several leads.

    Notes
    -----
    **WFDB.** Age and sex come from the header's comments, which are kept in
    ``metadata["comments"]``. Signals that are sampled more often than the record's ``fs`` are
    averaged down to it.

    **Text.** UTF-8, UTF-16 (by its mark) or Latin-1; any end of line. Lines that begin with # or
    % are comments.

    - *Delimiter*: the first of tab, semicolon and bar that most lines have; else commas where most
      lines have them; else white space. Commas are decimal marks where white space parts the
      numbers, and where lines of one comma have names above them without one, or leading zeros
      after it (0,05). Lines such as "12,345" with nothing to tell are refused.
    - *Decimal mark*: a comma where numbers have one, and another delimiter parts the columns.
    - *Header*: what is above the first line of numbers; of two lines, the second holds units. Units
      may also be in the names: "II (uV)", "ecg_mV". Comments such as "fs = 250 Hz" tell the rate.
    - *Time*: a column so named, or without names a first column that ascends throughout. Its
      unit is in its name or tells by its step: 0.004 is s, 4 is ms. Clocks and dates will do.
      A gap is an error unless ``fs`` is given. Steps of 1 count samples and tell no rate.
    - *Other columns* (labels, heart rate, respiration, ...) are left out by their names.
    - *Rows* of more than 32 values are no time steps: a single one is one lead, of several ``row``
      chooses one. A row of 188 values, 187 from 0 to 1 and a class, is a beat of the heartbeat
      files: the class goes to ``metadata["label"]``.

    **EDF and BDF.** Leads are the voltages whose labels name an ECG or a standard lead; without
    any, all voltages. Of several sampling rates, the highest is read, or the one nearest to
    ``fs``. Gaps (EDF+D) are NaN. Annotations have the symbol '"' and their text as a note.

    **Arrays** are (n_timesteps,) or (n_timesteps, n_leads), or with ``row`` any array of such
    samples. An .npz file may also hold `fs`, `lead_names` and `unit`.

    **Apple Health.** The header is kept in ``metadata["header"]``, without the person's name.

    **Units.** Values that span more than 20 mV peak to peak in a typical 2 s, or less than 0.02
    where the file does not state its unit, are refused unless ``unit`` is given.

    References
    ----------
    .. [1] G. B. Moody, T. Pollard, B. Moody, "WFDB Software Package", PhysioNet.
       https://physionet.org/content/wfdb/
    .. [2] B. Kemp, J. Olivan, "European data format 'plus' (EDF+), an EDF alike standard format for
       the exchange of physiological data", Clinical Neurophysiology 114(9), 1755-1761, 2003.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from skecg import read_record
    >>> t = np.arange(2500) / 250
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "monday.csv")
    ...     rows = np.column_stack([t, 900 * np.sin(7 * t), 400 * np.sin(7 * t)])
    ...     np.savetxt(path, rows, delimiter=";", header="time;lead ii (uV);avl (uV)", comments="")
    ...     record = read_record(path)
    >>> record
    ECGRecord('monday', 10 s at 250 Hz, leads II, aVL)
    >>> print(f"{record.lead('II').max():.2f} mV")
    0.90 mV
    """
    # Imported here: the readers import ECGRecord, and wfdb takes half a second.
    from skecg._readers import _recognise
    from skecg._readers._common import Options

    options = Options(
        fs=fs,
        unit=unit,
        lead_names=[lead_names] if isinstance(lead_names, str) else lead_names,
        layout=layout,
        row=row,
        delimiter=delimiter,
        decimal=decimal,
        key=key,
        annotator=annotator,
        verify=verify,
    )
    return _recognise.read(Path(path), options)
