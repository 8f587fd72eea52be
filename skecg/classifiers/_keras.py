"""Keras, imported in silence and with its randomness and memory under control."""

import inspect
import logging
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any


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

__all__ = ["forget_networks", "keras", "layers_seeded", "supports_multiple_steps"]

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


def forget_networks() -> None:
    """Let go of what TensorFlow keeps, megabytes a network, of those nobody holds any more.

    Its cache has a kernel for every variable that ever was, and its registry of gradients
    the graph of every training step. Networks in use stay as they are: their kernels come
    back, and gradients of a step's operations are needed no more once it has been traced.
    """
    if keras.config.backend() != "tensorflow":
        return
    # TensorFlow and Keras have no public way short of resetting the user's Keras too.
    with suppress(ImportError, AttributeError):
        from tensorflow.python.eager import context
        from tensorflow.python.framework import ops

        context.context().clear_kernel_cache()
        registry = ops.gradient_registry._registry
        for name in [name for name in list(registry) if name.startswith("CustomGradient-")]:
            if _is_of_a_step(ops.gradient_registry.lookup(name)):
                registry.pop(name, None)


# What Keras calls the functions that it traces to train, to evaluate and to predict.
_STEPS = {"one_step_on_data", "one_step_on_data_distributed", "multi_step_on_data"}


def _is_of_a_step(gradient: Callable[..., Any]) -> bool:
    with suppress(KeyError):
        on_tape = inspect.getclosurevars(gradient).nonlocals["tape_grad_fn"]
        tensors = keras.tree.flatten(inspect.getclosurevars(on_tape).nonlocals["result"])
        graphs = [getattr(tensor, "graph", None) for tensor in tensors]
        return any(getattr(graph, "name", None) in _STEPS for graph in graphs)
    return False


def supports_multiple_steps() -> bool:
    """Whether the backend can run several training steps in one call."""
    return keras.config.backend() != "torch"
