"""All public estimators, found by walking the package, in sizes fit for testing."""

import importlib
import inspect
import pkgutil

import numpy as np
from sklearn.base import BaseEstimator

import skecg

_ABSTRACT = {"BaseAugmenter", "BaseECGClassifier"}

# Enough training for scikit-learn's checks, which ask for accuracy on blobs.
_TRAINING = {
    "epochs": 25,
    "batch_size": 32,
    "early_stopping": False,
    "random_state": 0,
    "optimizer__learning_rate": 5e-3,
}
_SMALL = {
    "ECGConvNetClassifier": {"filters": (8, 8), "kernel_size": 3, "dropout": 0.1},
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


def is_network(cls):
    return hasattr(cls, "_network")


def small(cls, **parameters):
    """An instance; of a network, one that trains in a moment."""
    settings = {**_TRAINING, **_SMALL.get(cls.__name__, {})} if is_network(cls) else {}
    return cls(**{**settings, **parameters})


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
