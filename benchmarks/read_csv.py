"""What reading large text files into a memory map takes.

Run with ``python benchmarks/read_csv.py [MEGABYTES]`` on Linux. Writes generated files of that size
and of a tenth of it, heartbeats and leads, to a temporary folder, and reads each of them in a
process of its own, into a memory map and into memory. The memory is the most that the process
held beyond what it did before.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from skecg.datasets import load_heartbeat_csv, load_lead_csv

SHAPES = {"heartbeats": (187,), "leads": (750, 12)}


def write(path, megabytes):
    """Write the same rows until the file is large enough; the last column is 0."""
    shape = SHAPES[path.stem]
    n_rows = 500_000 // np.prod(shape)
    X = np.cumsum(np.random.default_rng(0).normal(0, 0.05, (n_rows, *shape)), axis=1)
    rows = X.reshape(n_rows, -1)
    if path.stem == "heartbeats":
        rows = np.column_stack([rows, np.zeros(n_rows)])
    text = "".join(",".join(f"{value:.5f}" for value in row) + "\n" for row in rows)
    with path.open("w") as file:
        for _ in range(round(megabytes * 1e6 / len(text))):
            file.write(text)


def most_kilobytes():
    """Give the most memory that this process has held; getrusage may give its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def read(path, memmap):
    """Read a file, and print what that took."""
    load = load_heartbeat_csv if path.stem == "heartbeats" else load_lead_csv
    # What NumPy loads at the first file does not count.
    np.loadtxt(["1,2"], delimiter=",")
    before = most_kilobytes()
    start = time.process_time()
    data = load(path, memmap=path.with_suffix(".npy") if memmap else None).data
    seconds = time.process_time() - start
    more = (most_kilobytes() - before) * 1024 / 1e6
    print(
        f"{path.stem}, {path.stat().st_size / 1e6:.0f} MB as text, {data.nbytes / 1e6:.0f} MB as "
        f"{data.dtype}, {'memory map' if memmap else 'memory'}: {more:.0f} MB more, "
        f"{seconds:.1f} s of processor time",
        flush=True,
    )


def main():
    if sys.argv[1:2] == ["read"]:
        read(Path(sys.argv[2]), sys.argv[3] == "memmap")
        return
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 400
    for name in SHAPES:
        for size in (megabytes / 10, megabytes):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, f"{name}.csv")
                write(path, size)
                for where in ("memmap", "memory"):
                    subprocess.run([sys.executable, __file__, "read", path, where], check=True)


if __name__ == "__main__":
    main()
