"""Fitting a pipeline beside samples that it must not be fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import has_fit_parameter


def fit_with_validation(
    estimator: Any,
    X: Any,
    y: Any,
    X_val: Any,
    y_val: Any,
    sample_weight: Any = None,
    groups: Any = None,
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
    groups : array-like, default=None
        Patients of the training samples, for classifiers that set some of these aside.

    Returns
    -------
    estimator
        Fitted.

    Raises
    ------
    ValueError
        If no validation sample is of a class in ``y``, or if there are weights or groups to
        pass on, and a sampler that would leave them without their samples.
    """
    if isinstance(estimator, Pipeline):
        return _fit_pipeline(estimator, X, y, X_val, y_val, sample_weight, groups)
    parameters = {} if sample_weight is None else {"sample_weight": sample_weight}
    if _takes_validation(estimator):
        # What is not trained on can neither be predicted nor tell when to stop.
        known = np.flatnonzero(np.isin(y_val, y))
        if not len(known):
            raise ValueError(
                f"no validation sample is of a class trained on: {np.unique(y_val).tolist()} are "
                f"not among {np.unique(y).tolist()}."
            )
        parameters |= {"X_val": _safe_indexing(X_val, known), "y_val": y_val[known]}
    elif groups is not None and _splits_by_groups(estimator):
        parameters["groups"] = groups
    return estimator.fit(X, y, **parameters)


def last_step(estimator: Any) -> Any:
    """Return what a pipeline, of pipelines even, ends in; anything else as it is."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def _takes_validation(estimator: Any) -> bool:
    if isinstance(estimator, HistGradientBoostingClassifier) and estimator.early_stopping is False:
        return False  # It refuses what it would not look at; a network shows it in its history.
    return has_fit_parameter(estimator, "X_val")


def _splits_by_groups(estimator: Any) -> bool:
    # Beside positions, groups tell what are neighbours: a question of prediction, too.
    return has_fit_parameter(estimator, "groups") and not has_fit_parameter(estimator, "position")


def _fit_pipeline(
    pipeline: Pipeline, X: Any, y: Any, X_val: Any, y_val: Any, sample_weight: Any, groups: Any
) -> Pipeline:
    last = last_step(pipeline)
    if groups is not None and (_takes_validation(last) or not _splits_by_groups(last)):
        groups = None
    for _, step in pipeline.steps[:-1]:
        if step in (None, "passthrough"):
            continue
        if hasattr(step, "fit_resample"):
            if sample_weight is not None:
                raise ValueError(
                    f"sample_weight cannot follow the samples through {type(step).__name__}: "
                    "leave out the weights or the sampler."
                )
            if groups is not None:
                raise ValueError(
                    f"groups cannot follow the samples through {type(step).__name__} to "
                    f"{type(last).__name__}: put that one around the pipeline."
                )
            X, y = step.fit_resample(X, y)
        else:
            can_both = hasattr(step, "fit_transform")
            X = step.fit_transform(X, y) if can_both else step.fit(X, y).transform(X)
            X_val = step.transform(X_val)
    fit_with_validation(pipeline.steps[-1][1], X, y, X_val, y_val, sample_weight, groups)
    return pipeline


def aligned_probability(estimator: Any, X: Any, classes: np.ndarray) -> np.ndarray:
    """Estimate probabilities of these classes: 0 for those that were not trained on."""
    known = estimator.predict_proba(X)
    probability = np.zeros((len(known), len(classes)))
    probability[:, np.searchsorted(classes, estimator.classes_)] = known
    return probability


def take_over_features(wrapper: Any, fitted: Any) -> None:
    """Give what is wrapped around an estimator its features' number and names, if it has any."""
    for name in ("n_features_in_", "feature_names_in_"):
        if hasattr(fitted, name):
            setattr(wrapper, name, getattr(fitted, name))
        elif hasattr(wrapper, name):
            delattr(wrapper, name)  # of an earlier fit
