"""Saving and loading without pickle."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sklearn.base import BaseEstimator

from skecg._container import read, write
from skecg._serialization import Decoder, Encoder

__all__ = ["load", "save"]

_FORMAT = 1
_PACKAGES = ("skecg", "scikit-learn", "imbalanced-learn", "numpy", "keras")


def save(estimator: Any, path: str | os.PathLike[str], *, classes: Iterable[type] = ()) -> None:
    """Save an estimator in one file that cannot run code.

    Parameters
    ----------
    estimator : estimator
        Fitted or not: of skecg, or a pipeline of what is listed under Notes.
    path : str or path-like
        Where to. A file that is there is replaced in one step.
    classes : iterable of classes, default=()
        Estimators of your own that may be in it, such as subclasses of `BaseECGClassifier`.

    Raises
    ------
    ValueError
        If a parameter or attribute cannot be written without a pickle; the message names it.
    OSError
        If the file cannot be written. One that is there stays as it is.

    See Also
    --------
    load : The way back.

    Notes
    -----
    All estimators of skecg can be saved, and with them pipelines, `ColumnTransformer`,
    scikit-learn's scalers, encoders and imputers, `PCA`, linear models, decision trees and
    forests, voting, stacking and calibration; imbalanced-learn's pipelines and samplers; and
    what Keras has of optimizers, losses and metrics. Of a search, save the ``best_estimator_``.
    Functions of your own and Keras callbacks are refused. Training data are not saved, but
    trees and scalers, like all models, keep some figures of them.

    The file is in the format safetensors: arrays as they are in memory, and JSON. Predictions
    are the same to the last bit.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> import skecg
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skecg.datasets import make_heartbeats
    >>> from skecg.preprocessing import LeadScaler
    >>> X, y, _ = make_heartbeats(100, return_X_y_groups=True, random_state=0)
    >>> pipeline = make_pipeline(LeadScaler(), LogisticRegression(max_iter=500)).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.skecg")
    ...     skecg.save(pipeline, path)
    ...     loaded = skecg.load(path)
    >>> np.array_equal(loaded.predict_proba(X), pipeline.predict_proba(X))
    True
    """
    if not isinstance(estimator, BaseEstimator):
        raise ValueError(f"estimator must be an estimator, got {estimator!r}.")
    encoder = Encoder(classes)
    root = encoder.encode(estimator, "estimator")
    content = {
        "format": _FORMAT,
        "versions": _versions(),
        "root": root,
        "objects": encoder.objects,
    }
    write(Path(path), content, encoder.arrays)


def load(path: str | os.PathLike[str], *, classes: Iterable[type] = ()) -> Any:
    """Load an estimator that `save` has written.

    A file of anyone can be loaded: it names classes of a list, and no code. Whether a model is
    any good is another question.

    Parameters
    ----------
    path : str or path-like
        Where from.
    classes : iterable of classes, default=()
        Those given to `save`.

    Returns
    -------
    estimator
        As it was.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, was written by something else or a later format of skecg, or
        asks for anything that `save` would not have written.

    Warns
    -----
    sklearn.exceptions.InconsistentVersionWarning
        If it holds estimators of another version of scikit-learn.

    See Also
    --------
    save : The way there, with an example.

    Notes
    -----
    Files of this version of skecg will be read by later ones.

    Examples
    --------
    >>> import os, tempfile
    >>> import skecg
    >>> from skecg.preprocessing import BandpassFilter
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "filter.skecg")
    ...     skecg.save(BandpassFilter(fs=360), path)
    ...     skecg.load(path)
    BandpassFilter(fs=360)
    """
    path = Path(path)
    content, arrays = read(path)
    try:
        number = content["format"]
        if not isinstance(number, int) or number > _FORMAT:
            raise ValueError(f"it has format {number!r}, and this skecg reads up to {_FORMAT}")
        estimator = Decoder(content["objects"], arrays, classes).decode(content["root"])
        if not isinstance(estimator, BaseEstimator):
            raise ValueError("it holds no estimator")
    except _NOT_OURS as error:
        reason = str(error).rstrip(".") if isinstance(error, ValueError) else repr(error)
        raise ValueError(f"{path} cannot be loaded: {reason}.") from error
    return estimator


# What a structure that `save` would not write makes the code that reads it raise.
_NOT_OURS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    RecursionError,
    StopIteration,
    TypeError,
    ValueError,
)


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
