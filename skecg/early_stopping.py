"""Early stopping around whole pipelines."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, _fit_context, clone
from sklearn.utils import _safe_indexing, check_random_state, get_tags, indexable
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    column_or_1d,
    has_fit_parameter,
)

from skecg._groups import check_groups
from skecg._pipelines import (
    aligned_probability,
    fit_with_validation,
    last_step,
    take_over_features,
)
from skecg.classifiers._validation import validation_split

__all__ = ["EarlyStoppingClassifier"]


def _has_probabilities(classifier: EarlyStoppingClassifier) -> bool:
    return hasattr(classifier.estimator, "predict_proba")


class EarlyStoppingClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """A pipeline whose network stops early, by samples that nothing in it has touched.

    Inside a pipeline, a network can only cut its validation samples from what comes out of
    the steps before it: resampled copies and augmented signals, with copies of one sample on
    both sides. This puts the cut in front: a share of the original samples, of every class
    or of the patients, is set aside, the pipeline is fitted on the rest, and the samples set
    aside pass its transformers, as in prediction, and none of its samplers.

    Parameters
    ----------
    estimator : classifier
        A network with ``early_stopping``, which is turned on, or a pipeline that ends in one.
        Any other classifier must have a `fit` that takes ``X_val`` and ``y_val``. The
        ``memory`` of a pipeline is not used.
    validation_fraction : float, default=0.1
        The share of each class. Where ``groups`` are given to `fit`, whole groups are set
        aside, drawn so that their share of every class comes near to this; a class that would
        be in them alone stays in training.
    random_state : int, RandomState instance or None, default=None
        Chooses the samples that are set aside.

    Attributes
    ----------
    estimator_ : classifier
        The fitted network or pipeline.
    classes_ : ndarray of shape (n_classes,)
        Labels.
    validation_indices_ : ndarray of int
        The samples that were set aside.
    n_features_in_ : int
        As of ``estimator_``, where it has that.
    feature_names_in_ : ndarray of str
        As of ``estimator_``, where it has these.

    See Also
    --------
    skecg.ensemble.FoldEnsembleClassifier : Sets every sample aside once.

    Examples
    --------
    >>> from imblearn.pipeline import make_pipeline
    >>> from skecg import ECGConvNetClassifier
    >>> from skecg.datasets import make_heartbeats
    >>> from skecg.early_stopping import EarlyStoppingClassifier
    >>> from skecg.sampling import RandomResampler, balance_to
    >>> X, y, patients = make_heartbeats(300, random_state=0, return_X_y_groups=True)
    >>> pipeline = make_pipeline(
    ...     RandomResampler(sampling_strategy=balance_to(40), random_state=0),
    ...     ECGConvNetClassifier(epochs=2, random_state=0),
    ... )
    >>> model = EarlyStoppingClassifier(pipeline, random_state=0).fit(X, y, groups=patients)
    >>> sorted(model.estimator_[-1].history_)
    ['accuracy', 'loss', 'val_accuracy', 'val_loss']
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any,
        *,
        validation_fraction: float = 0.1,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit the estimator on all but the samples that are set aside.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            What the estimator takes.
        y : array-like of shape (n_samples,)
            Labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples in training.
        groups : array-like of shape (n_samples,), default=None
            Patients: none is on both sides.

        Returns
        -------
        self
            The fitted classifier.

        Raises
        ------
        ValueError
            If one side would be empty, or if the estimator has no use for validation samples.
        """
        X, y, groups = indexable(X, y, groups)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        classes, encoded = np.unique(y, return_inverse=True)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        train, kept = validation_split(
            encoded,
            self.validation_fraction,
            None if groups is None else check_groups(groups),
            check_random_state(self.random_state),
        )
        estimator = clone(self.estimator)
        network = last_step(estimator)
        if not has_fit_parameter(network, "X_val"):
            raise ValueError(
                "estimator must be a network, a pipeline that ends in one, or a classifier whose "
                f"fit takes X_val and y_val; {type(network).__name__} would never look at the "
                "samples set aside. Around a network, put it around this classifier instead."
            )
        if "early_stopping" in network.get_params(deep=False):
            network.set_params(early_stopping=True)
        self.estimator_ = fit_with_validation(
            estimator,
            _safe_indexing(X, train),
            y[train],
            _safe_indexing(X, kept),
            y[kept],
            None if weight is None else weight[train],
        )
        self.classes_, self.validation_indices_ = classes, kept
        take_over_features(self, self.estimator_)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict with the fitted estimator.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            What the estimator takes.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.
        """
        check_is_fitted(self)
        return self.estimator_.predict(X)

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Estimate probabilities with the fitted estimator.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            What the estimator takes.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns as in ``classes_``.
        """
        check_is_fitted(self)
        return aligned_probability(self.estimator_, X, self.classes_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags
