import json
import os

import keras
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from skecg import (
    ECGConvNetClassifier,
    ECGInversionCNNClassifier,
    ECGSeq2SeqClassifier,
    to_onnx,
)
from tests.estimators import networks, signals, small, untrained

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("tf2onnx")

pytestmark = pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="tf2onnx converts graphs of TensorFlow"
)


def run(path, X):
    session = onnxruntime.InferenceSession(path)
    assert [i.name for i in session.get_inputs()] == ["signal"]
    (probability,) = session.run(["probabilities"], {"signal": X.astype(np.float32)})
    return probability, session.get_modelmeta().custom_metadata_map


@pytest.mark.slow
@pytest.mark.parametrize("cls", [cls for cls in networks() if cls is not ECGSeq2SeqClassifier])
def test_onnxruntime_finds_the_same_probabilities(cls, tmp_path):
    model = untrained(cls)
    to_onnx(model, tmp_path / "model.onnx")
    rng = np.random.default_rng(0)
    for n_samples in (1, 3):
        shape = [n or 4 for n in model.model_.input_shape[1:]]
        X = rng.normal(size=(n_samples, *shape)).astype(np.float32)
        probability, _ = run(tmp_path / "model.onnx", X)
        np.testing.assert_allclose(probability, np.asarray(model.model_(X)), atol=1e-5)


def test_two_classes_have_two_columns_and_labels(tmp_path):
    X, y = signals(n_leads=2, n_classes=2)
    model = small(ECGInversionCNNClassifier, epochs=1).fit(X, y)
    to_onnx(model, str(tmp_path / "model.onnx"))
    probability, metadata = run(tmp_path / "model.onnx", X)
    np.testing.assert_allclose(probability, model.predict_proba(X), atol=1e-5)
    assert json.loads(metadata["classes"]) == model.classes_.tolist()
    assert os.listdir(tmp_path) == ["model.onnx"]


def test_other_estimators_and_unfitted_networks_are_refused(tmp_path):
    with pytest.raises(ValueError, match="estimator must be a network"):
        to_onnx(LogisticRegression(), tmp_path / "model.onnx")
    with pytest.raises(NotFittedError):
        to_onnx(ECGConvNetClassifier(), tmp_path / "model.onnx")
    with pytest.raises(ValueError, match=r"cannot hold ECGSeq2SeqClassifier: .* loop"):
        to_onnx(untrained(ECGSeq2SeqClassifier), tmp_path / "model.onnx")
    assert os.listdir(tmp_path) == []
