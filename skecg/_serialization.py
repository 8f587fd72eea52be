"""Values as JSON and arrays, and back; nothing that is not on a list of types."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator, clone
from sklearn.utils import Bunch

from skecg._allowed import name_of, named

# Deeper than any pipeline in a search in an ensemble.
_MAX_DEPTH = 100
# Optimizers, losses and metrics, of which the last take memory.
_MAX_KERAS = 100
_SCALARS = (bool, int, str)
_MAPPINGS = {dict: "dict", OrderedDict: "ordered", Bunch: "bunch"}
_REQUESTS = "_metadata_request"


class Encoder:
    """Turn values into JSON, and the arrays and objects in them into numbers of a list.

    Parameters
    ----------
    classes : iterable of classes, default=()
        Allowed beside those on the list.

    Attributes
    ----------
    arrays : list of ndarray
        Those met so far.
    objects : list of JSON values
        Estimators and the like met so far, each once.
    """

    def __init__(self, classes: Iterable[type] = ()) -> None:
        self.arrays: list[np.ndarray] = []
        self.objects: list[Any] = []
        self._names = {cls: f"{cls.__module__}.{cls.__qualname__}" for cls in classes}
        self._known: dict[int, tuple[int, Any]] = {}
        self._open: set[int] = set()

    def encode(self, value: Any, where: str) -> Any:
        """Encode a value.

        Parameters
        ----------
        value : object
            Any.
        where : str
            What it is called, for the message.

        Returns
        -------
        JSON value

        Raises
        ------
        ValueError
            If there is no way to write it down.
        """
        kind = type(value)
        if value is None or kind in _SCALARS or (kind is float and math.isfinite(value)):
            return value
        if kind is float:
            return {"float": repr(value)}
        if kind is list:
            return [self.encode(v, f"{where}[{i}]") for i, v in enumerate(value)]
        if kind in (tuple, set, frozenset):
            values = sorted(value, key=repr) if kind is not tuple else value
            items = [self.encode(v, f"{where}[{i}]") for i, v in enumerate(values)]
            return {kind.__name__: items}
        if kind in _MAPPINGS:
            pairs = [
                [self.encode(k, f"a key of {where}"), self.encode(v, f"{where}[{k!r}]")]
                for k, v in value.items()
            ]
            return {_MAPPINGS[kind]: pairs}
        if kind is slice:
            parts = (value.start, value.stop, value.step)
            return {"slice": [self.encode(v, where) for v in parts]}
        if isinstance(value, np.generic):
            return {"scalar": self._array(np.asarray(value), where)}
        if kind in (np.ndarray, np.memmap):
            return self._array(np.asarray(value), where)
        if isinstance(value, np.dtype) and value.kind in "biufUO":
            return {"dtype": value.str}
        if isinstance(value, type) and issubclass(value, np.generic):
            return {"type": np.dtype(value).name}
        if kind is np.random.RandomState:
            return {"random": self.encode(value.get_state(), where)}
        return self._special(value, where)

    def _special(self, value: Any, where: str) -> Any:
        kind = type(value)
        if kind.__module__ == "sklearn.tree._tree" and kind.__name__ == "Tree":
            from skecg._trees import tree_to_arrays

            return {"tree": self.encode(tree_to_arrays(value), where)}
        if _is_of_keras(value) or _is_of_keras(kind):
            from skecg.classifiers._untrusted import keras_description

            described = keras_description(value)
            if described is not None:
                return {"keras": self.encode(described, where)}
        elif self._name(kind) is not None:
            return self._object(value, where)
        elif (name := name_of(value)) is not None:
            return {"class" if isinstance(value, type) else "function": name}
        raise ValueError(
            f"{where} is {_described(value)}, which cannot be saved without a pickle.{_hint(value)}"
        )

    def _name(self, kind: type) -> str | None:
        return self._names.get(kind) or name_of(kind)

    def _array(self, array: np.ndarray, where: str) -> Any:
        kind = array.dtype.kind
        if kind == "O":
            items = [self.encode(v, where) for v in array.ravel().tolist()]
            return {"objects": items, "shape": list(array.shape)}
        if kind == "U":
            array = np.array(array, dtype=f"=U{max(array.dtype.itemsize // 4, 1)}", order="C")
            codes = array.reshape(-1).view(np.uint32)
            return {"text": self._add(codes.reshape(*array.shape, -1)), "shape": list(array.shape)}
        if kind not in "biuf" or array.dtype.itemsize > 8:
            raise ValueError(f"{where} is an array of {array.dtype}, which cannot be saved.")
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        # Products of matrices round according to the order in memory.
        if array.flags.f_contiguous and not array.flags.c_contiguous:
            return {"transposed": self._add(array.T)}
        return {"array": self._add(array)}

    def _add(self, array: np.ndarray) -> int:
        self.arrays.append(array)
        return len(self.arrays) - 1

    def _object(self, value: Any, where: str) -> Any:
        if id(value) not in self._known:
            if id(value) in self._open:
                raise ValueError(f"{where} contains itself.")
            self._open.add(id(value))
            state = _state(value)
            description: dict[str, Any] = {"class": self._name(type(value))}
            requests = state.pop(_REQUESTS, None)
            if requests is not None:
                asked = {m: r.requests for m, r in vars(requests).items() if hasattr(r, "requests")}
                description["requests"] = self.encode({m: r for m, r in asked.items() if r}, where)
            name = type(value).__name__
            description["state"] = {k: self.encode(v, f"{name}.{k}") for k, v in state.items()}
            self._open.remove(id(value))
            self.objects.append(description)
            # The object is kept, for its id to stay its own.
            self._known[id(value)] = len(self.objects) - 1, value
        return {"ref": self._known[id(value)][0]}


def _state(value: Any) -> dict[str, Any]:
    if type(value).__name__ == "NearestNeighbors":
        # Samplers fit theirs anew; a fitted one holds the training data.
        value = clone(value)
    return dict(value.__getstate__() or {})


def _is_of_keras(value: Any) -> bool:
    module = str(getattr(value, "__module__", ""))
    return module.split(".")[0] == "keras" or module == "skecg.classifiers._adabound"


def _described(value: Any) -> str:
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return f"{value.__module__}.{value.__qualname__}"
    return f"a {type(value).__module__}.{type(value).__qualname__}"


def _hint(value: Any) -> str:
    if hasattr(value, "best_estimator_"):
        return " Save its best_estimator_."
    if isinstance(value, BaseEstimator):
        return " Name its class in `classes` if it is your own; else see joblib."
    return " Set the parameter to None, or see joblib."


class Decoder:
    """Turn JSON and arrays into values again, whoever has written them.

    Parameters
    ----------
    objects : sequence of JSON values
        As of `Encoder`.
    arrays : sequence of ndarray
        Likewise.
    classes : iterable of classes, default=()
        Allowed beside those on the list.

    Raises
    ------
    ValueError
        If something is not as `Encoder` would have written it.
    """

    def __init__(
        self, objects: Sequence[Any], arrays: Sequence[np.ndarray], classes: Iterable[type] = ()
    ) -> None:
        self._arrays = dict(enumerate(arrays))
        self._keras_left = _MAX_KERAS
        self._classes = {f"{cls.__module__}.{cls.__qualname__}": cls for cls in classes}
        self._objects: list[Any] = []
        self._depth = 0
        for description in objects:
            self._objects.append(self._object(description))

    def decode(self, value: Any) -> Any:
        """Decode a value.

        Parameters
        ----------
        value : JSON value
            As from `Encoder`.

        Returns
        -------
        object
        """
        if not isinstance(value, (dict, list)):
            return value
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ValueError("it is nested too deeply")
        if isinstance(value, list):
            decoded: Any = [self.decode(v) for v in value]
        else:
            tag, payload = next(iter(value.items()))
            decoded = _DECODERS[tag](self, payload, value)
        self._depth -= 1
        return decoded

    def _object(self, description: Any) -> Any:
        name = description["class"]
        cls = self._classes.get(name) or named(name)
        state = {k: self.decode(v) for k, v in description["state"].items()}
        for attribute in state:
            if attribute.startswith("__") or callable(getattr(cls, attribute, None)):
                raise ValueError(f"it sets {attribute!r} of {cls.__name__}")
        value = _restored(cls, state)
        if "requests" in description:
            with config_context(enable_metadata_routing=True):
                for method, requests in self.decode(description["requests"]).items():
                    if not str(method).isidentifier():
                        raise ValueError("it asks for the metadata of no method")
                    getattr(value, f"set_{method}_request")(**requests)
        return value

    def _array(self, index: Any) -> np.ndarray:
        # Once each: or else a small file could fill many networks with one array.
        return self._arrays.pop(index)

    def _of_keras(self, payload: Any) -> Any:
        from skecg.classifiers._untrusted import keras_thing

        self._keras_left -= 1
        if self._keras_left < 0:
            raise ValueError("it has too many optimizers, losses and metrics")
        return keras_thing(self.decode(payload))

    def _text(self, payload: Any, value: Any) -> np.ndarray:
        codes = np.ascontiguousarray(self._array(payload))
        shape = tuple(value["shape"])
        if codes.dtype != np.uint32 or codes.shape[:-1] != shape or codes.max(initial=0) > 0x10FFFF:
            raise ValueError("it has an array of no text")
        return codes.reshape(-1).view(f"U{codes.shape[-1]}").reshape(shape)

    def _mapping(self, payload: Any) -> dict[Any, Any]:
        mapping = {self.decode(k): self.decode(v) for k, v in payload}
        # Keras would make an object of its choice of such a thing.
        if "class_name" in mapping:
            raise ValueError("it has a dict that names a class")
        return mapping


def _restored(cls: type, state: dict[str, Any]) -> Any:
    if hasattr(cls, "_network"):
        from skecg.classifiers._untrusted import restored

        return restored(cls, state)
    if cls.__module__.startswith("sklearn."):
        from skecg._trees import check_trees

        check_trees(cls, state)
    value: Any = object.__new__(cls)
    if hasattr(value, "__setstate__"):
        value.__setstate__(state)
    else:
        vars(value).update(state)
    return value


def _objects_array(decoder: Decoder, payload: Any, value: Any) -> np.ndarray:
    items = decoder.decode(payload)
    array = np.fromiter(items, dtype=object, count=len(items))
    return array.reshape([int(n) for n in value["shape"]])


def _random_state(state: Any) -> np.random.RandomState:
    random = np.random.RandomState()
    random.set_state(state)
    return random


def _tree(arrays: Any) -> Any:
    from skecg._trees import tree_from_arrays

    return tree_from_arrays(arrays)


def _numpy_dtype(name: str) -> np.dtype:
    dtype = np.dtype(str(name))
    if dtype.kind not in "biufUO":
        raise ValueError(f"it has a dtype {name!r}")
    return dtype


_DECODERS: Mapping[str, Callable[[Decoder, Any, Any], Any]] = {
    "float": lambda d, p, _: {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[p],
    "tuple": lambda d, p, _: tuple(d.decode(p)),
    "set": lambda d, p, _: set(d.decode(p)),
    "frozenset": lambda d, p, _: frozenset(d.decode(p)),
    "dict": lambda d, p, _: d._mapping(p),
    "ordered": lambda d, p, _: OrderedDict(d._mapping(p)),
    "bunch": lambda d, p, _: Bunch(**d._mapping(p)),
    "slice": lambda d, p, _: slice(*d.decode(p)),
    "scalar": lambda d, p, _: d.decode(p)[()],
    "array": lambda d, p, _: d._array(p),
    "transposed": lambda d, p, _: d._array(p).T,
    "text": lambda d, p, v: d._text(p, v),
    "objects": _objects_array,
    "dtype": lambda d, p, _: _numpy_dtype(p),
    "type": lambda d, p, _: _numpy_dtype(p).type,
    "random": lambda d, p, _: _random_state(d.decode(p)),
    "tree": lambda d, p, _: _tree(d.decode(p)),
    "keras": lambda d, p, _: d._of_keras(p),
    "function": lambda d, p, _: named(p, function=True),
    "class": lambda d, p, _: named(p),
    "ref": lambda d, p, _: d._objects[p],
}
