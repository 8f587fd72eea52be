"""Ensembles, and the validation of what is in them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, _fit_context, clone
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, check_cv
from sklearn.utils import _safe_indexing, get_tags, indexable
from sklearn.utils._param_validation import HasMethods, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d

from skecg._groups import check_groups
from skecg._pipelines import aligned_probability, fit_with_validation, take_over_features
from skecg.model_selection import warn_if_groups_overlap

__all__ = ["FoldEnsembleClassifier"]


def _fit_fold(
    estimator: Any,
    X: Any,
    y: np.ndarray,
    weight: Any,
    groups: np.ndarray | None,
    train: np.ndarray,
    held_out: np.ndarray,
) -> Any:
    return fit_with_validation(
        estimator,
        _safe_indexing(X, train),
        y[train],
        _safe_indexing(X, held_out),
        y[held_out],
        None if weight is None else weight[train],
        None if groups is None else groups[train],
    )


def _as_arrays(folds: Iterable[Any]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Give the rows of folds that may be lists or ranges."""
    return [(np.asarray(train), np.asarray(held_out)) for train, held_out in folds]


def _votes_softly(ensemble: FoldEnsembleClassifier) -> bool:
    return ensemble.voting == "soft"


class FoldEnsembleClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """One classifier a fold, their probabilities averaged.

    Every classifier is trained on all folds but one, from the start. The fold that it has
    not seen is its validation data, for early stopping; it passes the transformers of a
    pipeline and none of its samplers. What each classifier says of that fold makes up
    ``oof_proba_``.

    Parameters
    ----------
    estimator : classifier
        A network, a pipeline ending in one, or any other classifier with probabilities. The
        ``memory`` of a pipeline is not used.
    cv : int, cross-validation splitter or iterable, default=5
        How to make the folds. An int means stratified ones, which keep patients apart where
        ``groups`` are given to `fit`; a splitter that takes groups, such as
        `StratifiedGroupKFold`, needs them.
    voting : {"soft", "hard"}, default="soft"
        Average probabilities, or take the class that most classifiers name.
    n_jobs : int, default=None
        Folds fitted at a time, each in a process of its own.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels.
    estimators_ : list of classifiers
        One a fold.
    oof_proba_ : ndarray of shape (n_samples, n_classes)
        Probabilities of each sample from the classifiers that were not trained on it; NaN
        for samples that no fold held out.
    oof_score_ : float
        Accuracy of ``oof_proba_``. Where the held-out fold also stopped the training, it
        is a little too good: score other data for an honest figure.
    n_features_in_ : int
        As of the first classifier, where it has that.
    feature_names_in_ : ndarray of str
        As of the first classifier, where it has these.

    Notes
    -----
    Parallel networks give the same weights as one after the other, as each computes with as
    many threads as there are cores. That makes them get in each other's way: set
    ``TF_NUM_INTRAOP_THREADS=1`` and ``TF_NUM_INTEROP_THREADS=1`` in the environment, before
    TensorFlow is loaded, and `n_jobs` to the number of cores. Five folds of the ConvNet on two
    cores were then 1.43 to 1.69 times as fast as with ``n_jobs=1``, by machine and run, and 1.24
    to 1.27 times without. Weights are the same for any `n_jobs` either way, not those of another
    number of threads.

    References
    ----------
    .. [1] L. Breiman, "Stacked regressions", Machine Learning 24, 49-64, 1996.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skecg.datasets import make_heartbeats
    >>> from skecg.ensemble import FoldEnsembleClassifier
    >>> X, y, groups = make_heartbeats(300, random_state=0, return_X_y_groups=True)
    >>> ensemble = FoldEnsembleClassifier(LogisticRegression(max_iter=500)).fit(X, y)
    >>> len(ensemble.estimators_), ensemble.oof_proba_.shape
    (5, (300, 5))
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "cv": ["cv_object"],
        "voting": [StrOptions({"soft", "hard"})],
        "n_jobs": [None, Integral],
    }

    def __init__(
        self, estimator: Any, *, cv: Any = 5, voting: str = "soft", n_jobs: int | None = None
    ) -> None:
        self.estimator = estimator
        self.cv = cv
        self.voting = voting
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit one classifier a fold.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            What the classifiers take.
        y : array-like of shape (n_samples,)
            Labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples in training.
        groups : array-like of shape (n_samples,), default=None
            Patients, for the splitter, and for classifiers that in their turn set samples
            aside, such as :class:`~skecg.early_stopping.EarlyStoppingClassifier`.

        Returns
        -------
        self
            The fitted ensemble.

        Warns
        -----
        GroupOverlapWarning
            If a patient is in a fold and among what its classifier is trained on.
        """
        X, y, groups = indexable(X, y, groups)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        if groups is not None:
            groups = check_groups(groups)
        folds = self._folds(X, y, groups)
        if not folds:
            raise ValueError("cv gives no folds; a generator does so when it is used again.")
        estimators = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit_fold)(clone(self.estimator), X, y, weight, groups, train, held_out)
            for train, held_out in folds
        )
        self.classes_, self.estimators_ = np.unique(y), estimators
        total, count = np.zeros((len(y), len(self.classes_))), np.zeros(len(y))
        for estimator, (_, held_out) in zip(self.estimators_, folds, strict=True):
            total[held_out] += self._probability(estimator, _safe_indexing(X, held_out))
            count[held_out] += 1
        with np.errstate(invalid="ignore"):
            self.oof_proba_ = total / count[:, np.newaxis]
        take_over_features(self, self.estimators_[0])
        seen = count > 0
        self.oof_score_ = accuracy_score(y[seen], self._most_probable(self.oof_proba_[seen]))
        return self

    def _folds(self, X: Any, y: np.ndarray, groups: np.ndarray | None) -> list[Any]:
        if groups is None:
            return _as_arrays(check_cv(self.cv, y, classifier=True).split(X, y))
        cv = 5 if self.cv is None else self.cv
        cv = StratifiedGroupKFold(cv) if isinstance(cv, Integral) else check_cv(cv, y)
        with warnings.catch_warnings():
            # Said below, with the number of patients that it concerns.
            warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
            folds = _as_arrays(cv.split(X, y, groups))
        warn_if_groups_overlap(folds, groups)
        return folds

    def _probability(self, estimator: Any, X: Any) -> np.ndarray:
        # A class can be missing from the folds that an estimator was trained on.
        return aligned_probability(estimator, X, self.classes_)

    def _most_probable(self, probability: np.ndarray) -> np.ndarray:
        return self.classes_[np.argmax(probability, axis=1)]

    def _average(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return np.mean([self._probability(e, X) for e in self.estimators_], axis=0)

    @available_if(_votes_softly)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Average the classifiers' probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            What the classifiers take.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns as in ``classes_``.
        """
        return self._average(X)

    def predict(self, X: Any) -> np.ndarray:
        """Give the most probable class, or the one with the most votes.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            What the classifiers take.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.
        """
        check_is_fitted(self)
        if self.voting == "soft":
            return self._most_probable(self._average(X))
        votes = np.array([e.predict(X)[:, np.newaxis] == self.classes_ for e in self.estimators_])
        return self._most_probable(votes.sum(axis=0))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags
