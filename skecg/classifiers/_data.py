"""Arrays to batches, for training and for prediction."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.utils import assert_all_finite

from skecg.classifiers._keras import keras

# Bounds the memory of a prediction: at most this many samples, and about this many values.
_MAX_SAMPLES = 2048
_MAX_VALUES = 2**20
# Augmenters get about this many values in one call, so that calls cost little.
_AUGMENTED_VALUES = 2**18


class TrainingBatches(keras.utils.PyDataset):
    """Shuffled batches, each epoch in another order.

    The order follows from the seed and the number of the epoch alone, so that
    training that is continued sees what uninterrupted training would have seen.

    Parameters
    ----------
    inputs : ndarray of shape (n_samples, ...) or tuple of these
        What the model takes. The signals, the first, may be of any real type: their batches
        are float32.
    y : ndarray of shape (n_samples, ...)
        Encoded labels.
    sample_weight : ndarray of shape (n_samples, ...) or None
        Weights.
    batch_size : int
        Samples a batch; the last one may have fewer.
    seed : int
        Of the order.
    epoch : int
        Epochs that were trained before.
    augmenters : sequence of augmenters
        Change the signals, one after the other and anew each epoch.
    endless : bool, default=False
        Let the next epoch's batches follow at once: beginning to iterate costs Keras as much
        time as dozens of small steps.

    Attributes
    ----------
    n_epochs : int
        Epochs that have been trained on these batches; to be set where they have an end. Keras
        iterates for reasons of its own, too, so that counting here would not do.
    """

    def __init__(
        self,
        inputs: np.ndarray | tuple[np.ndarray, ...],
        y: np.ndarray,
        sample_weight: np.ndarray | None,
        *,
        batch_size: int,
        seed: int,
        epoch: int,
        augmenters: Sequence[Any] = (),
        endless: bool = False,
    ) -> None:
        super().__init__()
        self._arrays: tuple[np.ndarray, ...] = (y,) if sample_weight is None else (y, sample_weight)
        self._inputs = inputs if isinstance(inputs, tuple) else (inputs,)
        self._batch_size = batch_size
        self._seed = seed
        self._first_epoch = epoch
        self.n_epochs = 0
        self._endless = endless
        self._n_batches = math.ceil(len(y) / batch_size)
        self._order: tuple[int, np.ndarray] | None = None
        self._augmenters = augmenters
        values = batch_size * math.prod(self._inputs[0].shape[1:])
        self._block_size = batch_size * max(1, _AUGMENTED_VALUES // values)
        self._block: tuple[tuple[int, int], np.ndarray] | None = None

    @property
    def num_batches(self) -> int | None:
        """How many there are, or None without an end."""
        return None if self._endless else self._n_batches

    def _order_in(self, epoch: int) -> np.ndarray:
        # Keras may read from two threads where one epoch ends and the next begins.
        order = self._order
        if order is None or order[0] != epoch:
            rng = np.random.default_rng([self._seed, epoch])
            self._order = order = epoch, rng.permutation(len(self._arrays[0]))
        return order[1]

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        n_epochs, index = divmod(index, self._n_batches)
        if not self._endless:
            n_epochs = self.n_epochs
        epoch, start = self._first_epoch + n_epochs, index * self._batch_size
        rows = self._order_in(epoch)[start : start + self._batch_size]
        signals, *others = self._inputs
        if self._augmenters:
            X = self._augmented(epoch, start, len(rows))
        else:
            X = np.asarray(signals[rows], dtype=np.float32)
        others = [a[rows] for a in others]
        return ((X, *others) if others else X, *(a[rows] for a in self._arrays))

    def _augmented(self, epoch: int, start: int, n_samples: int) -> np.ndarray:
        """Give a batch, cut from a block of several that were augmented in one call."""
        number, start = divmod(start, self._block_size)
        block = self._block
        if block is None or block[0] != (epoch, number):
            first = number * self._block_size
            rows = self._order_in(epoch)[first : first + self._block_size]
            signals = np.asarray(self._inputs[0][rows], dtype=np.float32)
            # Zeros at the end make no other seed, so that the first block needs a number of its
            # own beside the order's.
            rng = np.random.default_rng([self._seed, epoch, number + 1])
            changed = augment_signals(signals, self._augmenters, rng)
            self._block = block = (epoch, number), changed
        return block[1][start : start + n_samples]

    def release(self) -> None:
        """Drop the arrays; TensorFlow keeps whatever has generated batches for good."""
        self._inputs = self._arrays = ()
        self._block = self._order = None


def augment_signals(
    X: np.ndarray, augmenters: Sequence[Any], rng: np.random.Generator
) -> np.ndarray:
    """Let augmenters change signals, one after the other.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_timesteps, n_leads) or \
            (n_sequences, n_beats, n_timesteps, n_leads)
        Signals; in sequences, each beat is one.
    augmenters : sequence of augmenters
        With a method ``augment(X, rng)``.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    ndarray of float32, of the shape of X

    Raises
    ------
    ValueError
        If an augmenter changes the shape, or makes values that are not finite.
    """
    signals = X.reshape(-1, *X.shape[-2:])
    for augmenter in augmenters:
        changed = np.asarray(augmenter.augment(signals, rng), dtype=np.float32)
        if changed.shape != signals.shape:
            raise ValueError(
                f"augment must keep the shape of the signals, {signals.shape}, but {augmenter!r} "
                f"made {changed.shape} of it."
            )
        signals = changed
    assert_all_finite(signals, input_name="augmented X")
    return signals.reshape(X.shape)


def prediction_chunks(X: Any, name: str, estimator_name: str) -> Iterator[np.ndarray]:
    """Cut an array of any length and type into finite float32 chunks.

    Parameters
    ----------
    X : array of shape (n_samples, ...)
        Read one chunk at a time: may be a memory map.
    name, estimator_name : str
        For the message.

    Yields
    ------
    ndarray of float32

    Raises
    ------
    ValueError
        If a value is NaN, infinite or beyond float32.
    """
    step = max(1, min(_MAX_SAMPLES, _MAX_VALUES // math.prod(X.shape[1:])))
    for start in range(0, len(X), step):
        with np.errstate(over="ignore"):
            chunk = np.asarray(X[start : start + step], dtype=np.float32)
        assert_all_finite(chunk, input_name=name, estimator_name=estimator_name)
        yield chunk


def predict_in_chunks(model: Any, chunks: Iterator[np.ndarray]) -> np.ndarray:
    """Run a model over chunks; several times faster than ``Model.predict``.

    Parameters
    ----------
    model : keras.Model
        With one input and one output.
    chunks : iterator of ndarray
        As from `prediction_chunks`.

    Returns
    -------
    ndarray of float32
        The outputs, one after the other.
    """
    return np.concatenate([np.asarray(model.predict_on_batch(c), dtype=np.float32) for c in chunks])
