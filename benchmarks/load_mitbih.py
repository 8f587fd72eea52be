"""How long the MIT-BIH database takes to load, and where the time goes.

    python benchmarks/load_mitbih.py FOLDER

FOLDER holds the 48 records. Every figure is the best of three runs in one process, after the
files have been read once.
"""

import argparse
import time

from skecg import read_record
from skecg.datasets import load_mitbih
from skecg.preprocessing import BeatSegmenter


def best(function, repeats=3):
    """Give the shortest run's seconds and the last run's result."""
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - started)
    return min(seconds), result


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder with the database's files")
    folder = parser.parse_args().folder

    whole, mitbih = best(lambda: load_mitbih(folder))
    threads, _ = best(lambda: load_mitbih(folder, n_jobs=2))

    names = list(mitbih.lead_names)
    reading, records = best(lambda: [read_record(f"{folder}/{name}") for name in names])
    signals, _ = best(lambda: [read_record(f"{folder}/{name}", annotator=None) for name in names])
    records = [record.select_leads(mitbih.lead_names[record.record_id]) for record in records]
    own_rate = BeatSegmenter(target_fs=None)
    resampling = BeatSegmenter()
    segmenting, _ = best(lambda: [resampling.segment(record) for record in records])
    cutting, _ = best(lambda: [own_rate.segment(record) for record in records])

    print(f"{len(mitbih.data):,} beats of {len(names)} records, {mitbih.data.nbytes / 1e6:.0f} MB")
    for part, seconds in [
        ("load_mitbih, one thread", whole),
        ("load_mitbih, two threads", threads),
        ("  read_record, in all", reading),
        ("  read_record without annotations", signals),
        ("  segmenting with resampling, in all", segmenting),
        ("  segmenting at 360 Hz, three times the samples", cutting),
    ]:
        print(f"{part:<48} {seconds:6.2f} s  {seconds / whole:6.1%}")


if __name__ == "__main__":
    main()
