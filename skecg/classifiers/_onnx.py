"""Networks for programs without Python."""

from __future__ import annotations

import importlib
import json
import os
import warnings
from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted

from skecg._files import replacing
from skecg.classifiers._keras import keras, layers_seeded
from skecg.classifiers._label_decoder import LabelDecoder

_PACKAGES = ("onnx", "tf2onnx")


def to_onnx(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted network as an ONNX file, for programs without Python.

    Parameters
    ----------
    estimator : BaseECGClassifier
        A fitted network; of a pipeline, its last step. What the steps before it do to the
        signals, the other program must do.
    path : str or path-like
        Where to. A file that is there is replaced in one step.

    Raises
    ------
    ImportError
        If ``onnx`` or ``tf2onnx`` is not installed: ``pip install skecg[onnx]``.
    ValueError
        If ``estimator`` is no network, or ONNX cannot express it, or Keras does not run on
        TensorFlow.
    OSError
        If the file cannot be written. One that is there stays as it is.

    See Also
    --------
    skecg.save : One file with everything, for Python.

    Notes
    -----
    All networks of skecg can be written but `ECGSeq2SeqClassifier`, whose labels go into each
    other in a loop that tf2onnx cannot translate.

    The file's input is ``signal``, float32, of any number of samples and the shape of
    ``input_shape_``: one lead has an axis of length one at the end. Its output is
    ``probabilities``, a column for each class. The labels are in the file's metadata, as JSON
    under ``classes``.

    Examples
    --------
    >>> from skecg import ECGConvNetClassifier, to_onnx
    >>> from skecg.datasets import make_heartbeats
    >>> X, y, _ = make_heartbeats(100, return_X_y_groups=True, random_state=0)
    >>> network = ECGConvNetClassifier(epochs=1, random_state=0).fit(X, y)
    >>> to_onnx(network, "network.onnx")  # doctest: +SKIP
    """
    if not hasattr(type(estimator), "_network"):
        raise ValueError(
            f"estimator must be a network such as ECGConvNetClassifier, got {estimator!r}: of a "
            "pipeline, give the last step."
        )
    check_is_fitted(estimator)
    if keras.config.backend() != "tensorflow":
        raise ValueError(
            f"to_onnx needs Keras on TensorFlow, not on {keras.config.backend()}: load the "
            "estimator there."
        )
    try:
        onnx, _ = map(importlib.import_module, _PACKAGES)
    except ImportError as error:
        raise ImportError(
            f"to_onnx needs the packages {' and '.join(_PACKAGES)}: pip install 'skecg[onnx]'"
        ) from error
    model = _network_alone(estimator)
    if any(isinstance(layer, LabelDecoder) for layer in model.layers):
        raise ValueError(
            f"ONNX files cannot hold {type(estimator).__name__}: each label goes into the next, in "
            "a loop that tf2onnx cannot translate."
        )
    (given,) = model.inputs
    signature = [keras.InputSpec(shape=given.shape, dtype="float32", name="signal")]
    with replacing(Path(path)) as beside:
        with warnings.catch_warnings():
            # Keras asks NumPy for a name that tf2onnx still uses.
            warnings.simplefilter("ignore", FutureWarning)
            model.export(str(beside), format="onnx", verbose=False, input_signature=signature)
        graph = onnx.load(str(beside))
        _name_ends(graph.graph, "n_beats" if given.shape[1] is None else None)
        onnx.helper.set_model_props(graph, {"classes": json.dumps(estimator.classes_.tolist())})
        try:
            onnx.checker.check_model(graph)
        except onnx.checker.ValidationError as error:
            raise ValueError(
                f"ONNX files cannot hold this {type(estimator).__name__}: {error}"
            ) from error
        onnx.save(graph, str(beside))


def _network_alone(estimator: Any) -> keras.Model:
    """Build the network anew: an optimizer that has trained cannot be exported."""
    with layers_seeded(estimator._seed):
        network = type(estimator)._network(
            estimator.input_shape_, len(estimator.classes_), **estimator._architecture
        )
    network.set_weights(estimator.model_.get_weights())
    (probability,) = network.outputs
    if probability.shape[-1] == 1 and len(estimator.classes_) == 2:
        probability = keras.layers.Concatenate()([1 - probability, probability])
    return keras.Model(network.inputs, probability)


def _name_ends(graph: Any, second: str | None) -> None:
    (given,), (found,) = graph.input, graph.output
    for node in graph.node:
        node.output[:] = ["probabilities" if n == found.name else n for n in node.output]
        node.input[:] = ["probabilities" if n == found.name else n for n in node.input]
    found.name = "probabilities"
    for value in (given, found):
        axes = value.type.tensor_type.shape.dim
        axes[0].dim_param = "n_samples"
        if second is not None:
            axes[1].dim_param = second
