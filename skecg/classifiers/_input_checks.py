"""What a network asks of its input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import check_array, check_consistent_length, check_X_y
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, column_or_1d, validate_data

from skecg._records import holds_records
from skecg.classifiers._data import augment_signals, prediction_chunks


class InputChecks:
    """The checks of data, as a mixin; a network of other inputs overrides `_arrange`."""

    augment: Any
    class_weight: Any
    input_shape_: tuple[int, ...]

    def _arrange(self, X: np.ndarray) -> np.ndarray:
        """Bring an array to the rank that the network takes, or refuse it."""
        if X.ndim == 2:
            return X[..., np.newaxis]
        if X.ndim != 3:
            raise ValueError(
                f"X must be (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads) for "
                f"{type(self).__name__}, got shape {X.shape}."
            )
        if X.shape[2] > X.shape[1]:
            raise ValueError(
                f"X has more leads ({X.shape[2]}) than time steps ({X.shape[1]}): it looks "
                "transposed, pass X.transpose(0, 2, 1)."
            )
        return X

    def _check_shape(self, X: np.ndarray, name: str = "X") -> np.ndarray:
        X = self._arrange(X)
        if X.shape[1:] != self.input_shape_:
            raise ValueError(
                f"{name} has samples of shape {X.shape[1:]}, but {type(self).__name__} was fitted "
                f"with {self.input_shape_}."
            )
        return X

    def _check_labels(self, y: np.ndarray) -> np.ndarray:
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        return y

    def _check_training_data(self, X: Any, y: Any, reset: bool) -> tuple[np.ndarray, np.ndarray]:
        given = X
        _refuse_records(X)
        X, y = check_X_y(
            X,
            y,
            allow_nd=True,
            multi_output=True,
            dtype="numeric",
            ensure_all_finite=False,
            estimator=self,
        )
        y = self._check_labels(y)
        validate_data(self, given, reset=reset, skip_check_array=True)
        if reset:
            self.input_shape_ = self._arrange(X).shape[1:]
        X = self._check_shape(X)
        self._check_finite(X, "X")
        return X, y

    def _check_validation_data(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray] | None:
        if (X is None) != (y is None):
            raise ValueError("X_val and y_val must be given together.")
        if X is None:
            return None
        given = X
        X = check_array(
            X, allow_nd=True, dtype="numeric", ensure_all_finite=False, input_name="X_val"
        )
        X = self._check_shape(X, "X_val")
        validate_data(self, given, reset=False, skip_check_array=True)
        self._check_finite(X, "X_val")
        y = self._check_labels(np.asarray(y))
        check_consistent_length(X, y)
        return X, y

    def _check_finite(self, X: np.ndarray, name: str) -> None:
        for _ in prediction_chunks(X, name, type(self).__name__):
            pass

    def _check_weight(
        self, sample_weight: Any, X: np.ndarray, y: np.ndarray, y_known: np.ndarray | None = None
    ) -> np.ndarray | None:
        """Return the weights of samples, those of their classes as among ``y_known``."""
        if sample_weight is None and self.class_weight is None:
            return None
        weight = _check_sample_weight(
            sample_weight, X, dtype=np.float32, copy=True, ensure_non_negative=True
        )
        if self.class_weight is not None:
            y_known = y if y_known is None else y_known
            classes = np.unique(y_known)
            by_class = compute_class_weight(self.class_weight, classes=classes, y=y_known)
            of_class = by_class[np.searchsorted(classes, y)]
            if not (np.isfinite(of_class) & (of_class >= 0)).all():
                raise ValueError(
                    f"class_weight must have finite weights from 0, got {self.class_weight!r}."
                )
            weight *= of_class
        if not weight.any():
            raise ValueError("sample_weight must have at least one weight above zero.")
        return weight

    def _augmenters(self) -> Sequence[Any]:
        if self.augment is None:
            return ()
        return self.augment if isinstance(self.augment, list | tuple) else (self.augment,)

    def _check_augmenters(self, X: np.ndarray) -> None:
        augmenters = self._augmenters()
        if not augmenters:
            return
        if X.ndim < 3:
            raise ValueError(
                f"augment must be None for {type(self).__name__}: augmenters change signals, and "
                "this network takes tables."
            )
        for augmenter in augmenters:
            if not hasattr(augmenter, "augment") or isinstance(augmenter, type):
                raise ValueError(
                    "augment must be an augmenter, with a method augment(X, rng), or a list of "
                    f"these, got {augmenter!r}."
                )
        # Tried on one sample, so that a mistake is told before a network is made.
        augment_signals(X[:1].astype(np.float32), augmenters, np.random.default_rng(0))

    def _check_samples(self, X: Any) -> np.ndarray:
        _refuse_records(X)
        X = validate_data(
            self, X, reset=False, allow_nd=True, dtype="numeric", ensure_all_finite=False
        )
        return self._check_shape(X)


def _refuse_records(X: Any) -> None:
    if holds_records(X):
        raise ValueError(
            "X holds recordings; networks take arrays: np.stack([record.signal for record in X])."
        )
