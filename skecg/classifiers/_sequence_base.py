"""What networks on sequences of beats add to the contract."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.metrics import accuracy_score

from skecg.classifiers._base import BaseECGClassifier


class BaseSequenceClassifier(BaseECGClassifier):
    """Base of the networks that label every beat of a sequence.

    The rank of ``y`` in `fit` says what ``X`` holds: where ``y`` is (n_sequences, n_beats), it
    holds sequences, and `predict` gives a label for every beat of every sequence. Where ``y``
    has one dimension, it holds plain beats, as other classifiers take them: sequences of length
    one, whose neighbours are not known. `predict` then wants plain beats, too.

    A subclass's ``_network`` gets the shape of one beat and takes sequences of any length.

    Parameters
    ----------
    **training
        See `BaseECGClassifier`.

    Attributes
    ----------
    input_shape_ : tuple of int
        Shape of one beat as the network takes it: time steps and leads.
    n_features_in_ : int
        Time steps a beat.

    See Also
    --------
    skecg.preprocessing.make_beat_sequences : Makes sequences of neighbouring beats.
    BeatSequenceClassifier : Takes beats and tells the network which are neighbours.
    """

    _plain: bool

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        groups: Any = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_sequences, n_beats, n_timesteps[, n_leads]) or \
                (n_samples, n_timesteps[, n_leads])
            Sequences of neighbouring beats, or plain beats.
        y : array-like of shape (n_sequences, n_beats) or (n_samples,)
            Labels of the beats.
        sample_weight : array-like of shape (n_sequences,) or (n_sequences, n_beats), default=None
            Weights of the sequences or of the beats in the loss.
        X_val : array-like of the same shape as ``X`` but for the sequences, default=None
            Validation sequences: followed in ``history_``, and what ``early_stopping`` looks
            at. Never trained on.
        y_val : array-like of shape (n_validation_sequences, n_beats), default=None
            Their labels.
        groups : array-like of shape (n_sequences,), default=None
            Patients, for a validation share that has none of them on both sides.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            As `BaseECGClassifier.fit`, and if ``y`` has not a label for every beat.
        """
        return super().fit(X, y, sample_weight, X_val, y_val, groups)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch on these sequences, from where the network stands.

        Parameters
        ----------
        X : array-like of shape (n_sequences, n_beats, n_timesteps[, n_leads]) or \
                (n_samples, n_timesteps[, n_leads])
            Sequences or plain beats.
        y : array-like of shape (n_sequences, n_beats) or (n_samples,)
            Labels of the beats; not every class need be among them.
        classes : array-like of shape (n_classes,), default=None
            All labels that will ever come; required in the first call.
        sample_weight : array-like of shape (n_sequences,) or (n_sequences, n_beats), default=None
            Weights of the sequences or of the beats in the loss.

        Returns
        -------
        self
            The estimator.

        Raises
        ------
        ValueError
            As `BaseECGClassifier.partial_fit`.
        """
        return super().partial_fit(X, y, classes, sample_weight)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Estimate the probability of every class for every beat.

        Parameters
        ----------
        X : array-like of shape (n_sequences, n_beats, n_timesteps[, n_leads]) or \
                (n_samples, n_timesteps[, n_leads])
            What `fit` got: sequences, though of any number of beats, or plain beats.

        Returns
        -------
        ndarray of shape (n_sequences, n_beats, n_classes) or (n_samples, n_classes), float32
            Rows sum to one; columns as in ``classes_``.

        Raises
        ------
        ValueError
            If the beats' shape differs from that of the training data, or a value is not finite.
        """
        return super().predict_proba(X)

    def predict(self, X: Any) -> np.ndarray:
        """Give the most probable class of every beat.

        Parameters
        ----------
        X : array-like of shape (n_sequences, n_beats, n_timesteps[, n_leads]) or \
                (n_samples, n_timesteps[, n_leads])
            Sequences or plain beats.

        Returns
        -------
        ndarray of shape (n_sequences, n_beats) or (n_samples,)
            Labels.
        """
        return super().predict(X)

    def embed(self, X: Any) -> np.ndarray:
        """Give the activations that the last layer makes its decisions from.

        Parameters
        ----------
        X : array-like of shape (n_sequences, n_beats, n_timesteps[, n_leads]) or \
                (n_samples, n_timesteps[, n_leads])
            Sequences or plain beats.

        Returns
        -------
        ndarray of shape (n_sequences, n_beats, n_units) or (n_samples, n_units), float32
            Features of the beats.
        """
        return super().embed(X)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Give the share of beats that get their label.

        Parameters
        ----------
        X : array-like of shape (n_sequences, n_beats, n_timesteps[, n_leads]) or \
                (n_samples, n_timesteps[, n_leads])
            Sequences or plain beats.
        y : array-like of shape (n_sequences, n_beats) or (n_samples,)
            Their labels.
        sample_weight : array-like of shape (n_sequences,) or (n_sequences, n_beats), default=None
            Weights of the sequences or of the beats.

        Returns
        -------
        float
            Accuracy.

        Raises
        ------
        ValueError
            If ``y`` has not a label for every beat.
        """
        predicted = self.predict(X)
        if predicted.ndim == 1:
            return accuracy_score(y, predicted, sample_weight=sample_weight)
        y = np.asarray(y)
        if y.shape != predicted.shape:
            raise ValueError(f"y must have shape {predicted.shape}, got {y.shape}.")
        weight = _weight_by_beat(sample_weight, y.shape)
        return accuracy_score(y.ravel(), predicted.ravel(), sample_weight=weight)

    def _check_training_data(self, X: Any, y: Any, reset: bool) -> tuple[np.ndarray, np.ndarray]:
        if reset:
            self._plain = _holds_plain_beats(X, y)
        base = super()._check_training_data
        return self._check_sequences(lambda X, y: base(X, y, reset), X, y)

    def _check_validation_data(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray] | None:
        base = super()._check_validation_data
        if X is None or y is None:
            return base(X, y)
        return self._check_sequences(base, X, y, "_val")

    def _check_sequences(
        self, check: Callable[[Any, Any], Any], X: Any, y: Any, suffix: str = ""
    ) -> tuple[np.ndarray, np.ndarray]:
        """Let the base, which knows nothing of sequences, check the beats."""
        if self._plain:
            X, y = check(X, y)
            return X[:, np.newaxis], y[:, np.newaxis]
        X, y = np.asarray(X), np.asarray(y)
        self._check_rank(X, "X" + suffix)
        shape = X.shape[:2]
        if y.shape != shape:
            raise ValueError(
                f"y{suffix} must have a label for every beat, shape {shape} for X{suffix} of shape "
                f"{X.shape}, got shape {y.shape}."
            )
        X, y = check(X.reshape(-1, *X.shape[2:]), y.ravel())
        return X.reshape(*shape, *X.shape[1:]), y.reshape(shape)

    def _check_samples(self, X: Any) -> np.ndarray:
        if self._plain:
            return super()._check_samples(X)[:, np.newaxis]
        X = np.asarray(X)
        self._check_rank(X, "X")
        beats = super()._check_samples(X.reshape(-1, *X.shape[2:]))
        return beats.reshape(*X.shape[:2], *beats.shape[1:])

    def _check_rank(self, X: np.ndarray, name: str) -> None:
        if X.ndim not in (3, 4):
            raise ValueError(
                f"{name} must be (n_sequences, n_beats, n_timesteps) or (n_sequences, n_beats, "
                f"n_timesteps, n_leads) for {type(self).__name__} on sequences, got shape "
                f"{X.shape}."
            )

    def _check_weight(
        self, sample_weight: Any, X: np.ndarray, y: np.ndarray, y_known: np.ndarray | None = None
    ) -> np.ndarray | None:
        weight = super()._check_weight(
            _weight_by_beat(sample_weight, y.shape),
            X.reshape(-1, *X.shape[2:]),
            y.ravel(),
            None if y_known is None else y_known.ravel(),
        )
        return None if weight is None else weight.reshape(y.shape)

    def _as_target(self, encoded: np.ndarray) -> np.ndarray:
        target = super()._as_target(encoded)
        # Keras would take the one class of (n_sequences, n_beats, 1) for a superfluous axis.
        return target[..., np.newaxis] if target.ndim == 2 else target

    def _run(self, model: Any, X: Any) -> np.ndarray:
        output = super()._run(model, X)
        return output[:, 0] if self._plain else output


def _holds_plain_beats(X: Any, y: Any) -> bool:
    # Not np.shape, which array-likes may refuse.
    of_X, of_y = (a.shape if hasattr(a, "shape") else np.asarray(a).shape for a in (X, y))
    plain = len(of_X) < 3 or (len(of_X) == 3 and len(of_y) < 2)
    if plain and len(of_X) == 3 and of_X[2] > of_X[1]:
        raise ValueError(
            f"X of shape {of_X} with y of shape {of_y} is taken for beats of more leads than time "
            f"steps. If these are sequences, y needs a label for every beat, shape {of_X[:2]}; if "
            "they are beats, they look transposed, pass X.transpose(0, 2, 1)."
        )
    return plain


def _weight_by_beat(sample_weight: Any, shape: tuple[int, ...]) -> Any:
    if sample_weight is None or isinstance(sample_weight, Real):
        return sample_weight
    weight = np.asarray(sample_weight)
    if weight.shape not in (shape, shape[:1]):
        raise ValueError(
            f"sample_weight must have shape {shape[:1]}, one weight a sequence, or {shape}, one a "
            f"beat, got {weight.shape}."
        )
    return np.broadcast_to(weight.T, shape[::-1]).T.ravel()
