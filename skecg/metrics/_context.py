"""Scorers of classifiers that look at the beats around a beat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import get_scorer
from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object

_CONTEXT = ("groups", "position")


def context_scorer(scoring: str | Callable[..., float]) -> Callable[..., float]:
    """Make a scorer that tells the classifier which beats are neighbours.

    Scikit-learn's scorers call ``predict(X)`` and hand nothing else on. One made here also
    takes the ``groups`` and ``position`` that
    :class:`~skecg.classifiers.BeatSequenceClassifier` needs, from the search or
    cross-validation that it is given to as ``scoring``, and hands them on.

    Parameters
    ----------
    scoring : str or callable
        A scorer or its name, such as ``"f1_macro"``.

    Returns
    -------
    callable
        ``scorer(estimator, X, y, groups=None, position=None)``. An estimator that does not
        ask for ``groups`` and ``position`` is scored without.

    Raises
    ------
    ValueError
        If there is no scorer of this name.

    See Also
    --------
    skecg.classifiers.BeatSequenceClassifier : The classifier that this is for.

    Notes
    -----
    Searches hand metadata on after ``sklearn.set_config(enable_metadata_routing=True)``; no
    request needs to be set.

    Examples
    --------
    >>> from sklearn import config_context
    >>> from sklearn.model_selection import GridSearchCV, GroupKFold
    >>> from skecg import BeatSequenceClassifier, ECGCNNLSTMClassifier
    >>> from skecg.metrics import context_scorer
    >>> search = GridSearchCV(
    ...     BeatSequenceClassifier(ECGCNNLSTMClassifier()),
    ...     {"n_beats": [5, 10]},
    ...     scoring=context_scorer("f1_macro"),
    ...     cv=GroupKFold(),
    ... )
    >>> with config_context(enable_metadata_routing=True):
    ...     search.fit(X, y, groups=groups, position=position)  # doctest: +SKIP
    """
    if not (isinstance(scoring, str) or callable(scoring)):
        raise ValueError(f"scoring must be a scorer or the name of one, got {scoring!r}.")
    return _ContextScorer(get_scorer(scoring))


class _ContextScorer:
    def __init__(self, scorer: Callable[..., float]) -> None:
        self.scorer = scorer

    def __call__(
        self, estimator: Any, X: Any, y: Any, groups: Any = None, position: Any = None
    ) -> float:
        return self.scorer(_InContext(estimator, groups, position), X, y)

    def __repr__(self) -> str:
        return f"context_scorer({self.scorer!r})"

    def get_metadata_routing(self) -> MetadataRequest:
        request = MetadataRequest(owner=self)
        for name in _CONTEXT:
            request.score.add_request(param=name, alias=True)
        return request


class _InContext(ClassifierMixin, BaseEstimator):
    """A fitted classifier and what a scorer would not hand on to it."""

    def __init__(self, estimator: Any, groups: Any, position: Any) -> None:
        self.estimator = estimator
        self.groups = groups
        self.position = position

    @property
    def classes_(self) -> np.ndarray:
        return self.estimator.classes_

    def predict(self, X: Any) -> np.ndarray:
        return self.estimator.predict(X, **self._context("predict"))

    def predict_proba(self, X: Any) -> np.ndarray:
        return self.estimator.predict_proba(X, **self._context("predict_proba"))

    def _context(self, method: str) -> dict[str, Any]:
        asked = get_routing_for_object(self.estimator).consumes(method, _CONTEXT)
        return {name: getattr(self, name) for name in asked}
