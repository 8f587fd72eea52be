"""The scikit-learn contract of every network, and the only file that knows SciKeras."""

from __future__ import annotations

# isort: off
from skecg.classifiers._keras import (  # silences TensorFlow
    forget_networks,
    keras,
    layers_seeded,
    supports_multiple_steps,
)

# isort: on
import copy
import inspect
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral, Real
from os import PathLike
from typing import Any, ClassVar, Self

import numpy as np
from scikeras.wrappers import BaseWrapper
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context, clone
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skecg._groups import check_groups
from skecg.classifiers._adabound import AdaBound
from skecg.classifiers._checkpoint import Checkpoint, check_resumable
from skecg.classifiers._data import TrainingBatches, predict_in_chunks, prediction_chunks
from skecg.classifiers._input_checks import InputChecks
from skecg.classifiers._memory import keep_memory_in_workers
from skecg.classifiers._progress import progress_callbacks
from skecg.classifiers._signature import merge_signature
from skecg.classifiers._transfer import copy_features
from skecg.classifiers._validation import validation_split

_ROUTED = ("callbacks__", "loss__", "metrics__", "optimizer__")
_KERAS = ("callbacks", "loss", "metrics", "optimizer")
_STEPS_PER_EXECUTION = 20
_FEW_STEPS = 100

# SciKeras' last release predates the rule that a class with the old tags names the new ones.
BaseWrapper.__sklearn_tags__ = BaseEstimator.__sklearn_tags__


@contextmanager
def _unchanged_by_errors(estimator: Any) -> Iterator[None]:
    """Let what was fitted before still predict when fitting it again fails."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def _loss_class(loss: Any) -> Any:
    """Find the class of a loss given by name: a function would take no arguments."""
    if not isinstance(loss, str):
        return loss
    for name, found in vars(keras.losses).items():
        if isinstance(found, type) and name.lower() == loss.replace("_", "").lower():
            return found
    return loss


class BaseECGClassifier(ClassifierMixin, InputChecks, BaseWrapper):
    """Base of the networks: everything but the graph.

    A subclass sets ``_network``, a function ``(input_shape, n_classes, *, ...)`` that
    returns a Keras model ending in class probabilities. The function's keyword-only
    parameters are the architecture's; the subclass's ``__init__`` stores them under the
    same names and hands the others on. ``_reference`` is the input shape and the number of
    classes that it was published or first used with.

    Parameters
    ----------
    epochs : int, default=100
        Passes over the training samples; at most so many with ``early_stopping``.
    batch_size : int, default=32
        Samples a training step.
    optimizer : str, keras.optimizers.Optimizer or class, default="adam"
        A name of Keras' or ``"adabound"``. Any argument of a name or class can be given, set
        and searched under names such as ``optimizer__weight_decay``.
    optimizer__learning_rate : float, LearningRateSchedule or None, default=None
        The optimizer's own by default.
    loss : str, keras.losses.Loss, class or callable, default="auto"
        ``"auto"`` takes the cross-entropy that suits the network's output.
    metrics : list of str or keras.metrics.Metric, default=("accuracy",)
        Followed in ``history_``. They get class numbers, as the default loss does; with a loss
        of one-hot rows, such as "categorical_crossentropy", they get these.
    class_weight : dict, "balanced" or None, default=None
        Weights by class label, in training and validation; ``"balanced"`` makes all classes
        of ``y`` weigh the same.
    early_stopping : bool, default=False
        Stop when the validation loss has not improved for ``n_iter_no_change`` epochs, and
        keep the weights of the best one. Validates on ``X_val`` where that is given to
        `fit`, else on a stratified share that is not trained on. Behind a sampler that share
        would hold copies of what is trained on: put `skecg.EarlyStoppingClassifier` around the
        pipeline instead.
    validation_fraction : float, default=0.1
        The share of each class; where ``groups`` are given, of whole groups, drawn so that
        their share of every class comes near to this.
    n_iter_no_change : int, default=10
        Epochs without improvement to wait for.
    augment : augmenter, list of augmenters or None, default=None
        Change the training signals, one after the other and anew in every epoch: see
        `skecg.augmentation`. What they draw follows from this ``random_state``, not from
        their own. Validation samples, and what is to be predicted, stay as they are.
    callbacks : list of keras.callbacks.Callback or classes, default=None
        Copied before use: those given stay untouched.
    checkpoint : str, path-like or None, default=None
        Folder to write the state of the training to after every epoch. A `fit` that was
        interrupted, even killed, goes on from there when it is called again with the same
        parameters and data, and ends as if nothing had happened. Needs an int ``random_state``,
        and no ``callbacks``. The file is named by parameters, data and seed, so that all fits
        of a search share one folder, and is removed when the training is done.
    warm_start : bool, default=False
        Let `fit` continue from the fitted weights.
    keep_optimizer : bool, default=False
        Keep the optimizer's state in a pickle, so that training continues there as if it
        had not been interrupted; the pickle is three times as large with Adam.
    init_from : BaseECGClassifier, FrozenEstimator or None, default=None
        A fitted network of the same kind whose weights, but for the last layer's, are the
        initial ones; see `transfer`.
    freeze : {"features"} or None, default=None
        "features" trains the last layer only.
    random_state : int, RandomState instance or None, default=None
        Initial weights, dropout, order of the samples, validation share.
    verbose : {0, 1, "bar"}, default=0
        Nothing, one line an epoch, or a live bar over the epochs.
    **routed
        Further arguments of the optimizer, loss, metrics and callbacks, such as
        ``optimizer__weight_decay``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, in the order of the columns of `predict_proba`.
    n_features_in_ : int
        Time steps a sample, or columns of a table.
    feature_names_in_ : ndarray of str
        Names of the columns, where the training data had them.
    input_shape_ : tuple of int
        Shape of one sample as the network takes it.
    history_ : dict of str to list of float
        Loss and metrics by epoch; those of the validation data begin with ``"val_"``.
    n_iter_ : int
        Epochs trained.
    model_ : keras.Model
        The network.
    """

    _network: ClassVar[Callable[..., keras.Model]]
    _reference: ClassVar[tuple[tuple[int, ...], int]]
    # Beginnings of the parameters that, once changed, ask for another compilation.
    _compiled_with: ClassVar[tuple[str, ...]] = ("freeze", "loss", "metrics", "optimizer")

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "optimizer": [str, HasMethods("get_config"), type],
        "loss": [str, HasMethods("get_config"), type, callable],
        "metrics": ["array-like", None],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "augment": [HasMethods("augment"), list, tuple, None],
        "callbacks": [list, tuple, dict, HasMethods("on_epoch_end"), None],
        "checkpoint": [str, PathLike, None],
        "warm_start": ["boolean"],
        "keep_optimizer": ["boolean"],
        "init_from": [HasMethods("fit"), None],
        "freeze": [StrOptions({"features"}), None],
        "random_state": ["random_state"],
        "verbose": [Interval(Integral, 0, 1, closed="both"), StrOptions({"bar"})],
    }

    def __init__(
        self,
        *,
        epochs: int = 100,
        batch_size: int = 32,
        optimizer: Any = "adam",
        optimizer__learning_rate: Any = None,
        loss: Any = "auto",
        metrics: Any = ("accuracy",),
        class_weight: Mapping[Any, float] | str | None = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        augment: Any = None,
        callbacks: Any = None,
        checkpoint: str | PathLike[str] | None = None,
        warm_start: bool = False,
        keep_optimizer: bool = False,
        init_from: Any = None,
        freeze: str | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int | str = 0,
        **routed: Any,
    ) -> None:
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.optimizer__learning_rate = optimizer__learning_rate
        self.loss = loss
        self.metrics = metrics
        self.class_weight = class_weight
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.augment = augment
        self.callbacks = callbacks
        self.checkpoint = checkpoint
        self.warm_start = warm_start
        self.keep_optimizer = keep_optimizer
        self.init_from = init_from
        self.freeze = freeze
        self.random_state = random_state
        self.verbose = verbose
        for name, value in routed.items():
            if not name.startswith(_ROUTED):
                raise TypeError(
                    f"{type(self).__name__} got an unexpected keyword argument {name!r}."
                )
            setattr(self, name, value)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            merge_signature(cls)

    # SciKeras takes whatever is in __dict__ for a parameter and prints in its own way.
    _get_param_names: Any = classmethod(BaseEstimator._get_param_names.__func__)
    __repr__ = BaseEstimator.__repr__

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters, routed ones such as ``optimizer__weight_decay`` included.

        Parameters
        ----------
        deep : bool, default=True
            Also those of parameters that are estimators.

        Returns
        -------
        dict
            Values by name.
        """
        routed = {n: v for n, v in vars(self).items() if n.startswith(_ROUTED)}
        return {**BaseEstimator.get_params(self, deep=deep), **routed}

    def set_params(self, **params: Any) -> Self:
        """Set parameters, routed ones such as ``optimizer__learning_rate`` included.

        Parameters
        ----------
        **params : dict
            Values by name.

        Returns
        -------
        self
            The estimator.

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        routed = {n: v for n, v in params.items() if n.startswith(_ROUTED)}
        BaseEstimator.set_params(self, **{n: v for n, v in params.items() if n not in routed})
        for name, value in routed.items():
            setattr(self, name, value)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
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
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals of one lead or of several; for a tabular network, a table.
        y : array-like of shape (n_samples,)
            Labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples in the loss, also in that of a validation share.
        X_val : array-like of the same shape as ``X`` but for the samples, default=None
            Validation samples: followed in ``history_``, and what ``early_stopping`` looks
            at. Never trained on.
        y_val : array-like of shape (n_validation_samples,), default=None
            Their labels.
        groups : array-like of shape (n_samples,), default=None
            Patients, for a validation share that has none of them on both sides.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data do not fit each other or the network; if ``warm_start`` meets
            other classes, another shape or another architecture than before; if
            ``y_val`` has labels that ``y`` has not; if training diverges, so that the
            network's weights are not finite.

        Warns
        -----
        UserWarning
            If ``y`` has one class only.
        """
        with _unchanged_by_errors(self):
            self._fit(X, y, sample_weight, X_val, y_val, groups)
        return self

    def _fit(self, X: Any, y: Any, sample_weight: Any, X_val: Any, y_val: Any, groups: Any) -> None:
        if self.checkpoint is not None:
            check_resumable(self)
        continued = self.warm_start and hasattr(self, "model_")
        X, y = self._check_training_data(X, y, reset=not continued)
        weight = self._check_weight(sample_weight, X, y)
        self._check_augmenters(X)
        groups = None if groups is None else check_groups(groups)
        check_consistent_length(X, y, groups)
        given = self._check_validation_data(X_val, y_val)
        if continued:
            self._check_architecture()
        else:
            classes = np.unique(y)
            if len(classes) == 1:
                warnings.warn(
                    f"y has one class only, {classes.item()!r}: nothing else will be predicted.",
                    UserWarning,
                    stacklevel=3,
                )
            self._start(classes)
        target = self._encode(y)
        validation = None
        if given is None and self.early_stopping:
            rng = np.random.RandomState(self._seed)
            rows, kept = validation_split(target, self.validation_fraction, groups, rng)
            if weight is not None and not weight[kept].any():
                raise ValueError(
                    "the samples set aside for validation all weigh 0: give X_val and y_val."
                )
            validation = (X[kept], target[kept], None if weight is None else weight[kept])
            X, target = X[rows], target[rows]
            weight = None if weight is None else weight[rows]
        elif given is not None:
            X_val, y_val = given
            target_val = self._encode(y_val, name="y_val")
            weight_val = self._check_weight(None, X_val, y_val, y_known=y)
            validation = (X_val, target_val, weight_val)
        self._train(X, target, weight, validation, epochs=self.epochs, checkpoint=self.checkpoint)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch on these samples, from where the network stands.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals.
        y : array-like of shape (n_samples,)
            Labels; not every class need be among them.
        classes : array-like of shape (n_classes,), default=None
            All labels that will ever come; required in the first call.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples in the loss.

        Returns
        -------
        self
            The estimator.

        Raises
        ------
        ValueError
            If the first call lacks ``classes``, a later one gives others, a label is not
            among them, or ``class_weight="balanced"``, which needs all samples.
        """
        first = not hasattr(self, "model_")
        if first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        for name in ("class_weight", "loss__alpha"):
            if getattr(self, name, None) == "balanced":
                raise ValueError(
                    f'{name}="balanced" needs all samples at once: give partial_fit a dict of '
                    "weights by label."
                )
        with _unchanged_by_errors(self):
            X, y = self._check_training_data(X, y, reset=first)
            self._check_augmenters(X)
            if first:
                self._start(np.unique(classes))
            elif classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
                raise ValueError(
                    f"classes={classes!r} is not the same as in the first call: {self.classes_!r}."
                )
            target = self._encode(y)
            weight = self._check_weight(sample_weight, X, y, y_known=self.classes_)
            self._train(X, target, weight, None, epochs=1)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Estimate the probability of every class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals. Of any numeric type and length, memory-mapped too: memory is needed
            for a part of them at a time.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), float32
            Rows sum to one; columns as in ``classes_``.

        Raises
        ------
        ValueError
            If the shape differs from that of the training data, or a value is not finite.
        """
        check_is_fitted(self)
        output = self._run(self.model_, X)
        if output.shape[-1] == 1 and len(self.classes_) == 2:
            output = np.concatenate([1 - output, output], axis=-1)
        return output

    def predict(self, X: Any) -> np.ndarray:
        """Give the most probable class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.
        """
        probability = self.predict_proba(X)
        return self.classes_[np.argmax(probability, axis=-1)]

    def embed(self, X: Any) -> np.ndarray:
        """Give the activations that the last layer makes its decision from.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals.

        Returns
        -------
        ndarray of shape (n_samples, n_units), float32
            Features, for another classifier or a plot.
        """
        check_is_fitted(self)
        return self._run(self._embedding, X)

    @classmethod
    def _architecture_names(cls) -> list[str]:
        parameters = inspect.signature(cls._network).parameters.values()
        return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]

    def _check_architecture(self) -> None:
        for name, before in self._architecture.items():
            now = getattr(self, name)
            if not np.array_equal(np.asarray(now, dtype=object), np.asarray(before, dtype=object)):
                raise ValueError(
                    f"warm_start cannot continue: {name} was {before!r} and is now {now!r}. "
                    "Set it back, or fit with warm_start=False."
                )

    def _encode(self, y: np.ndarray, name: str = "y") -> np.ndarray:
        """Give the number of each label's class."""
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(
                f"{name} has labels that are not among the classes {self.classes_.tolist()}: "
                f"{unknown.tolist()}."
            )
        return np.searchsorted(self.classes_, y).astype(np.int32)

    def _start(self, classes: np.ndarray) -> None:
        """Begin with a new network."""
        self.classes_ = classes
        self._seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        self._architecture = {
            name: copy.deepcopy(getattr(self, name)) for name in self._architecture_names()
        }
        self._build()
        if self.init_from is not None:
            copy_features(self.init_from, self)
        elif self.freeze is not None:
            raise ValueError(
                f"freeze={self.freeze!r} needs features to leave as they are: give init_from."
            )
        self.history_: dict[str, list[float]] = {}
        self.n_iter_ = 0

    def _build(self) -> None:
        with layers_seeded(self._seed):
            network = type(self)._network
            self.model_ = network(self.input_shape_, len(self.classes_), **self._architecture)
        self._embedding = keras.Model(self.model_.inputs, self._embedded())
        self._trainer = self._training_model()
        self._compiled: dict[str, Any] = {}

    def _embedded(self) -> Any:
        """Give the tensor that `embed` gives the values of."""
        return self.model_.layers[-1].input

    def _training_model(self) -> keras.Model:
        """Give the model to train: that of prediction, or another one of the same layers."""
        return self.model_

    def _training_inputs(self, X: np.ndarray, encoded: np.ndarray) -> Any:
        """Give the array, or the tuple of arrays, that the model to train takes."""
        return X

    def _compile(self, n_batches: int = _STEPS_PER_EXECUTION, epochs: int = _FEW_STEPS) -> None:
        """Compile the network unless it is, with the same settings."""
        params = self.get_params(deep=False).items()
        wanted = {n: v for n, v in params if n.startswith(self._compiled_with)}
        if wanted == self._compiled:
            return
        forget_networks()
        for layer in self.model_.layers[:-1]:
            layer.trainable = self.freeze is None
        self._trainer.compile(
            **self._compile_settings(self._keras_settings()),
            # A loop inside the graph costs half a second; a step that it saves, milliseconds.
            steps_per_execution=min(n_batches, _STEPS_PER_EXECUTION)
            if n_batches * epochs > _FEW_STEPS and supports_multiple_steps()
            else 1,
            # XLA is three times as slow as TensorFlow's own kernels on a CPU.
            jit_compile=False if keras.config.backend() == "tensorflow" else "auto",
        )
        # The same object as long as the network is: whoever holds the one holds the other.
        self._compiled.clear()
        self._compiled.update(wanted)
        # Variables made while TensorFlow traces the first step would cost a second trace and
        # stay in memory for good.
        model = self._trainer
        model.optimizer.build(model.trainable_variables)
        shape = [2, *(size or 1 for size in model.output_shape[1:])]
        target = self._as_target(np.zeros(shape[:-1], dtype=np.int32))
        try:
            results = model.compute_metrics(None, target, keras.ops.zeros(shape))
            several = [name for name, value in results.items() if np.ndim(value)]
            if several:
                raise ValueError(f"{', '.join(several)} is one figure for each class: average it")
        except Exception as error:
            self._compiled.clear()
            raise ValueError(
                f"metrics={self.metrics!r} cannot be followed: {str(error).splitlines()[0]}. By "
                "default metrics are given class numbers, and one-hot rows with a loss such as "
                "'categorical_crossentropy'."
            ) from error
        model.reset_metrics()

    def _compile_settings(self, wrapper: BaseWrapper) -> dict[str, Any]:
        """Make loss, optimizer and metrics; subclasses add what Keras has no name for."""
        if wrapper.loss == "auto":
            binary = self.model_.output_shape[-1] == 1 and len(self.classes_) == 2
            wrapper.loss = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
        if any(name.startswith("loss__") for name in vars(wrapper)):
            wrapper.loss = _loss_class(wrapper.loss)
        if wrapper.optimizer == "adabound":
            wrapper.optimizer = AdaBound
        try:
            return wrapper._get_compile_kwargs()
        except ValueError as error:
            given = ", ".join(
                f"{name}={value!r}"
                for name, value in self.get_params(deep=False).items()
                if name.startswith(self._compiled_with) and value is not None
            )
            raise ValueError(f"cannot train with {given}: {error}") from error

    def _keras_settings(self) -> BaseWrapper:
        """Give SciKeras, which makes objects of names and routed arguments, what concerns it."""
        # A clone's: optimizers, metrics and callbacks given as instances belong to the user.
        params = clone(self).get_params(deep=False)
        given = {n: v for n, v in params.items() if n.startswith(_KERAS) and v is not None}
        if "metrics" in given:
            given["metrics"] = list(given["metrics"])
        return BaseWrapper(**given)

    def _as_target(self, encoded: np.ndarray) -> np.ndarray:
        """Give class numbers to losses that take these, one-hot rows to the others."""
        loss: Any = self._trainer.loss
        name = str(getattr(loss, "name", None) or getattr(loss, "__name__", ""))
        if "sparse" in name or self.model_.output_shape[-1] == 1:
            return encoded
        return np.eye(len(self.classes_), dtype=np.float32)[encoded]

    def _train(
        self,
        X: np.ndarray,
        encoded: np.ndarray,
        weight: np.ndarray | None,
        validation: tuple[np.ndarray, np.ndarray, np.ndarray | None] | None,
        epochs: int,
        checkpoint: str | PathLike[str] | None = None,
    ) -> None:
        keep_memory_in_workers()
        n_batches = math.ceil(len(X) / self.batch_size)
        self._compile(n_batches, epochs)
        # Steps that the graph's loop takes at once must not reach into the next epoch.
        endless = n_batches % self._trainer.steps_per_execution == 0
        wrapper = self._keras_settings()
        wrapper._initialize_callbacks()
        progress = progress_callbacks(self.verbose)
        callbacks = [*wrapper._fit_callbacks, *progress]
        stopping = None
        if self.early_stopping and validation is not None:
            stopping = keras.callbacks.EarlyStopping(
                patience=self.n_iter_no_change, restore_best_weights=True
            )
            callbacks.append(stopping)
        trained, saver = 0, None
        if checkpoint is not None:
            saver = Checkpoint(
                self, checkpoint, (X, encoded, weight, *(validation or ())), stopping
            )
            callbacks.append(saver)
            trained = saver.resume(epochs)
        batches = TrainingBatches(
            self._training_inputs(X, encoded),
            self._as_target(encoded),
            weight,
            batch_size=self.batch_size,
            seed=self._seed,
            epoch=self.n_iter_,
            augmenters=self._augmenters(),
            endless=endless,
        )
        callbacks.append(
            keras.callbacks.LambdaCallback(
                on_epoch_begin=lambda epoch, logs: setattr(batches, "n_epochs", epoch - trained)
            )
        )
        if validation is not None:
            X_val, encoded_val, weight_val = validation
            inputs = self._training_inputs(X_val.astype(np.float32), encoded_val)
            validation = (inputs, self._as_target(encoded_val), weight_val)
        start = self.model_.get_weights()
        try:
            history = self._trainer.fit(
                batches,
                epochs=epochs,
                steps_per_epoch=n_batches if endless else None,
                initial_epoch=trained,
                callbacks=callbacks,
                validation_data=validation,
                validation_batch_size=max(self.batch_size, 256),
                shuffle=False,
                verbose=0,
            ).history
        except BaseException:
            for callback in progress:
                callback.on_train_end()
            self.model_.set_weights(start)
            self._compiled.clear()  # the optimizer's state is no longer that of these weights
            raise
        finally:
            batches.release()
        if not all(np.isfinite(weights).all() for weights in self.model_.get_weights()):
            self.model_.set_weights(start)
            self._compiled.clear()  # the optimizer's state is no longer finite, either
            raise ValueError(
                "training has made weights that are not finite, which predict nothing: scale X, or "
                "lower optimizer__learning_rate or sample_weight."
            )
        for name, values in history.items():
            self.history_.setdefault(name, []).extend(float(v) for v in values)
        self.n_iter_ = len(self.history_["loss"])
        if saver is not None:
            saver.remove()

    def _run(self, model: keras.Model, X: Any) -> np.ndarray:
        chunks = prediction_chunks(self._check_samples(X), "X", type(self).__name__)
        return predict_in_chunks(model, chunks)

    def __getstate__(self) -> dict[str, Any]:
        state = dict(vars(self))
        if state.pop("model_", None) is not None:
            del state["_compiled"], state["_embedding"], state["_trainer"]
            state["_weights"] = self.model_.get_weights()
            if self.keep_optimizer and self._trainer.compiled:
                state["_progress"] = [np.asarray(v) for v in self._training_variables()]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        weights = state.pop("_weights", None)
        progress = state.pop("_progress", None)
        self.__dict__.update(state)
        if weights is not None:
            forget_networks()
            self._build()
            self.model_.set_weights(weights)
        if progress is not None:
            self._compile()
            for variable, value in zip(self._training_variables(), progress, strict=True):
                variable.assign(value)

    def _training_variables(self) -> list[Any]:
        """Variables beside the weights that continued training needs: moments, dropout's seeds."""
        model = self._trainer
        weights = {id(v) for v in model.weights}
        seeds = [v for v in model.non_trainable_variables if id(v) not in weights]
        return [*model.optimizer.variables, *seeds]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
