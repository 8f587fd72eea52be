"""Fitting a pipeline beside samples that it must not be fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import has_fit_parameter


def fit_with_validation(
    estimator: Any, X: Any, y: Any, X_val: Any, y_val: Any, sample_weight: Any = None
) -> Any:
    """Fit an estimator in place, showing its network validation samples.

    Parameters
    ----------
    estimator : estimator
        A classifier, or a pipeline of scikit-learn or imbalanced-learn that ends in one.
    X, y : array-like
        Samples to train on: they pass transformers and samplers.
    X_val : array-like
        Samples to validate with: they pass the transformers fitted on ``X`` and no
        sampler. Left out where the classifier takes none.
    y_val : ndarray
        Their labels. Those of classes that are not in ``y`` are left out.
    sample_weight : array-like, default=None
        Weights of the training samples.

    Returns
    -------
    estimator
        Fitted.

    Raises
    ------
    ValueError
        If there are weights, and a sampler that would leave them without their samples.
    """
    if isinstance(estimator, Pipeline):
        return _fit_pipeline(estimator, X, y, X_val, y_val, sample_weight)
    parameters = {} if sample_weight is None else {"sample_weight": sample_weight}
    if has_fit_parameter(estimator, "X_val"):
        # What is not trained on can neither be predicted nor tell when to stop.
        known = np.flatnonzero(np.isin(y_val, y))
        parameters |= {"X_val": _safe_indexing(X_val, known), "y_val": y_val[known]}
    return estimator.fit(X, y, **parameters)


def _fit_pipeline(
    pipeline: Pipeline, X: Any, y: Any, X_val: Any, y_val: Any, sample_weight: Any
) -> Pipeline:
    for _, step in pipeline.steps[:-1]:
        if step in (None, "passthrough"):
            continue
        if hasattr(step, "fit_resample"):
            if sample_weight is not None:
                raise ValueError(
                    f"sample_weight cannot follow the samples through {type(step).__name__}: "
                    "leave out the weights or the sampler."
                )
            X, y = step.fit_resample(X, y)
        else:
            X = step.fit_transform(X, y)
            X_val = step.transform(X_val)
    fit_with_validation(pipeline.steps[-1][1], X, y, X_val, y_val, sample_weight)
    return pipeline
