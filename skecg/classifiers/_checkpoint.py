"""Training that outlives the process it began in."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from skecg import __version__
from skecg._container import read, write
from skecg._serialization import Decoder, Encoder
from skecg.classifiers._keras import keras

# They do not change what comes out, or are in what is hashed otherwise.
_WITHOUT_EFFECT = {
    "callbacks",
    "checkpoint",
    "init_from",
    "keep_optimizer",
    "random_state",
    "verbose",
    "warm_start",
}
_STOPPING = ("best", "best_epoch", "best_weights", "stopped_epoch", "wait")
_ROWS = 4096
_HOUR = 3600


class Checkpoint(keras.callbacks.Callback):
    """Write after every epoch what the next one depends on, and begin there again.

    The name of the file is a hash of everything that the result depends on: parameters, seed,
    data, initial weights and versions. Fits that differ in any of it never meet; two of the
    same would write the same.

    Parameters
    ----------
    estimator : BaseECGClassifier
        With a compiled network that is about to be trained.
    folder : str or path-like
        Where the file is to be.
    data : tuple of (ndarray or None)
        All arrays that the training sees.
    stopping : keras.callbacks.EarlyStopping or None
        Its state is kept, too. It must come before this one among the callbacks.
    """

    def __init__(
        self, estimator: Any, folder: Any, data: tuple[np.ndarray | None, ...], stopping: Any
    ) -> None:
        super().__init__()
        self._estimator = estimator
        self._stopping = stopping
        self._path = Path(folder) / f"{_fingerprint(estimator, data)}.checkpoint"
        self._history: dict[str, list[float]] = {}
        self._stopped: dict[str, Any] | None = None
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Halves of files that a process was killed over.
        for rest in self._path.parent.glob(".*.checkpoint.*.tmp"):
            with suppress(OSError):
                if time.time() - rest.stat().st_mtime > _HOUR:
                    rest.unlink()

    def resume(self, epochs: int) -> int:
        """Bring the estimator to where the file has it.

        Parameters
        ----------
        epochs : int
            How many are to be trained.

        Returns
        -------
        int
            How many of them need no more training: all where it stopped early.

        Raises
        ------
        ValueError
            If the file is damaged.
        """
        estimator = self._estimator
        self._history = {name: list(values) for name, values in estimator.history_.items()}
        try:
            content, arrays = read(self._path)
        except FileNotFoundError:
            return 0
        state = Decoder([], arrays).decode(content)
        estimator.model_.set_weights(state["weights"])
        for variable, value in zip(
            estimator._training_variables(), state["variables"], strict=True
        ):
            variable.assign(value)
        before = estimator.n_iter_
        self._history = state["history"]
        self._stopped = state["stopping"]
        estimator.history_ = {name: list(values) for name, values in self._history.items()}
        estimator.n_iter_ = len(self._history["loss"])
        return epochs if state["ended"] else estimator.n_iter_ - before

    def remove(self) -> None:
        """Delete the file: the estimator has all that is in it."""
        self._path.unlink(missing_ok=True)

    def on_train_begin(self, logs: Any = None) -> None:
        """Give early stopping its memory back, which it has just lost."""
        if self._stopped is not None:
            vars(self._stopping).update(self._stopped)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the file."""
        for name, value in (logs or {}).items():
            self._history.setdefault(name, []).append(float(value))
        estimator, stopping = self._estimator, self._stopping
        state = {
            "weights": estimator.model_.get_weights(),
            "variables": [np.asarray(v) for v in estimator._training_variables()],
            "history": self._history,
            "stopping": stopping and {name: getattr(stopping, name) for name in _STOPPING},
            "ended": self.model.stop_training,
        }
        encoder = Encoder()
        write(self._path, encoder.encode(state, "checkpoint"), encoder.arrays)


def check_resumable(estimator: Any) -> None:
    """Refuse parameters with which the same call would not mean the same training.

    Parameters
    ----------
    estimator : BaseECGClassifier
        With a checkpoint.

    Raises
    ------
    ValueError
        If there are any.
    """
    if not isinstance(estimator.random_state, Integral):
        raise ValueError(
            "checkpoint needs an int as random_state, got "
            f"{estimator.random_state!r}: with another, the same call begins another training."
        )
    if estimator.callbacks is not None:
        raise ValueError(
            "checkpoint cannot bring back what callbacks know of earlier epochs: leave out either "
            "of the two."
        )


def _fingerprint(estimator: Any, data: tuple[np.ndarray | None, ...]) -> str:
    parameters = estimator.get_params(deep=False).items()
    encoder = Encoder()
    described = [
        type(estimator).__name__,
        [__version__, keras.__version__, keras.config.backend(), np.__version__],
        [estimator._seed, estimator.n_iter_],
        encoder.encode({n: v for n, v in parameters if n not in _WITHOUT_EFFECT}, "parameters"),
        encoder.objects,
    ]
    variables = [*estimator.model_.get_weights(), *estimator._training_variables()]
    digest = hashlib.sha256(json.dumps(described).encode())
    for array in (*encoder.arrays, *map(np.asarray, variables), estimator.classes_, *data):
        for part in _parts(array):
            digest.update(part)
    return f"{type(estimator).__name__}-{digest.hexdigest()[:32]}"


def _parts(array: np.ndarray | None) -> Iterator[Any]:
    """Cut an array, perhaps a memory map, into what can be hashed."""
    if array is None:
        yield b"None"
        return
    yield f"{array.dtype} {array.shape}".encode()
    if array.dtype.kind == "O":
        yield repr(array.tolist()).encode()
    elif array.ndim == 0:
        yield array.tobytes()
    else:
        for start in range(0, len(array), _ROWS):
            yield np.ascontiguousarray(array[start : start + _ROWS]).view(np.uint8).data
