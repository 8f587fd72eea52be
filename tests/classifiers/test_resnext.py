import keras
import numpy as np
import pytest

from skecg import ECGResNeXtClassifier
from skecg.classifiers._losses import focal_alpha
from skecg.classifiers.resnext import GroupedConv1D, resnext
from tests.estimators import (
    architecture,
    gain_over_logistic_regression,
    opposed_leads,
    signals,
    small,
)

DEFAULTS = architecture(ECGResNeXtClassifier)
LITTLE = {**DEFAULTS, "blocks_per_unit": 1, "width": 8, "cardinality": 2}


def grouped(model):
    return [layer for layer in model.layers if isinstance(layer, GroupedConv1D)]


@pytest.fixture(scope="module")
def reference():
    return resnext((187, 1), 5, **DEFAULTS)


def test_the_shape_of_every_stage(reference):
    stem = next(la for la in reference.layers if isinstance(la, keras.layers.MaxPooling1D))
    stages = [reference.get_layer(f"stage_{i}").output for i in (1, 2, 3)]
    last = next(la for la in reference.layers if "global" in la.name).input
    shapes = [tensor.shape[1:] for tensor in (stem.output, *stages, last)]
    assert shapes == [(60, 64), (60, 256), (30, 512), (15, 1024), (8, 2048)]


def test_what_is_injected_doubles_the_length_that_the_next_unit_halves(reference):
    joined = [la for la in reference.layers if isinstance(la, keras.layers.Concatenate)]
    assert [la.output.shape[1:] for la in joined] == [
        *[(120, 256)] * 4,
        *[(60, 512)] * 4,
        *[(30, 1024)] * 4,
    ]
    assert all(la.axis == 1 for la in joined)
    assert [layer.strides[0] for layer in grouped(reference)] == [
        *[1, 1, 1],  # the very first unit
        *[2, 1, 1] * 12,
    ]


def test_the_blocks(reference):
    convolutions = grouped(reference)
    assert [la.filters for la in convolutions] == [128] * 12 + [256] * 12 + [512] * 12 + [1024] * 3
    assert {(la.groups, la.kernel_size) for la in convolutions} == {(32, (3,))}
    assert reference.count_params() == 62_168_773


def test_stem_block_and_head(reference):
    kinds = [type(layer).__name__ for layer in reference.layers]
    assert kinds[1:5] == ["Conv1D", "BatchNormalization", "LeakyReLU", "MaxPooling1D"]
    assert (reference.layers[1].filters, reference.layers[1].kernel_size) == (64, (7,))
    *_, dense, dropout, _, last = reference.layers
    assert kinds[-5:] == ["GlobalAveragePooling1D", "Dense", "Dropout", "LeakyReLU", "Dense"]
    assert (dense.units, dropout.rate, last.activation.__name__) == (32, 0.3, "softmax")

    block = resnext((187, 1), 5, **{**LITTLE, "units": (1,)})
    added = next(layer for layer in block.layers if isinstance(layer, keras.layers.Add))
    deep, shortcut = (tensor._keras_history.operation for tensor in added.input)
    assert type(shortcut).__name__ == "BatchNormalization"
    assert shortcut.input._keras_history.operation.kernel_size == (1,)
    path = [deep]
    while not isinstance(path[-1], keras.layers.MaxPooling1D):
        path.append(path[-1].input._keras_history.operation)
    assert [type(layer).__name__ for layer in path[-2::-1]] == [
        *["Conv1D", "BatchNormalization", "LeakyReLU"],
        *["GroupedConv1D", "BatchNormalization", "LeakyReLU"],
        *["Conv1D", "BatchNormalization"],
    ]


def test_the_plain_network_halves_once_a_stage():
    model = resnext((187, 1), 5, **{**LITTLE, "input_injection": False})
    assert not [la for la in model.layers if isinstance(la, keras.layers.Concatenate)]
    lengths = [la.output.shape[1] for la in grouped(model)]
    assert lengths == [60] * 4 + [30] * 4 + [15] * 4 + [8]


@pytest.mark.parametrize("n_timesteps", [1, 9, 20, 50, 187, 188, 193, 250, 1001])
def test_what_is_injected_has_the_right_length_for_any_signal(n_timesteps):
    model = resnext((n_timesteps, 2), 3, **{**LITTLE, "units": (1, 2, 1, 1)})
    joined = [la for la in model.layers if isinstance(la, keras.layers.Concatenate)]
    for layer in joined:
        network, injected = layer.input
        assert network.shape[1:] == injected.shape[1:]


def test_a_convolution_in_groups_is_that_of_keras():
    X = np.random.default_rng(0).normal(size=(3, 31, 12)).astype(np.float32)
    ours, theirs = (
        make(24, 3, 2, padding="same", groups=4) for make in (GroupedConv1D, keras.layers.Conv1D)
    )
    theirs.build(X.shape)
    ours.build(X.shape)
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]
    theirs.set_weights([theirs.get_weights()[0], np.arange(24)])
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(ours(X), theirs(X), atol=1e-5)


def test_the_graph_can_be_stored(tmp_path):
    model = resnext((40, 1), 3, **{**LITTLE, "units": (1, 1)})
    X = np.random.default_rng(0).normal(size=(4, 40, 1)).astype(np.float32)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(X), model(X))


def test_the_reference_training():
    X, y = signals(n_samples=15, n_classes=5)
    settings = {"optimizer": "adabound", "optimizer__learning_rate": None}
    model = small(ECGResNeXtClassifier, epochs=1, **settings).fit(X, y)
    optimizer, loss = model.model_.optimizer, model.model_.loss
    assert type(optimizer).__name__ == "AdaBound"
    assert float(optimizer.learning_rate) == pytest.approx(1e-3)
    assert optimizer.final_learning_rate == 0.1
    assert isinstance(loss, keras.losses.CategoricalFocalCrossentropy)
    assert model.classes_.tolist() == ["F", "N", "Q", "S", "V"]
    assert loss.alpha == [0.75, 0.15, 0.25, 0.75, 0.65]
    assert loss.gamma == 2
    defaults = ECGResNeXtClassifier().get_params()
    assert (defaults["batch_size"], defaults["epochs"]) == (128, 200)


def test_the_weights_of_the_classes():
    encoded = np.array([0, 0, 0, 1])
    labels = np.array(["LVH", "normal"])
    assert focal_alpha(None, labels, encoded) == [1, 1]
    assert focal_alpha(None, np.array(["N", "V"]), encoded) == [0.15, 0.65]
    assert focal_alpha("balanced", labels, encoded) == pytest.approx([2 / 3, 2])
    assert focal_alpha(0.25, labels, encoded) == [0.25, 0.25]
    assert focal_alpha({"normal": 3, "LVH": 1}, labels, encoded) == [1, 3]
    assert focal_alpha({0: 1, 1: 5}, np.array([0, 1]), encoded) == [1, 5]
    for bad in ({"normal": 3}, {"normal": 3, "LVH": 1, "MI": 1}, "balance", [1, 3]):
        with pytest.raises(ValueError, match="loss__alpha"):
            focal_alpha(bad, labels, encoded)


def test_balanced_weights_follow_the_labels_of_a_warm_start():
    X, y = signals(n_samples=16)
    rare = np.flatnonzero(y == y[0])[1:]
    settings = {"units": (1,), "stem_filters": 4, "optimizer": "sgd"}
    model = small(ECGResNeXtClassifier, epochs=1, loss__alpha="balanced", **settings)
    weights = model.fit(X, y).model_.loss.alpha
    model.set_params(warm_start=True).fit(np.delete(X, rare, axis=0), np.delete(y, rare))
    assert max(weights) < max(model.model_.loss.alpha)
    assert model.n_iter_ == 2


def test_focal_settings_take_effect():
    X, y = signals(n_samples=30)
    settings = {"epochs": 1, "batch_size": 30, "dropout": 0.0}
    first = {}
    for name, parameters in {
        "plain": {"loss": "auto"},
        "gamma 0": {"loss__gamma": 0, "loss__alpha": 1},
        "gamma 2": {"loss__alpha": 1},
        "alpha": {"loss__gamma": 0, "loss__alpha": {"N": 2, "Q": 2, "V": 2}},
    }.items():
        model = small(ECGResNeXtClassifier, **settings, **parameters).fit(X, y)
        (first[name],) = model.history_["loss"]
    assert first["gamma 0"] == pytest.approx(first["plain"], rel=1e-4)
    assert first["alpha"] == pytest.approx(2 * first["plain"], rel=1e-4)
    assert first["gamma 2"] < 0.8 * first["plain"]


def test_balanced_alpha_needs_all_samples():
    X, y = signals(n_samples=9)
    with pytest.raises(ValueError, match="loss__alpha"):
        small(ECGResNeXtClassifier, loss__alpha="balanced").partial_fit(X, y, np.unique(y))


@pytest.mark.parametrize(
    "parameters",
    [
        {"units": (1, 0)},
        {"width": 9},
        {"cardinality": 0},
        {"input_injection": 3},
        {"loss__gamma": -1},
        {"loss__alpha": {"N": 1}},
    ],
    ids=str,
)
def test_parameters_that_cannot_be(parameters):
    X, y = signals(n_samples=9)
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(ECGResNeXtClassifier, **parameters).fit(X, y)


def test_it_learns_what_a_logistic_regression_cannot():
    X, y = opposed_leads(700, 48, 2)
    network = ECGResNeXtClassifier(
        **{**LITTLE, "units": (1, 1)}, epochs=3, batch_size=32, random_state=0
    )
    assert gain_over_logistic_regression(network, X, y, 500) > 0.3
