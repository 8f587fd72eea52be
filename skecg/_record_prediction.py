"""What a recording's beats are, with counts, runs and rates."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from skecg._aami import AAMI_CLASSES
from skecg.preprocessing._quality import find_runs
from skecg.recordings import BEAT_SYMBOLS, Annotations

_RATE_INTERVALS = 8
_FEWEST_IN_BIGEMINY = 3
_NOT_CLASSIFIED = "?"
_QUALITY_MARK = "~"
_CLEAN_AGAIN = "clean"
RUN_DTYPE: Final = [
    ("kind", "U8"),
    ("label", "U32"),
    ("first", np.int64),
    ("last", np.int64),
    ("n_ectopic", np.int64),
    ("time", np.float64),
    ("duration", np.float64),
]


def with_labels(dtype: np.dtype[Any], classes: np.ndarray) -> np.dtype[Any]:
    """Give the type of a table room for the longest of the classes' names."""
    length = max([32, *map(len, classes.astype(str).tolist())])
    return np.dtype([(n, f"U{length}" if n == "label" else dtype[n]) for n in dtype.names or ()])


@dataclass(frozen=True, eq=False)
class RecordPrediction:
    """The classified beats of one recording; made by `RecordClassifier.predict_record`.

    Parameters
    ----------
    beats : ndarray of shape (n_beats,)
        A table with the fields

        - ``sample``: the R peak in samples;
        - ``time``: the same in s;
        - ``label``: the class as a string, empty for a beat that was not classified;
        - ``probability``: that of this class, NaN where there is none;
        - ``rr``: seconds since the beat before; NaN for the first beat, and where the
          recording between the two cannot be read;
        - ``quality``: "good", the reason why the beat was not classified (one of
          `~skecg.preprocessing.signal_quality`'s), or "cut off" for a beat that the recording
          does not hold completely.
    probabilities : ndarray of shape (n_beats, n_classes)
        Of all classes; rows of NaN where there are none.
    classes : ndarray of str, shape (n_classes,)
        The columns of ``probabilities``.
    quality : ndarray of shape (n_stretches,)
        What `~skecg.preprocessing.signal_quality` says; ``lead`` counts in ``all_lead_names``.
    fs : float
        Sampling rate of the recording in Hz.
    lead_names : tuple of str
        The leads that were classified.
    all_lead_names : tuple of str
        The leads of the recording.
    duration : float
        Length of the recording in s.
    r_peaks : {"detected", "annotated", "given"}
        Where the R peaks come from.
    ectopic : tuple of str
        The classes whose runs are reported.
    record_id : str, optional
        The recording's name.

    See Also
    --------
    skecg.RecordClassifier : Makes it.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.record_classifier import RecordPrediction
    >>> beats = np.zeros(6, dtype=RecordPrediction.beat_dtype)
    >>> beats["time"] = [0.5, 1.3, 1.8, 2.3, 3.5, 4.3]
    >>> beats["sample"] = np.rint(beats["time"] * 250)
    >>> beats["label"] = ["N", "N", "V", "V", "N", "N"]
    >>> beats["rr"] = np.diff(beats["time"], prepend=np.nan)
    >>> beats["quality"] = "good"
    >>> prediction = RecordPrediction(
    ...     beats=beats, probabilities=np.full((6, 2), 0.5), classes=np.array(["N", "V"]),
    ...     quality=np.empty(0), fs=250.0, lead_names=("II",), all_lead_names=("II",),
    ...     duration=5.0, r_peaks="given", ectopic=("V",))
    >>> prediction.counts
    {'N': 4, 'V': 2}
    >>> print(prediction.runs["kind"], prediction.runs["time"])
    ['couplet'] [1.8]
    """

    beats: np.ndarray
    probabilities: np.ndarray
    classes: np.ndarray
    quality: np.ndarray
    fs: float
    lead_names: tuple[str, ...]
    all_lead_names: tuple[str, ...]
    duration: float
    r_peaks: str
    ectopic: tuple[str, ...]
    record_id: str | None = None

    #: Type of the rows of ``beats``.
    beat_dtype = np.dtype(
        [
            ("sample", np.int64),
            ("time", np.float64),
            ("label", "U32"),
            ("probability", np.float64),
            ("rr", np.float64),
            ("quality", "U9"),
        ]
    )

    @property
    def counts(self) -> dict[str, int]:
        """Number of beats of each class."""
        labels = self.beats["label"]
        return {name: int(np.sum(labels == name)) for name in self.classes.tolist()}

    @property
    def n_unclassified(self) -> int:
        """Number of beats that were found and not classified."""
        return int(np.sum(self.beats["label"] == ""))

    @property
    def burden(self) -> dict[str, float]:
        """Share of each class in the beats that were classified; NaN if none was."""
        n_classified = len(self.beats) - self.n_unclassified
        return {
            name: count / n_classified if n_classified else np.nan
            for name, count in self.counts.items()
        }

    @property
    def heart_rate(self) -> dict[str, float]:
        """Beats a minute: ``mean``, and ``min`` and ``max`` of eight successive intervals.

        Intervals across stretches that cannot be read do not count. The mean of a short
        recording can be beyond those of any eight intervals, and is then the limit.
        """
        rr = self.beats["rr"]
        known = rr[np.isfinite(rr)]
        if not len(known):
            return {"mean": np.nan, "min": np.nan, "max": np.nan}
        width = min(_RATE_INTERVALS, len(known))
        mean_rr = np.convolve(rr, np.full(width, 1 / width), mode="valid")
        mean_rr = mean_rr[np.isfinite(mean_rr)]
        mean_rr = np.append(mean_rr, known.mean())
        low, high = mean_rr.min(), mean_rr.max()
        return {"mean": 60 / known.mean(), "min": 60 / high, "max": 60 / low}

    @property
    def runs(self) -> np.ndarray:
        """Ectopic beats in company: a table by time.

        A couplet is two ectopic beats of one class in a row, a run three or more; bigeminy is
        three or more ectopic beats with one other beat between each two. Beats that were not
        classified, and intervals that are not known, end all of them. The fields are

        - ``kind``: "couplet", "run" or "bigeminy";
        - ``label``: the class;
        - ``first``, ``last``: rows of ``beats``;
        - ``n_ectopic``: the number of ectopic beats;
        - ``time``, ``duration``: of the first beat, and from there to the last, in s.
        """
        label, time = self.beats["label"], self.beats["time"]
        follows = np.isfinite(self.beats["rr"])
        usual = (label != "") & ~np.isin(label, self.ectopic)
        rows = []
        for name in self.ectopic:
            ectopic = label == name
            for first, last in _in_a_row(ectopic, follows):
                kind = "couplet" if last - first == 1 else "run"
                rows.append((kind, name, first, last, last - first + 1))
            for first, last in _alternating(ectopic, usual, follows):
                rows.append(("bigeminy", name, first, last, (last - first) // 2 + 1))
        rows.sort(key=lambda row: row[2])
        return np.array(
            [(*row, time[row[2]], time[row[3]] - time[row[2]]) for row in rows],
            dtype=with_labels(np.dtype(RUN_DTYPE), self.classes),
        )

    def to_frame(self) -> Any:
        """Give the beats as a table of pandas.

        Returns
        -------
        DataFrame
            One row a beat: the fields of ``beats``, and ``p_`` and the class for each of
            ``probabilities``.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd

        columns = {name: self.beats[name] for name in self.beat_dtype.names or ()}
        columns |= {f"p_{name}": self.probabilities[:, i] for i, name in enumerate(self.classes)}
        return pd.DataFrame(columns)

    def to_annotations(self, symbols: Mapping[str, str] | None = None) -> Annotations:
        """Give the beats as marks, and the stretches that were not read.

        Parameters
        ----------
        symbols : mapping of str to str, optional
            PhysioNet's code for each class. By default a class is its own code, as the AAMI
            classes are.

        Returns
        -------
        Annotations
            ``"?"`` marks beats that were not classified. ``"~"`` marks where a stretch of bad
            quality begins in a lead that was classified, with the reason as note, and where it
            ends, with the note "clean".

        Raises
        ------
        ValueError
            If a class has no code for a beat.
        """
        if not (symbols is None or isinstance(symbols, Mapping)):
            raise ValueError(f"symbols must map classes to codes, got {symbols!r}.")
        codes = {"": _NOT_CLASSIFIED, **{n: n for n in self.classes.tolist()}, **(symbols or {})}
        wrong = sorted({codes[n] for n in self.classes.tolist()} - set(BEAT_SYMBOLS))
        if wrong:
            raise ValueError(
                f"{', '.join(map(repr, wrong))} is no PhysioNet code for a beat: pass symbols, "
                "such as {'normal': 'N'}."
            )
        marks = [
            (sample, codes[label], "") for sample, label in self.beats[["sample", "label"]].tolist()
        ]
        last = round(self.duration * self.fs) - 1
        for lead, start, stop, *_, reason in self.quality.tolist():
            if self.all_lead_names[lead] in self.lead_names:
                marks.append((start, _QUALITY_MARK, reason))
                if stop <= last:
                    marks.append((stop, _QUALITY_MARK, _CLEAN_AGAIN))
        marks.sort(key=lambda mark: mark[0])
        sample, symbol, note = zip(*marks, strict=True) if marks else ((), (), ())
        return Annotations(np.array(sample, dtype=np.int64), symbol, note)  # type: ignore[arg-type]

    def to_wfdb_annotations(
        self, path: str | os.PathLike[str], symbols: Mapping[str, str] | None = None
    ) -> None:
        """Write the beats as a WFDB annotation file, beside the recording for instance.

        The file is complete or not there: a file of that name is replaced at the end.

        Parameters
        ----------
        path : path-like
            The file, such as ``"100.skecg"``: the record's name and a suffix of letters, by
            which `~skecg.read_record` finds it as ``annotator="skecg"``.
        symbols : mapping of str to str, optional
            See `to_annotations`, which gives what is written.

        Raises
        ------
        OSError
            If the file cannot be written.
        ValueError
            If the name has no suffix of letters, or a class has no code for a beat.
        """
        from skecg._wfdb_annotations import write

        write(Path(path), self.to_annotations(symbols), self.fs)

    def __str__(self) -> str:
        rate = self.heart_rate
        name = "recording" if self.record_id is None else f"recording {self.record_id}"
        leads = ", ".join(lead.removeprefix("lead ") for lead in self.lead_names)
        lines = [
            f"{name}: {self.duration:.1f} s, lead {leads}",
            f"{len(self.beats)} beats {self.r_peaks}, {self.n_unclassified} not classified",
            f"heart rate {rate['mean']:.0f} ({rate['min']:.0f} to {rate['max']:.0f}) a minute"
            if np.isfinite(rate["mean"])
            else "heart rate unknown",
        ]
        counts = self.counts
        labels = AAMI_CLASSES if set(counts) <= set(AAMI_CLASSES) else tuple(counts)
        lines += [
            f"{label:<8}{counts[label]:>8}"
            + (f"{self.burden[label]:>8.1%}" if any(counts.values()) else f"{'-':>8}")
            for label in labels
            if label in counts
        ]
        kinds, numbers = np.unique(self.runs[["label", "kind"]], return_counts=True)
        lines += [
            f"{label} {kind}: {n}" for (label, kind), n in zip(kinds.tolist(), numbers, strict=True)
        ]
        own = [s for s in self.quality if self.all_lead_names[s["lead"]] in self.lead_names]
        lines += [
            f"{s['reason']} from {s['time']:.1f} s for {s['duration']:.1f} s" for s in own[:5]
        ]
        if len(own) > 5:
            lines.append(f"and {len(own) - 5} more such stretches")
        return "\n".join(lines)


def _in_a_row(ectopic: np.ndarray, follows: np.ndarray) -> list[tuple[int, int]]:
    """Give first and last of two or more ectopic beats that follow each other."""
    linked = ectopic & follows
    linked[1:] &= ectopic[:-1]
    linked[:1] = False
    return [(start - 1, stop - 1) for start, stop, value in _runs(linked) if value]


def _alternating(
    ectopic: np.ndarray, usual: np.ndarray, follows: np.ndarray
) -> list[tuple[int, int]]:
    """Give first and last ectopic beat of each bigeminy."""
    linked = np.zeros(len(ectopic), dtype=bool)
    linked[2:] = ectopic[2:] & usual[1:-1] & ectopic[:-2] & follows[2:] & follows[1:-1]
    found = []
    for parity in (0, 1):
        for start, stop, value in _runs(linked[parity::2]):
            if value and stop - start + 1 >= _FEWEST_IN_BIGEMINY:
                found.append((2 * (start - 1) + parity, 2 * (stop - 1) + parity))
    return found


def _runs(mask: np.ndarray) -> Sequence[tuple[int, int, int]]:
    return find_runs(mask.astype(np.uint8))
