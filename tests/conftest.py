import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _real_data(folder):
    candidates = [ROOT.parent / "shared" / "data"]
    if "SKECG_DATA" in os.environ:
        candidates.insert(0, Path(os.environ["SKECG_DATA"]))
    for candidate in candidates:
        if (candidate / folder).is_dir():
            return candidate / folder
    pytest.skip(f"no {folder} recordings in SKECG_DATA or ../shared/data")


@pytest.fixture(scope="session")
def mitdb_dir():
    """Folder of the MIT-BIH Arrhythmia Database."""
    return _real_data("mitdb")


@pytest.fixture(scope="session")
def ludb_dir():
    """Folder of the Lobachevsky University database."""
    return _real_data("ludb")


@pytest.fixture(scope="session")
def ludb(ludb_dir):
    """The Lobachevsky University database, read."""
    from skecg.datasets import load_ludb

    return load_ludb(ludb_dir)


@pytest.fixture
def without_graphs():
    """Run TensorFlow's functions step by step: tracing a graph takes longer than its few steps."""
    import keras

    if keras.config.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def pytest_collection_modifyitems(items):
    """Call slow what trains networks many times over; one network's contract stays fast."""
    for item in items:
        many = item.nodeid.startswith("tests/classifiers/") or (
            item.nodeid.startswith("tests/test_common.py") and "ECG" in item.name
        )
        if many and not ("test_contract" in item.nodeid and "ECGConvNet" in item.name):
            item.add_marker(pytest.mark.slow)
