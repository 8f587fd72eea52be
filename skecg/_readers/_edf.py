"""Reading EDF, EDF+, BDF and BDF+ through the ``edfio`` package."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skecg._readers._common import Content, Options, is_standard_lead, millivolts
from skecg.recordings import Annotations

_FIXED_HEADER = 256
_BYTES_OF_LABEL = 16
_BYTES_BEFORE_COUNT = 216
_MOST_GAPS = 10
_ECG = re.compile(r"(?:ecg|ekg)\b|(?:ecg|ekg)\d", re.IGNORECASE)
_ONSET = re.compile(rb"([+-]\d{1,12}(?:\.\d{1,12})?)(?:\x15[\d.]*)?\x14")
# PhysioNet's code for a comment.
_COMMENT = '"'


@dataclass(frozen=True)
class _Layout:
    """The sizes that a header promises."""

    is_bdf: bool
    is_interrupted: bool
    n_records: int
    seconds: float
    n_samples: list[int]
    labels: list[str]

    @property
    def sample_bytes(self) -> int:
        return 3 if self.is_bdf else 2

    @property
    def header_bytes(self) -> int:
        return _FIXED_HEADER * (1 + len(self.labels))

    @property
    def record_bytes(self) -> int:
        return self.sample_bytes * sum(self.n_samples)


def read(path: Path, options: Options) -> Content:
    """Read one recording; see `skecg.recordings.read_record`."""
    try:
        import edfio
    except ImportError:
        raise ImportError(
            f"{path} is an EDF or BDF file, which the edfio package reads: "
            "pip install 'skecg[edf]'."
        ) from None
    layout = _check(path, options.verify)
    # edfio meets damaged files with whatever its parsing runs into.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = edfio.read_bdf if layout.is_bdf else edfio.read_edf
            recording = reader(path, header_encoding="latin-1")
            chosen, left_out = _choose(list(recording.signals), options, path)
            signal = np.column_stack([lead.data.astype(np.float32) for lead in chosen])
            notes = [(note.onset, note.text) for note in recording.annotations if note.text]
    except Exception as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    fs = float(chosen[0].sampling_frequency)
    if layout.is_interrupted:
        signal = _fill_gaps(signal, layout, path, len(signal) // max(recording.num_data_records, 1))
    return Content(
        signal=signal,
        fs=fs,
        lead_names=[lead.label.strip() or f"lead {k}" for k, lead in enumerate(chosen, start=1)],
        units=[lead.physical_dimension for lead in chosen],
        record_id=path.stem,
        source=path,
        annotations=_annotations(notes, fs, len(signal)),
        left_out=left_out,
        **_person(recording),
    )


def _check(path: Path, verify: bool) -> _Layout:
    """Read the header's sizes, and compare them with the file's."""
    with path.open("rb") as file:
        start = file.read(_FIXED_HEADER)
        try:
            n_signals, n_records = int(start[252:256]), int(start[236:244])
            seconds = float(start[244:252])
            if not (0 < n_signals < 10_000 and 0 <= seconds < np.inf and n_records >= -1):
                raise ValueError(f"{n_signals} signals, {n_records} data records of {seconds} s")
            header = file.read(_FIXED_HEADER * n_signals)
            if len(header) < _FIXED_HEADER * n_signals:
                raise ValueError(f"it ends after {len(start) + len(header)} bytes")
            counts = header[_BYTES_BEFORE_COUNT * n_signals :][: 8 * n_signals]
            n_samples = [int(counts[i : i + 8]) for i in range(0, len(counts), 8)]
            if min(n_samples) < 0 or sum(n_samples) == 0:
                raise ValueError(f"its data records have {n_samples} samples")
        except ValueError as error:
            raise ValueError(f"{path} has a damaged EDF or BDF header: {error}.") from error
    labels = [
        header[i : i + _BYTES_OF_LABEL].decode("latin-1").strip()
        for i in range(0, _BYTES_OF_LABEL * n_signals, _BYTES_OF_LABEL)
    ]
    layout = _Layout(
        start[:1] == b"\xff",
        start[192:197] in (b"EDF+D", b"BDF+D"),
        n_records,
        seconds,
        n_samples,
        labels,
    )
    size = path.stat().st_size - layout.header_bytes
    # A header of -1 data records was never completed.
    complete = layout.record_bytes * n_records if n_records >= 0 else size
    if size // layout.record_bytes == 0:
        raise ValueError(f"{path} is cut off: it has no whole data record after its header.")
    if verify and size != complete:
        raise ValueError(
            f"{path} is {'cut off' if size < complete else 'damaged'}: its header promises "
            f"{n_records} data records, {complete} bytes, and {size} follow; verify=False reads "
            "the whole records that are there."
        )
    return layout


def _choose(signals: list[Any], options: Options, path: Path) -> tuple[list[Any], list[str]]:
    """Choose the leads, all at one rate, among what else was recorded."""
    voltages = [s for s in signals if millivolts(s.physical_dimension) is not None]
    chosen = voltages or signals
    chosen = [s for s in chosen if _ECG.match(s.label) or is_standard_lead(s.label)] or chosen
    rates = sorted({s.sampling_frequency for s in chosen})
    if not rates:
        raise ValueError("it has no signal")
    rate = rates[-1]
    if options.fs is not None:
        rate = min(rates, key=lambda r: abs(r - options.fs))
    kept = [s for s in chosen if s.sampling_frequency == rate]
    return kept, [s.label.strip() for s in signals if not any(s is k for k in kept)]


def _fill_gaps(signal: np.ndarray, layout: _Layout, path: Path, n_samples: int) -> np.ndarray:
    """Put each data record of an EDF+D file where it belongs, NaN between."""
    notes = next((i for i, name in enumerate(layout.labels) if name.endswith("Annotations")), None)
    if notes is None or layout.seconds == 0:
        raise ValueError(f"{path} is interrupted and does not say when its data records begin.")
    offset = layout.header_bytes + layout.sample_bytes * sum(layout.n_samples[:notes])
    length = layout.sample_bytes * layout.n_samples[notes]
    content = path.read_bytes()
    onsets = []
    for i in range(len(signal) // n_samples):
        start = offset + i * layout.record_bytes
        onset = _ONSET.match(content[start : start + length])
        if onset is None:
            raise ValueError(f"{path} does not say when its data record {i + 1} begins.")
        onsets.append(float(onset.group(1)))
    seconds = np.array(onsets) - onsets[0]
    if np.any(np.diff(seconds) < layout.seconds * 0.99):
        at = int(np.argmax(np.diff(seconds) < layout.seconds * 0.99)) + 1
        raise ValueError(f"{path}: data record {at + 1} begins before the one before it ends.")
    if seconds[-1] > _MOST_GAPS * len(seconds) * layout.seconds:
        raise ValueError(
            f"{path} spans {seconds[-1]:g} s with {len(seconds) * layout.seconds:g} s of signal: "
            "too many gaps for one recording."
        )
    starts = np.rint(seconds * n_samples / layout.seconds).astype(np.int64)
    filled = np.full((starts[-1] + n_samples, signal.shape[1]), np.nan, dtype=signal.dtype)
    filled[(starts[:, np.newaxis] + np.arange(n_samples)).ravel()] = signal
    return filled


def _annotations(notes: list[tuple[float, str]], fs: float, n_timesteps: int) -> Annotations | None:
    inside = sorted(
        (int(onset * fs + 0.5), text) for onset, text in notes if 0 <= onset * fs < n_timesteps - 1
    )
    if not inside:
        return None
    samples, texts = zip(*inside, strict=True)
    return Annotations(np.array(samples), np.full(len(samples), _COMMENT), np.array(texts))


def _person(recording: Any) -> dict[str, Any]:
    """Return what EDF+ tells of the person; EDF has no rules for that."""
    person: dict[str, Any] = {}
    try:
        patient = recording.patient
        person["sex"] = {"F": "female", "M": "male"}.get(patient.sex)
        person["patient_id"] = None if patient.code in ("", "X") else patient.code
        born, recorded = patient.birthdate, recording.startdate
        if born is not None and recorded >= born:
            before_birthday = (recorded.month, recorded.day) < (born.month, born.day)
            person["age"] = float(recorded.year - born.year - before_birthday)
    except Exception:
        return person
    return person
