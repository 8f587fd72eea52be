import keras
import numpy as np
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import FunctionTransformer

from skecg import ECGConvNetClassifier
from skecg.inspection import SaliencyDisplay, saliency_map
from skecg.inspection._gradients import gradient

N_TIMESTEPS = 120


class Network(ClassifierMixin, BaseEstimator):
    """A fitted network with a given graph."""

    def __init__(self, model=None, classes=("N", "V")):
        self.model = model
        self.classes = classes
        self.model_ = model
        self.classes_ = np.array(classes)

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        X = np.asarray(X, np.float32)
        n_missing = len(self.model_.input_shape) - X.ndim
        proba = keras.ops.convert_to_numpy(self.model_(X.reshape(X.shape + (1,) * n_missing)))
        return np.hstack([1 - proba, proba]) if proba.shape[1] == 1 else proba

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def bumps(centres, sign=1):
    time = np.arange(N_TIMESTEPS)
    return sign * np.exp(-0.5 * ((time - np.reshape(centres, (-1, 1))) / 2) ** 2)


@pytest.fixture(scope="module")
def bump_detector():
    """V is a bump upwards, N one downwards; unpadded convolutions shift the time axis."""
    inputs = keras.Input((N_TIMESTEPS, 1))
    x = keras.layers.Conv1D(2, 25, activation="relu", name="early")(inputs)
    x = keras.layers.MaxPooling1D(3)(x)
    x = keras.layers.Conv1D(2, 7, activation="relu", name="late")(x)
    x = keras.layers.GlobalMaxPooling1D()(x)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    matched = bumps(60)[0, 48:73]
    smooth = np.zeros((7, 2, 2))
    smooth[3, 0, 0] = smooth[3, 1, 1] = 1
    model.set_weights(
        [
            np.stack([matched, -matched], axis=1)[:, np.newaxis],
            np.zeros(2),
            smooth,
            np.zeros(2),
            np.array([[-1.0, 1.0], [1.0, -1.0]]),
            np.zeros(2),
        ]
    )
    return Network(model)


def test_gradients_are_those_of_calculus():
    x = np.random.default_rng(0).normal(size=(3, 4, 1)).astype(np.float32)
    assert_allclose(gradient(lambda t: keras.ops.sum(t**3), x), 3 * x**2, rtol=1e-5)


@pytest.mark.parametrize("layer", [None, "early"])
@pytest.mark.parametrize("centre", [26, 45, 61, 90])
def test_grad_cam_is_highest_where_the_evidence_is(bump_detector, centre, layer):
    X = bumps(centre)
    assert bump_detector.predict(X) == ["V"]
    saliency = saliency_map(bump_detector, X, layer=layer)
    assert saliency.shape == X.shape
    assert saliency.dtype == np.float32
    assert saliency.max() == 1
    assert abs(int(saliency.argmax()) - centre) <= 4


def test_the_last_layer_with_a_time_axis_is_the_default(bump_detector):
    X = bumps(45)
    by_default = saliency_map(bump_detector, X)
    assert_array_equal(by_default, saliency_map(bump_detector, X, layer="late"))
    assert not np.array_equal(by_default, saliency_map(bump_detector, X, layer="early"))


def test_grad_cam_shows_what_speaks_for_the_class(bump_detector):
    X = bumps(40) + bumps(80, sign=-1)
    for_v, for_n = (saliency_map(bump_detector, X, target=label)[0] for label in "VN")
    assert abs(int(for_v.argmax()) - 40) <= 4
    assert abs(int(for_n.argmax()) - 80) <= 4
    assert for_v[80] < 0.2
    assert for_n[40] < 0.2


def test_nothing_speaks_for_the_class(bump_detector):
    assert_array_equal(saliency_map(bump_detector, bumps(50), target="N"), 0)


def test_the_predicted_class_is_the_default(bump_detector):
    X = np.vstack([bumps(30), bumps(70, sign=-1)])
    assert_array_equal(bump_detector.predict(X), ["V", "N"])
    by_default = saliency_map(bump_detector, X)
    assert_array_equal(by_default, saliency_map(bump_detector, X, target=["V", "N"]))
    assert not np.array_equal(by_default, saliency_map(bump_detector, X, target="V"))


def test_each_signal_is_by_itself(bump_detector):
    X = np.vstack([bumps(30), bumps(70, sign=-1), 5 * bumps(50)])
    together = saliency_map(bump_detector, X)
    for row, signal in zip(together, X, strict=True):
        assert_allclose(row, saliency_map(bump_detector, signal[np.newaxis])[0], atol=1e-5)


@pytest.mark.parametrize("units", [1, 2])
def test_the_gradient_of_a_linear_network_is_its_weights(units):
    inputs = keras.Input((5, 2))
    activation = "sigmoid" if units == 1 else "softmax"
    flat = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(units, activation=activation)(flat))
    weights = np.random.default_rng(0).normal(size=(10, units))
    model.set_weights([weights, np.ones(units)])
    X = np.random.default_rng(1).normal(size=(3, 5, 2))
    expected = np.abs(weights[:, -1]).reshape(5, 2).max(axis=1)
    saliency = saliency_map(Network(model), X, target="V", method="gradient")
    assert_allclose(saliency, np.tile(expected / expected.max(), (3, 1)), rtol=1e-5)


def test_tables_have_gradients_and_no_grad_cam():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid", use_bias=False)(inputs))
    model.set_weights([np.array([[1.0], [0.0], [-2.0], [0.5]])])
    X = np.ones((2, 4))
    saliency = saliency_map(Network(model), X, target="N", method="gradient")
    assert_allclose(saliency[0], [0.5, 0, 1, 0.25])
    with pytest.raises(ValueError, match="grad_cam needs a layer with a time axis"):
        saliency_map(Network(model), X)


def test_networks_that_treat_signals_as_images():
    inputs = keras.Input((40, 2))
    x = keras.layers.Reshape((40, 2, 1))(inputs)
    x = keras.layers.Conv2D(1, (5, 2), activation="relu")(x)
    x = keras.layers.GlobalMaxPooling2D()(x)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))
    model.set_weights([np.ones((5, 2, 1, 1)), np.zeros(1), np.ones((1, 1)), np.zeros(1)])
    X = np.zeros((1, 40, 2))
    X[0, 10:13] = 1
    assert abs(int(saliency_map(Network(model), X).argmax()) - 11) <= 1
    assert_array_equal(saliency_map(Network(model), X, target="N"), 0)


def test_pipelines_transform_and_do_not_resample(bump_detector):
    halved = FunctionTransformer(lambda X: X[:, ::2])
    pipeline = make_pipeline(halved, RandomOverSampler(), bump_detector)
    X = np.repeat(bumps(45), 2, axis=1)
    assert_array_equal(saliency_map(pipeline, X), saliency_map(bump_detector, bumps(45)))


def test_the_best_estimator_of_a_search(bump_detector):
    X = np.vstack([bumps(45)] * 2 + [bumps(45, sign=-1)] * 2)
    search = GridSearchCV(make_pipeline("passthrough", bump_detector), {}, cv=2)
    search.fit(X, ["V", "V", "N", "N"])
    assert_array_equal(saliency_map(search, X), saliency_map(bump_detector, X))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "lime"}, "method must be one of grad_cam, gradient, got 'lime'"),
        ({"target": "Q"}, r"target must be among the classes \['N', 'V'\], got \['Q'\]"),
        ({"target": ["N", "V"]}, "inconsistent numbers of samples"),
        ({"layer": "conv9"}, "layer must be one of .*early.*, got 'conv9'"),
        ({"X": np.full((1, N_TIMESTEPS), np.nan)}, "Input X contains NaN"),
        ({"estimator": RandomForestClassifier().fit([[0]], [0])}, "must be a network or end in"),
    ],
)
def test_refuses(bump_detector, arguments, message):
    with pytest.raises(ValueError, match=message):
        saliency_map(**{"estimator": bump_detector, "X": bumps(50)} | arguments)


def test_networks_of_another_form_are_refused():
    first, second = keras.Input((10, 1)), keras.Input((3,))
    x = keras.layers.Concatenate()([keras.layers.Flatten()(first), second])
    two = Network(keras.Model([first, second], keras.layers.Dense(2, activation="softmax")(x)))
    per_step = keras.layers.Dense(2, activation="softmax")(first)
    for network in (two, Network(keras.Model(first, per_step))):
        with pytest.raises(ValueError, match="one array and give one decision for each signal"):
            saliency_map(network, np.zeros((1, 10)))


def test_a_layer_that_is_bypassed_is_refused():
    inputs = keras.Input((10, 1))
    x = keras.layers.Conv1D(1, 3, padding="same", name="bypassed")(inputs)
    x = keras.layers.Flatten()(keras.layers.Add()([x, inputs]))
    network = Network(keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x)))
    with pytest.raises(ValueError, match="'bypassed' is bypassed by other paths"):
        saliency_map(network, np.ones((1, 10)), layer="bypassed")


def test_a_display_draws_signals_over_their_saliency(bump_detector):
    X = np.vstack([bumps(30), bumps(70, sign=-1)])
    display = SaliencyDisplay.from_estimator(bump_detector, X, ["V", "V"], fs=100, unit="mV")
    for mesh, (line,), signal, row in zip(
        display.meshes_, display.lines_, X, saliency_map(bump_detector, X), strict=True
    ):
        assert_allclose(np.ravel(mesh.get_array()), row)
        assert_allclose(line.get_ydata(), signal, atol=1e-6)
        assert_allclose(line.get_xdata(), np.arange(N_TIMESTEPS) / 100)
    proba = bump_detector.predict_proba(X).max(axis=1)
    assert [ax.get_title() for ax in display.axes_] == [
        f"predicted V ({proba[0]:.2f}), true V",
        f"predicted N ({proba[1]:.2f}), true V",
    ]
    assert display.axes_[0].get_xlabel() == "Time (s)"
    assert display.axes_[0].get_ylabel() == "Amplitude (mV)"
    assert display.figure_.axes[-1].get_ylabel() == "Saliency"


def test_a_display_names_the_class_asked_for(bump_detector):
    display = SaliencyDisplay.from_estimator(bump_detector, bumps(30), target="N")
    assert display.axes_[0].get_title().startswith("evidence for N\npredicted V")


@pytest.mark.parametrize("n_leads", [None, 3])
def test_the_classifiers_of_this_package(n_leads):
    shape = (12, 80) if n_leads is None else (12, 80, n_leads)
    X = np.random.default_rng(0).normal(size=shape)
    network = ECGConvNetClassifier(
        filters=(4, 4, 4, 4), epochs=1, early_stopping=False, random_state=0
    ).fit(X, list("NSV") * 4)
    for method in ("grad_cam", "gradient"):
        saliency = saliency_map(network, X[:5], method=method)
        assert saliency.shape == (5, 80)
        assert saliency.min() >= 0
        assert set(saliency.max(axis=1)) <= {0, 1}
    names = None if n_leads is None else ["I", "II", "V1"]
    display = SaliencyDisplay.from_estimator(network, X[:5], lead_names=names)
    assert [len(lines) for lines in display.lines_] == [n_leads or 1] * 5
    if names is not None:
        assert [t.get_text() for t in display.axes_[0].get_yticklabels()] == names
