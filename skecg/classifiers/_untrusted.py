"""Networks and Keras' objects out of files that anyone may have written."""

from __future__ import annotations

from typing import Any

import numpy as np

from skecg.classifiers._adabound import AdaBound
from skecg.classifiers._base import _ROUTED
from skecg.classifiers._keras import keras, only_weights

# What a file may name: the public objects in these, made of numbers and words.
_NAMESPACES = ("optimizers", "optimizers.schedules", "losses", "metrics", "activations")
_LARGEST = 2**20  # of a number that describes an architecture
_LONGEST = 1000  # of a sequence of such numbers
_LARGEST_OF_METRICS = 1000  # of classes or thresholds: memory grows with the square


def keras_description(thing: Any) -> dict[str, Any] | None:
    """Describe an object, a class or a function of Keras.

    Parameters
    ----------
    thing : object
        Of Keras, or an `AdaBound`.

    Returns
    -------
    dict or None
        Its name and, of an object, its configuration; None if files must not name it.
    """
    is_object = hasattr(thing, "get_config") and not isinstance(thing, type)
    name = _name(type(thing) if is_object else thing)
    if name is None:
        return None
    config = _without_dicts(thing.get_config()) if is_object else None
    return {"name": name, "config": config}


def keras_thing(description: dict[str, Any]) -> Any:
    """Make what `keras_description` has described.

    Parameters
    ----------
    description : dict
        From anyone.

    Returns
    -------
    object, class or function

    Raises
    ------
    ValueError
        If it is not among what files may name.
    """
    name, config = str(description["name"]), description["config"]
    namespace, _, short = name.rpartition(".")
    if name == "AdaBound":
        thing: Any = AdaBound
    elif namespace in _NAMESPACES:
        thing = getattr(_namespace(namespace), short, None)
    else:
        thing = None
    if thing is None or _name(thing) != name:
        raise ValueError(f"it names {name!r}, which is not among what files may name")
    if config is None:
        return thing
    if namespace == "metrics" and not _reasonable(list(config.values()), _LARGEST_OF_METRICS):
        raise ValueError(f"it has a metric {name} of senseless size")
    made = {k: _schedule(v) if isinstance(v, dict) else v for k, v in config.items()}
    return thing.from_config(made)


def _schedule(description: dict[str, Any]) -> Any:
    if not str(description.get("name")).startswith("optimizers.schedules."):
        raise ValueError("it has an object of Keras inside another")
    return keras_thing(description)


def _namespace(name: str) -> Any:
    found = keras
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _name(thing: Any) -> str | None:
    if thing is AdaBound:
        return "AdaBound"
    short = getattr(thing, "__name__", "")
    # `get` and `deserialize` make objects of whatever they are told.
    if short in ("get", "serialize", "deserialize"):
        return None
    for namespace in _NAMESPACES:
        if getattr(_namespace(namespace), short, None) is thing:
            return f"{namespace}.{short}"
    return None


def _without_dicts(config: dict[str, Any]) -> dict[str, Any]:
    """Name the schedules and the like in a configuration our way instead of Keras'."""
    return {
        key: {
            "name": f"{value['module'].removeprefix('keras.')}.{value['class_name']}",
            "config": _without_dicts(value["config"]),
        }
        if isinstance(value, dict) and "class_name" in value
        else value
        for key, value in config.items()
    }


def restored(cls: Any, state: dict[str, Any]) -> Any:
    """Make a network of its state, if the state could be one.

    Parameters
    ----------
    cls : class
        Of the network.
    state : dict
        As from ``__getstate__``, from anyone.

    Returns
    -------
    BaseECGClassifier

    Raises
    ------
    ValueError
        If the parameters are none, or make another network than that of the weights.
    """
    estimator = cls.__new__(cls)
    if "model_" in state:
        raise ValueError("it has a network without weights")
    if "_weights" not in state:
        estimator.__setstate__(state)
        return estimator
    own = set(cls._get_param_names())
    parameters = {n: v for n, v in state.items() if n in own or n.startswith(_ROUTED)}
    cls(**parameters)._validate_params()
    architecture = state["_architecture"]
    if set(architecture) != set(cls._architecture_names()):
        raise ValueError(f"it has an architecture of another {cls.__name__}")
    cls(**architecture)._validate_params()
    if not all(_reasonable(v) for v in (*architecture.values(), state["input_shape_"])):
        raise ValueError(f"it has a {cls.__name__} of senseless size")
    try:
        with only_weights([w.shape for w in state["_weights"]]):
            estimator.__setstate__(state)
    except Exception as error:  # whatever TensorFlow has to say of senseless shapes
        raise ValueError(f"its {cls.__name__} cannot be built: {error}") from error
    return estimator


def _reasonable(value: Any, largest: int = _LARGEST) -> bool:
    if isinstance(value, (list, tuple, np.ndarray)):
        return len(value) <= _LONGEST and all(_reasonable(v, largest) for v in value)
    return not isinstance(value, (int, np.integer)) or -1 <= int(value) <= largest
