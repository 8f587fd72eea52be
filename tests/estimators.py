"""All public estimators, found by walking the package, in sizes fit for testing."""

import importlib
import inspect
import pkgutil

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

import skecg

_ABSTRACT = {"BaseAugmenter", "BaseECGClassifier", "BaseSequenceClassifier"}

# Enough training for scikit-learn's checks, which ask for accuracy on blobs.
_TRAINING = {
    "epochs": 20,
    "batch_size": 32,
    "early_stopping": False,
    "random_state": 0,
    "optimizer__learning_rate": 2e-2,
}
_SMALL = {
    "BeatSequenceClassifier": {"estimator": LogisticRegression(), "n_beats": 3},
    "BandpassFilter": {"fs": 100},
    "Resampler": {"fs": 100},
    "RecordClassifier": {"estimator": LogisticRegression()},
    "EarlyStoppingClassifier": {
        "estimator": HistGradientBoostingClassifier(max_iter=10, min_samples_leaf=5),
        "random_state": 0,
    },
    "FoldEnsembleClassifier": {"estimator": LogisticRegression(), "cv": 3},
    "ECGBatchNormCNNClassifier": {
        "filters": (8,),
        "kernel_size": 3,
        "pool_size": 2,
        "dense_units": (16,),
    },
    "ECGCNNLSTMClassifier": {
        "filters": (8,),
        "kernel_size": 3,
        "dropout": 0.1,
        "lstm_units": (8,),
        "dense_units": (8,),
    },
    "ECGConvNetClassifier": {
        "filters": (8,),
        "kernel_size": 3,
        "dropout": 0.1,
        "dense_units": (16,),
    },
    "ECGEmbedding": {
        "estimator": skecg.ECGConvNetClassifier(
            filters=(8,),
            kernel_size=3,
            dropout=0.1,
            dense_units=(16,),
            epochs=1,
            early_stopping=False,
            random_state=0,
        )
    },
    "ECGInceptionTimeClassifier": {
        "depth": 1,
        "filters": 4,
        "kernel_size": (5,),
        "bottleneck": 4,
    },
    "ECGInversionCNNClassifier": {"filters": (8,)},
    "ECGMultiLeadCNNClassifier": {
        "filters": (16,),
        "kernel_size": 5,
        "strides": 2,
        "inner_kernel_size": 2,
        "dropout": 0.1,
    },
    "ECGResNeXtClassifier": {
        "units": (1,),
        "blocks_per_unit": 1,
        "cardinality": 2,
        "width": 8,
        "stem_filters": 8,
        "dropout": 0.1,
        "input_injection": False,
        "optimizer": "adam",
    },
    "ECGResNetClassifier": {"n_blocks": 1, "filters": 8, "dense_units": (16,)},
    "ECGTabularDNNClassifier": {"dense_units": (16, 8), "l2": 0.0},
    "ECGWideDeepClassifier": {
        "n_wide": 1,
        "n_leads": 1,
        "filters": (8,),
        "kernel_size": 3,
        "pool_size": 2,
        "dense_units": (16,),
        "dropout": 0.1,
    },
    "ECGSeq2SeqClassifier": {"filters": (8,), "lstm_units": 8, "label_units": 4, "l2": 0.0},
}


def all_estimator_classes():
    """Public estimator classes by name."""
    names = [m.name for m in pkgutil.iter_modules(skecg.__path__) if not m.name.startswith("_")]
    modules = [skecg, *(importlib.import_module(f"skecg.{name}") for name in names)]
    things = {name: getattr(m, name) for m in modules for name in m.__all__}
    return {
        name: thing
        for name, thing in sorted(things.items())
        if inspect.isclass(thing) and issubclass(thing, BaseEstimator) and name not in _ABSTRACT
    }


def is_sampler(cls):
    """Whether imbalanced-learn's checks apply; those of scikit-learn are for other estimators."""
    return hasattr(cls, "fit_resample")


def is_network(cls):
    return hasattr(cls, "_network")


def small(cls, **parameters):
    """An instance; of a network, one that trains in a moment."""
    training = _TRAINING if is_network(cls) else {}
    return cls(**{**training, **_SMALL.get(cls.__name__, {}), **parameters})


def untrained(cls):
    """A network as `fit` begins with, but with other weights than the seed gives."""
    X, y = signals()
    estimator = small(cls)
    y = estimator._check_training_data(X, y, reset=True)[1]
    estimator._start(np.unique(y))
    rng = np.random.default_rng(0)
    weights = estimator.model_.get_weights()
    estimator.model_.set_weights([w + rng.random(w.shape).astype(w.dtype) for w in weights])
    return estimator


def architecture(cls):
    """A network's own parameters, at their defaults."""
    return {name: getattr(cls(), name) for name in cls._architecture_names()}


def networks():
    """All network classes."""
    return [cls for cls in all_estimator_classes().values() if is_network(cls)]


def signals(n_samples=60, n_timesteps=40, n_leads=None, n_classes=3, dtype=np.float32, seed=0):
    """Sines of a frequency by class in noise, with string labels."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_samples) % n_classes
    shape = (n_samples, n_timesteps) if n_leads is None else (n_samples, n_timesteps, n_leads)
    wave = np.sin(2 * np.pi * np.outer(y + 1, np.linspace(0, 2, n_timesteps)))
    X = wave.reshape(n_samples, n_timesteps, *[1] * (len(shape) - 2)) + rng.normal(0, 0.3, shape)
    X = X * (1 if np.issubdtype(dtype, np.floating) else 100)
    return X.astype(dtype), np.array(["Q", "N", "V", "F", "S"])[y]


def opposed_leads(n_samples, n_timesteps, n_leads, seed=0):
    """Waves of either sign, anywhere in time; in half of the samples the first lead is inverted.

    Every sample is as likely as its negative, so that a linear model can only guess.
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n_samples) % 2
    sign = rng.choice([-1, 1], (n_samples, 1, 1))
    start = rng.uniform(0.3, 0.7, (n_samples, 1)) * n_timesteps
    wave = np.exp(-((np.arange(n_timesteps) - start) ** 2) / 18)
    X = sign * wave[..., np.newaxis] * np.ones(n_leads)
    X[y == 1, :, 0] *= -1
    X += rng.normal(0, 0.2, X.shape)
    return X.astype(np.float32), np.array(["correct", "inverted"])[y]


def gain_over_logistic_regression(network, X, y, n_train):
    """How much more of the samples after the first ``n_train`` a network gets right."""
    train, test = slice(n_train), slice(n_train, None)
    flat = X.reshape(len(X), -1)
    linear = LogisticRegression(max_iter=300).fit(flat[train], y[train]).score(flat[test], y[test])
    return network.fit(X[train], y[train]).score(X[test], y[test]) - linear
