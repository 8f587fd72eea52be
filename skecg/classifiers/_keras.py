"""Keras, imported in silence and with its randomness under control."""

import logging
import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _stderr_silenced() -> Iterator[None]:
    # TensorFlow's libraries write to the descriptor while they are loaded, before any
    # of its settings is heard.
    try:
        sys.stderr.flush()
        saved = os.dup(2)
    except (AttributeError, OSError):
        yield
        return
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "keras" in sys.modules:
    import keras
else:
    with _stderr_silenced():
        import keras

__all__ = ["keras", "layers_seeded", "supports_multiple_steps"]

# Every network traces its own functions: a search over many is no mistake to warn of.
logging.getLogger("tensorflow").addFilter(
    lambda record: "triggered tf.function retracing" not in record.getMessage()
)

_lock = threading.RLock()


@contextmanager
def layers_seeded(seed: int) -> Iterator[None]:
    """Make all layers built inside start from ``seed``, leaking nothing.

    Layers without a seed of their own draw one from Python's generator when they
    are built: initial weights and dropout alike. Nothing else needs seeding.
    """
    with _lock:
        state = random.getstate()
        random.seed(seed)
        try:
            yield
        finally:
            random.setstate(state)


def supports_multiple_steps() -> bool:
    """Whether the backend can run several training steps in one call."""
    return keras.config.backend() != "torch"
