"""How well and how fast R peaks are found: all 48 records of MIT-BIH, 24 hours in all.

    python benchmarks/r_peaks.py FOLDER [--method M ...] [--fs 250] [--leads all]

FOLDER holds the records. One lead each is used, MLII or else the first; ``--leads all`` leaves the
choice to ``detect_r_peaks``. Annotated and detected beats are matched one to one within 150 ms, in
the order of time; the episodes of ventricular flutter in record 207, whose beats are not
annotated, are left out. ``--fs`` brings the recordings to another sampling rate first. Times are
those of the processor, so that other work on the machine does not count.

Last comes one recording of 24 hours at 250 Hz, made of the same records, read from a memory map.
"""

import argparse
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np

from skecg import read_record
from skecg._aami import AAMI_CLASS_OF_SYMBOL
from skecg._signals import resample
from skecg.datasets._mitbih import MITBIH_RECORDS
from skecg.preprocessing import detect_r_peaks, signal_quality

TOLERANCE = 0.15
BAR = 99.8


def match(reference, detected, tolerance):
    """Pair ascending positions one to one, each with the next that is near; gives two indices."""
    pairs = []
    i = j = 0
    while i < len(reference) and j < len(detected):
        distance = detected[j] - reference[i]
        if abs(distance) <= tolerance:
            pairs.append((i, j))
            i += 1
            j += 1
        elif distance < 0:
            j += 1
        else:
            i += 1
    return np.array(pairs, dtype=int).reshape(-1, 2).T


def outside_flutter(record, positions):
    """Leave out what lies in an episode of ventricular flutter, from ``[`` to ``]``."""
    marks = record.annotations
    starts, stops = (marks.sample[marks.symbol == bracket] for bracket in "[]")
    inside = np.zeros(len(positions), dtype=bool)
    for start, stop in zip(starts, stops, strict=True):
        inside |= (positions >= start) & (positions <= stop)
    return positions[~inside]


def reference_beats(record):
    beats = np.isin(record.annotations.symbol, list(AAMI_CLASS_OF_SYMBOL))
    return outside_flutter(record, record.annotations.sample[beats])


def usual_lead(record):
    return "MLII" if "MLII" in record.lead_names else record.lead_names[0]


def in_bad_stretches(positions, stretches):
    inside = np.zeros(len(positions), dtype=bool)
    for stretch in stretches:
        inside |= (positions >= stretch["start"]) & (positions < stretch["stop"])
    return inside


def score(folder, method, target_fs, all_leads):
    """Print the table of one method; gives sensitivity, positive predictivity, distance."""
    print(f"\n{method}\nrecord     beats    missed     extra      Se %      +P %   marked %")
    counts, marked, distances = np.zeros(3, dtype=int), np.zeros(4, dtype=int), []
    seconds = 0.0
    for name in MITBIH_RECORDS:
        record = read_record(Path(folder) / name)
        signal = record.signal if all_leads else record.lead(usual_lead(record))[:, np.newaxis]
        fs = target_fs or record.fs
        signal = resample(signal, record.fs, fs)
        started = time.process_time()
        found = detect_r_peaks(signal, fs, method=method)
        seconds += time.process_time() - started
        stretches = signal_quality(signal[:, 0], fs)
        # In seconds from here on: the rates may differ.
        reference = reference_beats(record) / record.fs
        found = outside_flutter(record, found * record.fs / fs) / record.fs
        i, j = match(reference, found, TOLERANCE)
        distances.append(found[j] - reference[i])
        counts += [len(i), len(reference), len(found)]
        bad = in_bad_stretches(reference * fs, stretches)
        missed = np.setdiff1d(np.arange(len(reference)), i)
        extra = np.setdiff1d(np.arange(len(found)), j)
        bad_extra = in_bad_stretches(found[extra] * fs, stretches)
        n_errors = len(missed) + len(extra)
        marked += [bad.sum(), len(bad), bad[missed].sum() + bad_extra.sum(), n_errors]
        print(
            f"{name:<6}{len(reference):10}{len(missed):10}{len(extra):10}"
            f"{100 * len(i) / len(reference):10.2f}{100 * len(i) / len(found):10.2f}"
            f"{100 * bad.mean():11.2f}",
            flush=True,
        )
    hit, n_reference, n_found = counts.tolist()
    sensitivity, predictivity = 100 * hit / n_reference, 100 * hit / n_found
    error = 1000 * np.concatenate(distances)
    print(
        f"all   {n_reference:10}{n_reference - hit:10}{n_found - hit:10}{sensitivity:10.2f}"
        f"{predictivity:10.2f}\n"
        f"F1 {200 * hit / (n_reference + n_found):.2f} %, distance {np.abs(error).mean():.1f} ms "
        f"(mean {error.mean():+.1f}), {seconds:.0f} s of processor time for 24 h\n"
        f"marked by signal_quality: {marked[0]} of {marked[1]} beats, "
        f"{marked[2]} of {marked[3]} errors"
    )
    return sensitivity, predictivity, np.abs(error).mean()


def whole_day(folder, method):
    """Find the beats of 24 hours at 250 Hz in a file."""
    with tempfile.TemporaryDirectory() as scratch:
        parts = []
        for name in MITBIH_RECORDS:
            record = read_record(Path(folder) / name, annotator=None)
            lead = record.lead(usual_lead(record))[:, np.newaxis]
            parts.append(resample(lead, record.fs, 250)[:, 0])
        path = Path(scratch) / "day.npy"
        np.save(path, np.concatenate(parts)[: 24 * 3600 * 250])
        del parts
        day = np.load(path, mmap_mode="r")
        detect_r_peaks(day[: 250 * 60], 250, method=method)
        for title, function in (
            ("detect_r_peaks", lambda: detect_r_peaks(day, 250, method=method, verbose=True)),
            ("signal_quality", lambda: signal_quality(day, 250, verbose=True)),
        ):
            started, wall = time.process_time(), time.perf_counter()
            found = function()
            print(
                f"{title}, {len(day) / 250 / 3600:.1f} h at 250 Hz: "
                f"{time.process_time() - started:.0f} s of processor time, "
                f"{time.perf_counter() - wall:.0f} s in all, {len(found)} found"
            )
        for hours in (1, 4):
            tracemalloc.start()
            detect_r_peaks(day[: hours * 3600 * 250], 250, method=method)
            print(f"memory for {hours} h: {tracemalloc.get_traced_memory()[1] / 1e6:.0f} MB")
            tracemalloc.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder with the database's files")
    parser.add_argument("--method", nargs="+", default=["khamis2016"])
    parser.add_argument("--fs", type=float, help="sampling rate to bring the recordings to")
    parser.add_argument("--leads", choices=["usual", "all"], default="usual")
    parser.add_argument("--no-day", action="store_true", help="leave the 24 hours out")
    arguments = parser.parse_args()
    for method in arguments.method:
        figures = score(arguments.folder, method, arguments.fs, arguments.leads == "all")
    if not arguments.no_day:
        print()
        whole_day(arguments.folder, arguments.method[0])
    sensitivity, predictivity, distance = figures
    if min(sensitivity, predictivity) < BAR or distance > 5:
        raise SystemExit(f"below the bar of {BAR} % and 5 ms")


if __name__ == "__main__":
    main()
