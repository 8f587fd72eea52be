"""Networks as ONNX files: their size, how near they are, and one beat through each of them.

Run with ``python benchmarks/onnx_export.py [NAME ...]``. Each network has its defaults and the
input that it was published with; of a ResNeXt, the small one of its docstring. The time is the
median of many single samples, alternating, in one process.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

import skecg
from skecg import classifiers

SMALL = {"ECGResNeXtClassifier": {"units": (1, 1, 1), "blocks_per_unit": 1, "width": 32}}


def milliseconds(functions, repeats=200):
    """Median time of each function, called in turn."""
    times = [[] for _ in functions]
    for _ in range(repeats):
        for function, taken in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            taken.append(time.perf_counter() - start)
    return [1000 * np.median(taken[10:]) for taken in times]


def main():
    wanted = sys.argv[1:]
    rng = np.random.default_rng(0)
    print("network: skecg file, ONNX file (MB); predict_proba, onnxruntime (ms); difference")
    for name in classifiers.__all__:
        cls = getattr(classifiers, name)
        if not hasattr(cls, "_reference") or name == "ECGSeq2SeqClassifier":
            continue
        if wanted and name not in wanted:
            continue
        shape, n_classes = cls._reference
        X = rng.normal(size=(8 * n_classes, *shape)).astype(np.float32)
        y = np.arange(len(X)) % n_classes
        network = cls(epochs=1, random_state=0, early_stopping=False, **SMALL.get(name, {}))
        network.fit(X, y)
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = Path(folder, "model.skecg"), Path(folder, "model.onnx")
            skecg.save(network, ours)
            skecg.to_onnx(network, theirs)
            sizes = [path.stat().st_size / 1e6 for path in (ours, theirs)]
            session = onnxruntime.InferenceSession(theirs)
        # Networks on sequences take one beat for a sequence of one.
        given = X.reshape(len(X), *[n or 1 for n in network.model_.input_shape[1:]])
        found = session.run(None, {"signal": given})[0].reshape(len(X), -1)
        difference = np.abs(found - network.predict_proba(X)).max()
        one, one_given = X[:1], given[:1]
        times = milliseconds(
            [
                lambda network=network, one=one: network.predict_proba(one),
                lambda session=session, one=one_given: session.run(None, {"signal": one}),
            ]
        )
        print(
            f"{name}: {sizes[0]:.2f}, {sizes[1]:.2f}; {times[0]:.2f}, {times[1]:.2f}; "
            f"{difference:.0e}",
            flush=True,
        )


if __name__ == "__main__":
    main()
