import json
import os
import pickle
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline as make_resampling_pipeline
from imblearn.under_sampling import RandomUnderSampler
from numpy.testing import assert_array_equal
from safetensors import safe_open
from safetensors.numpy import save as safetensors
from sklearn.base import BaseEstimator, config_context
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

import skecg
from skecg import ECGConvNetClassifier, ECGInceptionTimeClassifier
from skecg._container import _digest, read, write
from skecg.augmentation import GaussianNoise
from skecg.datasets import make_recordings
from skecg.ensemble import FoldEnsembleClassifier
from skecg.preprocessing import BandpassFilter, LeadScaler
from skecg.sampling import RandomResampler, SignalSampler, balance_to
from tests.estimators import (
    all_estimator_classes,
    is_network,
    is_sampler,
    signals,
    small,
    untrained,
)

DATA = Path(__file__).parent / "data"
X, Y = signals()
_PARAMETERS = {
    "EarlyStoppingClassifier": {"estimator": small(ECGConvNetClassifier, epochs=1)},
    "SignalSampler": {"sampler": RandomUnderSampler(random_state=0)},
}
_OF_RECORDS = {"AnnotationFeatures", "IntervalFeatures", "VectorFeatures", "VoltageFeatures"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.skecg"


@pytest.fixture
def round_trip(path):
    def make(estimator, **kwargs):
        skecg.save(estimator, path, **kwargs)
        return skecg.load(path, **kwargs)

    return make


def fitted(cls):
    if is_network(cls):
        return untrained(cls)
    estimator = small(cls, **_PARAMETERS.get(cls.__name__, {}))
    if cls.__name__ == "ECGEmbedding":
        return estimator.set_params(estimator=FrozenEstimator(untrained(ECGConvNetClassifier)))
    if cls.__name__ in _OF_RECORDS:
        return estimator
    if is_sampler(cls):
        estimator.fit_resample(X, Y)
        return estimator
    try:
        return estimator.fit(X, Y)
    except ValueError:
        return estimator.fit(make_recordings(2, duration=5, leads=None, random_state=0))


def assert_same(one, other):
    """Equal to the last bit, all the way down."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert (one.dtype, one.flags.f_contiguous) == (other.dtype, other.flags.f_contiguous)
        assert_array_equal(one, other)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, BaseEstimator):
        assert_same(one.__getstate__(), other.__getstate__())
    else:
        assert one == other or one != one  # NaN


@pytest.mark.parametrize("name", all_estimator_classes())
def test_every_estimator_survives_to_the_last_bit(name, round_trip):
    estimator = fitted(all_estimator_classes()[name])
    loaded = round_trip(estimator)
    assert_same(loaded, estimator)
    if is_network(type(estimator)):
        shape = [3 if n is None else n for n in estimator.model_.input_shape]
        signal = np.random.default_rng(0).random(shape).astype(np.float32)
        found, expected = loaded.model_(signal), estimator.model_(signal)
        assert_same(np.asarray(found), np.asarray(expected))


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        RidgeClassifier(),
        LinearSVC(),
        LinearDiscriminantAnalysis(),
        make_pipeline(PCA(2), QuadraticDiscriminantAnalysis()),
        DecisionTreeClassifier(random_state=0),
        RandomForestClassifier(3, random_state=0, oob_score=True),
        ExtraTreesClassifier(3, random_state=0),
        VotingClassifier([("a", GaussianNB()), ("b", LogisticRegression())], voting="soft"),
        StackingClassifier([("a", GaussianNB()), ("b", LogisticRegression())], cv=2),
        CalibratedClassifierCV(GaussianNB(), cv=2),
        CalibratedClassifierCV(GaussianNB(), cv=2, method="isotonic"),
        CalibratedClassifierCV(GaussianNB(), cv=2, ensemble=False, method="temperature"),
        FoldEnsembleClassifier(GaussianNB(), cv=StratifiedGroupKFold(2)),
        make_pipeline(FunctionTransformer(np.abs), PowerTransformer(), SelectKBest(k=3), PCA(2)),
        make_pipeline(RobustScaler(), QuantileTransformer(n_quantiles=5), SimpleImputer()),
        make_union(MinMaxScaler(), OneHotEncoder(handle_unknown="ignore", sparse_output=False)),
        ColumnTransformer([("a", StandardScaler(), [0, 1]), ("b", "passthrough", slice(2, 5))]),
        make_resampling_pipeline(
            SignalSampler(RandomUnderSampler(sampling_strategy=balance_to(9), random_state=0)),
            SMOTE(random_state=0),
            GaussianNB(),
        ),
    ],
    ids=lambda estimator: repr(estimator)[:50],
)
def test_what_stands_in_pipelines_survives(estimator, round_trip):
    if isinstance(estimator, FoldEnsembleClassifier):
        estimator.fit(X, Y, groups=np.arange(len(X)) % 6)
    else:
        estimator.fit(X, Y)
    loaded = round_trip(estimator)
    for method in ("predict_proba", "decision_function", "transform"):
        if hasattr(estimator, method):
            assert_same(getattr(loaded, method)(X), getattr(estimator, method)(X))
    assert repr(loaded) == repr(estimator)


@pytest.fixture(scope="module")
def network():
    model = small(
        ECGConvNetClassifier,
        epochs=1,
        filters=(4, 4),
        keep_optimizer=True,
        augment=[GaussianNoise()],
        class_weight={"N": 2.0, "Q": 1.0, "V": 1.0},
    )
    return model.fit(X, Y)


def test_a_fitted_network_goes_on_as_if_never_saved(network, round_trip):
    loaded = round_trip(network)
    assert_same(loaded.predict_proba(X), network.predict_proba(X))
    assert loaded.history_ == network.history_
    again = round_trip(loaded).set_params(class_weight=None)
    loaded.set_params(class_weight=None).partial_fit(X, Y)
    assert_same(again.partial_fit(X, Y).model_.get_weights(), loaded.model_.get_weights())


def test_what_keras_makes_survives_without_being_named_as_keras_does(round_trip):
    import keras

    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    model = ECGConvNetClassifier(
        activation=keras.activations.gelu,
        optimizer=keras.optimizers.SGD(schedule, momentum=0.5),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=[keras.metrics.CategoricalAccuracy, keras.metrics.AUC(num_thresholds=10)],
    )
    loaded = round_trip(model)
    assert loaded.activation is keras.activations.gelu
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    assert loaded.loss.get_config() == model.loss.get_config()
    assert loaded.metrics[0] is keras.metrics.CategoricalAccuracy
    assert loaded.metrics[1].num_thresholds == 10
    assert round_trip(ECGConvNetClassifier(optimizer=skecg.classifiers.AdaBound())).optimizer.gamma


def test_one_object_in_two_places_stays_one(round_trip):
    frozen = FrozenEstimator(untrained(ECGConvNetClassifier))
    pair = VotingClassifier([(name, ECGConvNetClassifier(init_from=frozen)) for name in "ab"])
    loaded = round_trip(pair)
    assert loaded.estimators[0][1].init_from is loaded.estimators[1][1].init_from


def test_requests_of_metadata_survive(round_trip):
    with config_context(enable_metadata_routing=True):
        model = LogisticRegression().set_fit_request(sample_weight="weight")
        loaded = round_trip(make_pipeline(model))
        requests = loaded[-1].get_metadata_routing().fit.requests
    assert requests["sample_weight"] == "weight"


class MyNetwork(ECGConvNetClassifier):
    """A user's own."""


def test_classes_of_ones_own_are_named_twice(path):
    model = MyNetwork(epochs=3)
    with pytest.raises(ValueError, match=r"MyNetwork.*`classes`"):
        skecg.save(model, path)
    skecg.save(model, path, classes=[MyNetwork])
    with pytest.raises(ValueError, match="MyNetwork"):
        skecg.load(path)
    assert skecg.load(path, classes=[MyNetwork]).epochs == 3


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (FunctionTransformer(lambda X: X), r"FunctionTransformer.func is .*lambda"),
        (FunctionTransformer(os.system), r"func is posix.system"),
        (GridSearchCV(GaussianNB(), {}), "best_estimator_"),
        (make_pipeline(SVC()), "SVC"),
        (ECGConvNetClassifier(callbacks=[print]), r"callbacks\[0\] is builtins.print"),
    ],
)
def test_what_takes_a_pickle_is_refused(estimator, message, path):
    if isinstance(estimator, GridSearchCV):
        estimator.fit(X, Y)
    with pytest.raises(ValueError, match=message):
        skecg.save(estimator, path)
    assert not path.exists()


def test_no_training_data_are_saved(path):
    secret = X[:1] * 0 + 0.123
    data, y = np.concatenate([X, secret]), np.append(Y, "N")
    pipeline = make_resampling_pipeline(SMOTE(random_state=0), LogisticRegression()).fit(data, y)
    skecg.save(pipeline, path)
    assert secret.tobytes() not in path.read_bytes()
    assert path.stat().st_size < X.nbytes


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
def test_files_of_the_first_format_load_in_a_fresh_process():
    code = """
import sys, numpy as np, skecg
data = np.load(sys.argv[2])
found = skecg.load(sys.argv[1]).predict_proba(data["X"])
np.testing.assert_allclose(found, data["probability"], atol=1e-5)
"""
    names = [str(DATA / f"pipeline-format1.{suffix}") for suffix in ("skecg", "npz")]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *names], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def content_of(estimator, path):
    skecg.save(estimator, path)
    return read(path)


def forged(path, content, arrays):
    write(path, content, arrays)
    return skecg.load(path)


def test_another_version_of_scikit_learn_is_told_of(path):
    content, arrays = content_of(StandardScaler(), path)
    content["objects"][0]["state"]["_sklearn_version"] = "0.1"
    with pytest.warns(InconsistentVersionWarning):
        forged(path, content, arrays)


def test_later_formats_are_told_of(path):
    content, arrays = content_of(StandardScaler(), path)
    with pytest.raises(ValueError, match="format 2, and this skecg reads up to 1"):
        forged(path, {**content, "format": 2}, arrays)


@pytest.mark.parametrize(
    "name",
    [
        "builtins.eval",
        "os.system",
        "subprocess.Popen",
        "skecg.persistence.load",
        "skecg.classifiers.transfer",
        "skecg.sampling._CarryMixin",
        "sklearn.svm.SVC",
        "sklearn.pipeline.os",
        "",
        None,
        ["a"],
    ],
)
@pytest.mark.parametrize("tag", ["class", "function", "object"])
def test_only_what_is_listed_can_be_named(name, tag, path):
    content, arrays = content_of(StandardScaler(), path)
    if tag == "object":
        content["objects"][0]["class"] = name
    else:
        content["objects"][0]["state"]["copy"] = {tag: name}
    with pytest.raises(ValueError, match="cannot be loaded"):
        forged(path, content, arrays)


@pytest.mark.parametrize(
    "value",
    [
        {"keras": {"dict": [["name", name], ["config", config]]}}
        for name in ("layers.Lambda", "saving.load_model", "optimizers.get", "losses.deserialize")
        for config in (None, {"dict": []})
    ]
    + [
        {"dict": [["class_name", "Lambda"], ["config", {"dict": []}]]},
        {"ref": 0},
        {"ref": -1},
        {"array": 10**6},
        {"dtype": "V1000000000"},
        {"objects": [], "shape": [10**12]},
        {"float": "__import__('os')"},
        {"__class__": 1},
        {},
        {"random": ["MT19937", [1], 0, 0, 0.0]},
    ],
    ids=str,
)
def test_values_that_save_would_not_write_are_refused(value, path):
    content, arrays = content_of(ECGConvNetClassifier(), path)
    content["objects"][0]["state"]["optimizer"] = value
    with pytest.raises(ValueError, match="cannot be loaded"):
        forged(path, content, arrays)


@pytest.mark.parametrize("name", ["__class__", "__dict__", "transform", "fit"])
def test_methods_are_not_replaced(name, path):
    content, arrays = content_of(StandardScaler(), path)
    content["objects"][0]["state"][name] = {"function": "numpy.abs"}
    with pytest.raises(ValueError, match=f"sets {name!r}"):
        forged(path, content, arrays)


def test_text_of_a_senseless_shape_is_refused(path):
    content, arrays = content_of(LogisticRegression().fit(X, Y), path)
    state = content["objects"][0]["state"]
    assert "text" in state["classes_"]
    for shape in ([10**12], [1], ["a"]):
        state["classes_"]["shape"] = shape
        with pytest.raises(ValueError, match="cannot be loaded"):
            forged(path, content, arrays)


@pytest.mark.parametrize(
    ("field", "value"),
    [("left_child", 0), ("right_child", 10**6), ("left_child", -7), ("feature", 1000)],
)
def test_trees_that_lead_astray_are_refused(field, value, path):
    content, arrays = content_of(DecisionTreeClassifier(random_state=0).fit(X, Y), path)
    tree = dict(content["objects"][0]["state"]["tree_"]["tree"]["dict"])
    index = dict(tree["nodes"]["dict"])[field]["array"]
    arrays[index] = arrays[index].copy()
    arrays[index][0] = value
    with pytest.raises(ValueError, match="does not hold together"):
        forged(path, content, arrays)


@pytest.mark.parametrize("cls", [DecisionTreeClassifier, RandomForestClassifier])
def test_trees_of_more_features_than_asked_for_are_refused(cls, path):
    content, arrays = content_of(cls().fit(X, Y), path)
    content["objects"][-1]["state"]["n_features_in_"] = 2
    with pytest.raises(ValueError, match="other features"):
        forged(path, content, arrays)


@pytest.mark.parametrize(
    ("cls", "parameter", "value"),
    [
        (ECGConvNetClassifier, "filters", [2**20, 2**20]),
        (ECGConvNetClassifier, "filters", [8] * 10_000),
        (ECGConvNetClassifier, "filters", [10**12, 8]),
        (ECGConvNetClassifier, "dense_units", [2**20] * 8),
        (ECGInceptionTimeClassifier, "depth", 2**20),
        (ECGInceptionTimeClassifier, "depth", 10**12),
    ],
)
def test_a_network_that_its_weights_do_not_make_takes_no_memory(cls, parameter, value, path):
    content, arrays = content_of(untrained(cls), path)
    state = content["objects"][0]["state"]
    for pair in state["_architecture"]["dict"]:
        if pair[0] == parameter:
            pair[1] = value
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match=r"cannot be built|senseless size"):
        forged(path, content, arrays)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("activation", {"dict": [["name", "x"]]}),
        ("model_", None),
        ("_architecture", {"dict": []}),
        ("input_shape_", {"tuple": [10**12, 1]}),
    ],
)
def test_networks_of_senseless_parameters_are_refused(name, value, path):
    content, arrays = content_of(untrained(ECGConvNetClassifier), path)
    content["objects"][0]["state"][name] = value
    with pytest.raises(ValueError, match="cannot be loaded"):
        forged(path, content, arrays)


class Payload:
    def __reduce__(self):
        return os.abort, ()


def test_files_of_others_are_refused(path, tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../escaped", bytes(10**7))
    np.savez(tmp_path / "arrays.npz", a=np.array([Payload()]))
    header = json.dumps({"0": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}})
    nested = "[" * 10**6
    other = {
        "zip": bomb.read_bytes(),
        "npz": (tmp_path / "arrays.npz").read_bytes(),
        "pickle": pickle.dumps(Payload()),
        "empty": b"",
        "text": b"not a model\n" * 9,
        "long header": (2**62).to_bytes(8, "little") + bytes(100),
        "huge array": len(header).to_bytes(8, "little") + header.encode() + bytes(100),
        "other arrays": safetensors({"weight": np.zeros(3)}),
        "nested": safetensors({}, {"skecg": nested, "sha256": _digest(nested, [])}),
    }
    for data in other.values():
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"model.skecg is damaged or was not written"):
            skecg.load(path)
    with pytest.raises(FileNotFoundError):
        skecg.load(tmp_path / "missing.skecg")
    with pytest.raises(FileNotFoundError):
        skecg.load(tmp_path)


def test_one_array_does_not_fill_many_networks(path):
    content, arrays = content_of(untrained(ECGConvNetClassifier), path)
    content["objects"] *= 2
    with pytest.raises(ValueError, match="cannot be loaded"):
        forged(path, content, arrays)


@pytest.mark.parametrize(
    ("metric", "count"), [({"num_classes": 10**6}, 1), ({"num_classes": 2}, 101)]
)
def test_metrics_do_not_fill_the_memory(metric, count, path):
    content, arrays = content_of(ECGConvNetClassifier(), path)
    pairs = [["name", "metrics.MeanIoU"], ["config", {"dict": list(metric.items())}]]
    content["objects"][0]["state"]["metrics"] = [{"keras": {"dict": pairs}}] * count
    with pytest.raises(ValueError, match=r"senseless size|too many"):
        forged(path, content, arrays)


def test_deep_nesting_is_refused(path):
    content, arrays = content_of(StandardScaler(), path)
    value = 0
    for _ in range(200):
        value = [value]
    content["objects"][0]["state"]["copy"] = value
    with pytest.raises(ValueError, match="nested too deeply"):
        forged(path, content, arrays)


def test_every_changed_byte_and_every_cut_is_noticed(path):
    skecg.save(make_pipeline(LeadScaler(), LogisticRegression()).fit(X, Y), path)
    data = path.read_bytes()
    rng = np.random.default_rng(0)
    for position in rng.integers(len(data), size=100):
        damaged = bytearray(data)
        damaged[position] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"model.skecg"):
            skecg.load(path)
        path.write_bytes(data[:position])
        with pytest.raises(ValueError, match=r"model.skecg"):
            skecg.load(path)


def test_a_full_disk_leaves_the_previous_file(path):
    skecg.save(BandpassFilter(fs=100), path)
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))
    try:
        with pytest.raises(OSError, match=r"nothing was written.*too large.*model.skecg"):
            skecg.save(RandomForestClassifier(3).fit(X, Y), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["model.skecg"]


def test_folders_that_cannot_be_written_to_are_named(tmp_path):
    (tmp_path / "file").touch()
    for folder in ("missing", "file"):
        with pytest.raises(OSError, match=rf"nothing was written.*{folder}/model"):
            skecg.save(BandpassFilter(fs=100), tmp_path / folder / "model")
    if os.geteuid():
        tmp_path.chmod(0o500)
        with pytest.raises(PermissionError, match="nothing was written"):
            skecg.save(BandpassFilter(fs=100), tmp_path / "model")


def test_only_estimators_are_saved(path):
    with pytest.raises(ValueError, match="must be an estimator"):
        skecg.save({"a": 1}, path)
    content, arrays = content_of(BandpassFilter(fs=100), path)
    with pytest.raises(ValueError, match="holds no estimator"):
        forged(path, {**content, "root": 3}, arrays)


def test_other_programs_read_the_arrays(path):
    model = LogisticRegression().fit(X, Y)
    skecg.save(model, path)
    with safe_open(path, framework="numpy") as file:
        shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118
    assert list(model.coef_.T.shape) in shapes  # whose order in memory is Fortran's


def test_a_sampler_draws_the_same_after_loading(round_trip):
    sampler = RandomResampler(sampling_strategy=balance_to(7), random_state=0)
    loaded = round_trip(sampler)
    assert_array_equal(loaded.fit_resample(X, Y)[0], sampler.fit_resample(X, Y)[0])
