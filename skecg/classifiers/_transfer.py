"""What a network has learned, for another task."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    _fit_context,
    clone,
)
from sklearn.frozen import FrozenEstimator
from sklearn.utils import Bunch, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    _routing_enabled,
    process_routing,
)
from sklearn.utils.validation import check_is_fitted


def transfer(estimator: Any, *, freeze: str | None = None, **params: Any) -> Any:
    """Make a network that starts from the features of a fitted one.

    Layers that have learned to see P waves and QRS complexes on many recordings see them in
    few as well. All weights are taken over but those of the last layer (of
    `ECGSeq2SeqClassifier`: of the decoder), so that the classes may be others.

    Parameters
    ----------
    estimator : BaseECGClassifier
        A fitted network.
    freeze : {"features"} or None, default=None
        "features" trains the last layer only, for very few samples; None goes on training all
        layers.
    **params
        Parameters in which the new estimator is to differ, such as ``epochs`` or
        ``optimizer__learning_rate``.

    Returns
    -------
    BaseECGClassifier
        Not yet fitted; with the parameters of ``estimator`` otherwise. It can be cloned and
        searched, ``freeze`` included.

    Raises
    ------
    ValueError
        If ``estimator`` is not a fitted network.

    See Also
    --------
    ECGEmbedding : Features of a network for another kind of classifier.

    Notes
    -----
    To thaw the features once the last layer is trained, continue with
    ``set_params(freeze=None, warm_start=True, optimizer__learning_rate=1e-4)`` and `fit`.

    The new estimator keeps ``estimator``, in a
    :class:`~sklearn.frozen.FrozenEstimator`, as its parameter ``init_from``, and so does
    its pickle.

    Examples
    --------
    >>> from skecg import ECGConvNetClassifier, transfer
    >>> from skecg.datasets import make_heartbeats
    >>> X, y, _ = make_heartbeats(300, return_X_y_groups=True, random_state=0)
    >>> source = ECGConvNetClassifier(epochs=2, random_state=0).fit(X, y)
    >>> few = transfer(source, freeze="features", early_stopping=False)
    >>> few.fit(X[:20], y[:20] == "V").classes_
    array([False,  True])
    """
    if not hasattr(type(estimator), "_network"):
        raise ValueError(
            f"estimator must be a fitted network such as ECGConvNetClassifier, got {estimator!r}."
        )
    check_is_fitted(estimator)
    new = clone(estimator)
    return new.set_params(init_from=FrozenEstimator(estimator), freeze=freeze, **params)


def copy_features(source: Any, target: Any) -> None:
    """Give a new network the weights of a fitted one, but for the last layer's.

    Parameters
    ----------
    source : BaseECGClassifier or FrozenEstimator
        Fitted.
    target : BaseECGClassifier
        With a new ``model_``.

    Raises
    ------
    ValueError
        If the source is not fitted or another network.
    """
    if isinstance(source, FrozenEstimator):
        source = source.estimator
    name = type(target).__name__
    if type(source) is not type(target):
        raise ValueError(f"init_from must be a fitted {name}, got {type(source).__name__}.")
    if not hasattr(source, "model_"):
        raise ValueError(
            f"init_from must be fitted. Searches and pipelines clone the {name}, and with it what "
            "is not in a FrozenEstimator: make it with transfer(estimator)."
        )
    *old, _ = source.model_.layers
    *new, _ = target.model_.layers
    if [[w.shape for w in layer.weights] for layer in old] != [
        [w.shape for w in layer.weights] for layer in new
    ]:
        before = {"input_shape_": source.input_shape_, **source._architecture}
        now = {"input_shape_": target.input_shape_, **target._architecture}
        others = [
            f"{key} is {before[key]!r} there and {now[key]!r} here"
            for key in now
            if not np.array_equal(
                np.asarray(before[key], dtype=object), np.asarray(now[key], dtype=object)
            )
        ]
        raise ValueError(f"init_from has other weights than this {name}: {', '.join(others)}.")
    for layer, fitted in zip(new, old, strict=True):
        layer.set_weights(fitted.get_weights())


class ECGEmbedding(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Features that a network makes its decisions from, as a transformer.

    Stands in a pipeline in front of, say, a support vector machine. `fit` trains the network;
    one that is fitted already, on other recordings perhaps, is left as it is in a
    :class:`~sklearn.frozen.FrozenEstimator`.

    Parameters
    ----------
    estimator : BaseECGClassifier or FrozenEstimator
        The network.

    Attributes
    ----------
    estimator_ : BaseECGClassifier or FrozenEstimator
        The fitted network.
    n_features_in_ : int
        Time steps a sample, or columns of a table.
    feature_names_in_ : ndarray of str
        Names of the columns, where the training data had them.

    See Also
    --------
    transfer : A network that starts from the features of a fitted one.

    Examples
    --------
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from skecg import ECGConvNetClassifier, ECGEmbedding
    >>> from skecg.datasets import make_heartbeats
    >>> X, y, _ = make_heartbeats(300, return_X_y_groups=True, random_state=0)
    >>> network = ECGConvNetClassifier(epochs=2, random_state=0).fit(X, y)
    >>> classifier = make_pipeline(ECGEmbedding(FrozenEstimator(network)), SVC())
    >>> classifier.fit(X[:100], y[:100]).predict(X[100:]).shape
    (200,)
    >>> classifier[0].transform(X).shape
    (300, 64)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [HasMethods(["fit", "embed"])]
    }

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, **fit_params: Any) -> Self:
        """Train the network, unless it is frozen.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals.
        y : array-like of shape (n_samples,)
            Labels; a frozen network needs none.
        **fit_params : dict
            Passed on to the network's `fit`, such as ``groups``.

        Returns
        -------
        self
            The fitted transformer.
        """
        if _routing_enabled():
            passed = process_routing(self, "fit", **fit_params).estimator.fit
        else:
            passed = Bunch(**fit_params)
        self.estimator_ = clone(self.estimator).fit(X, y, **passed)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Compute the features.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals.

        Returns
        -------
        ndarray of shape (n_samples, n_features), float32
            Features.
        """
        check_is_fitted(self)
        return self.estimator_.embed(X)

    @property
    def n_features_in_(self) -> int:
        """Time steps a sample, or columns of a table."""
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns, where the training data had them."""
        return self.estimator_.feature_names_in_

    @property
    def _n_features_out(self) -> int:
        return self.estimator_._embedding.output_shape[-1]

    def get_metadata_routing(self) -> MetadataRouter:
        """Get the metadata routing of this object.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRouter
            What is passed on to the network.
        """
        return MetadataRouter(owner=self).add(
            estimator=self.estimator,
            method_mapping=MethodMapping().add(caller="fit", callee="fit"),
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = []
        return tags
