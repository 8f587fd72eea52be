"""Size and speed of every network at the shape that it was made for.

Prints, for each: parameters, seconds to the end of the first epoch (which is mostly
TensorFlow's tracing of the graph), and samples a second in training and in prediction
after that. A sample of a network on sequences is one beat. Data are noise: speed does not
depend on them.
"""

import argparse
import time

import numpy as np

import skecg.classifiers
from skecg.classifiers import BaseSequenceClassifier

_BEATS = 8


def architectures():
    things = {name: getattr(skecg.classifiers, name) for name in skecg.classifiers.__all__}
    return {name: thing for name, thing in things.items() if hasattr(thing, "_network")}


def make_data(cls, n_samples):
    shape, n_classes = cls._reference
    rng = np.random.default_rng(0)
    X = rng.random((n_samples, *shape), dtype=np.float32)
    y = np.arange(n_samples) % n_classes
    if issubclass(cls, BaseSequenceClassifier):
        return X.reshape(-1, _BEATS, *shape), y.reshape(-1, _BEATS)
    return X, y


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def measure(cls, n_samples, at_least):
    X, y = make_data(cls, n_samples)
    model = cls(epochs=1, early_stopping=False, warm_start=True, random_state=0)
    first = seconds(lambda: model.fit(X, y))
    once = seconds(lambda: model.fit(X, y))
    model.set_params(epochs=max(1, round(at_least / once)))
    training = seconds(lambda: model.fit(X, y)) / model.epochs
    model.predict_proba(X)
    once = seconds(lambda: model.predict_proba(X))
    n_rounds = max(1, round(at_least / once))
    prediction = seconds(lambda: [model.predict_proba(X) for _ in range(n_rounds)]) / n_rounds
    return model.model_.count_params(), first, n_samples / training, n_samples / prediction


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n-samples", type=int, default=128, help=f"a multiple of {_BEATS}")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each measurement")
    parser.add_argument("--only", nargs="+", default=list(architectures()), metavar="NAME")
    args = parser.parse_args()

    print(
        f"{'':28} {'input':>10} {'parameters':>11} {'first s':>8} {'train/s':>8} {'predict/s':>9}"
    )
    for name in args.only:
        cls = architectures()[name]
        size = "x".join(map(str, cls._reference[0]))
        n_parameters, first, training, prediction = measure(cls, args.n_samples, args.seconds)
        print(
            f"{name:28} {size:>10} {n_parameters:11,} {first:8.1f} {training:8.0f} "
            f"{prediction:9.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
