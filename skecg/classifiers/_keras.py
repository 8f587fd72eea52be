"""Keras, imported in silence and with its randomness and memory under control."""

import inspect
import logging
import os
import random
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
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
if {"keras", "tensorflow"} <= sys.modules.keys():
    import keras
else:
    with _stderr_silenced():
        import keras
        import tensorflow  # noqa: F401  (SciKeras imports it, whatever the backend)

__all__ = ["forget_networks", "keras", "layers_seeded", "only_weights", "supports_multiple_steps"]

# Every network traces its own functions: a search over many is no mistake to warn of.
logging.getLogger("tensorflow").addFilter(
    lambda record: "triggered tf.function retracing" not in record.getMessage()
)

# Training data of one class are allowed, as everywhere in scikit-learn.
warnings.filterwarnings("ignore", "You are using a softmax over axis -1 of a tensor of shape")

_lock = threading.RLock()


@contextmanager
def layers_seeded(seed: int) -> Iterator[None]:
    """Make all layers built inside start from ``seed``, leaking nothing.

    Layers without a seed of their own draw one from Python's generator when they
    are built: initial weights and dropout alike. Nothing else needs seeding.
    """
    with _lock:
        seed_generator = keras.src.random.seed_generator  # Keras has no public way
        shared = seed_generator.python_random
        # Seeding Python's own would let in what other threads, such as Dask's, draw meanwhile.
        seed_generator.python_random = random.Random(seed)
        try:
            yield
        finally:
            seed_generator.python_random = shared


@contextmanager
def only_weights(shapes: Iterable[tuple[int, ...]]) -> Iterator[None]:
    """Refuse to make other weights than of these shapes, before memory is taken for them.

    So the length of a file bounds the network that the parameters in it describe.
    """
    left = Counter(shapes)
    add_weight = keras.layers.Layer.add_weight
    own = threading.get_ident()

    def checked(layer: Any, *args: Any, shape: Any = None, **kwargs: Any) -> Any:
        if threading.get_ident() != own:
            return add_weight(layer, *args, shape=shape, **kwargs)
        wanted = args[0] if args else shape
        wanted = (wanted,) if isinstance(wanted, int) else tuple(wanted or ())
        if not left[wanted]:
            raise ValueError(f"its network would have a weight of shape {wanted} that it lacks")
        left[wanted] -= 1
        return add_weight(layer, *args, shape=shape, **kwargs)

    with _lock:
        keras.layers.Layer.add_weight = checked
        try:
            yield
        finally:
            keras.layers.Layer.add_weight = add_weight


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
