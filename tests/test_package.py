import ast
import subprocess
import sys

import pytest

import skecg


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def test_importing_skecg_loads_neither_keras_nor_tensorflow():
    done = run("import sys, skecg; print([m for m in sys.modules if '.' not in m])")
    loaded = set(ast.literal_eval(done.stdout))
    assert not loaded & {"keras", "tensorflow", "scikeras", "jax", "torch", "sklearn", "matplotlib"}


def test_training_leaves_the_terminal_clean():
    done = run(
        "import numpy as np; from skecg import ECGConvNetClassifier;"
        "X = np.random.default_rng(0).normal(size=(40, 80)); y = np.arange(40) % 2;"
        "ECGConvNetClassifier(filters=(4, 4), dropout=0.1, kernel_size=3, epochs=2)"
        ".fit(X, y).predict(X)"
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_public_names_are_there():
    for name in skecg.__all__:
        assert getattr(skecg, name) is not None
        assert name in dir(skecg)
    with pytest.raises(AttributeError, match="no attribute 'ECGConvNet'"):
        skecg.ECGConvNet  # noqa: B018
