import matplotlib.pyplot as plt
import numpy as np
import pytest

from skecg.recordings import Annotations, ECGRecord

STANDARD_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@pytest.fixture(autouse=True)
def _off_screen():
    before = plt.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


@pytest.fixture
def record():
    """20 s of two leads with a beat a second, the fifth one ventricular, and a rhythm note."""
    fs, n_timesteps = 100, 2000
    rng = np.random.default_rng(0)
    signal = rng.normal(scale=0.02, size=(n_timesteps, 2)).astype(np.float32)
    sample = np.arange(50, n_timesteps, 100)
    signal[sample, 0] += 1.2
    signal[sample, 1] -= 0.8
    symbol = np.full(len(sample), "N", dtype="<U1")
    symbol[4] = "V"
    order = np.argsort(np.append(sample, 20))
    return ECGRecord(
        signal,
        fs=fs,
        lead_names=["MLII", "V1"],
        record_id="r1",
        annotations=Annotations(
            np.append(sample, 20)[order],
            np.append(symbol, "+")[order],
            np.append(np.full(len(sample), ""), "(N")[order],
        ),
    )


@pytest.fixture
def twelve_leads():
    """10 s of the twelve standard leads, each a sine of its own height, in another order."""
    time = np.arange(5000) / 500
    heights = 0.1 * np.arange(1, 13)
    signal = heights * np.sin(2 * np.pi * time[:, np.newaxis])
    return ECGRecord(signal[:, ::-1], fs=500, lead_names=STANDARD_LEADS[::-1], record_id="r12")


@pytest.fixture
def beats():
    """Beats of three classes: X of shape (n_samples, n_timesteps) and y."""
    rng = np.random.default_rng(0)
    y = np.repeat(["N", "S", "V"], [60, 10, 30])
    height = {"N": 1.0, "S": 0.6, "V": -0.8}
    pulse = np.exp(-0.5 * ((np.arange(100) - 30) / 4) ** 2)
    X = np.array([height[label] * pulse for label in y]) + rng.normal(scale=0.05, size=(100, 100))
    X[:, 90:] = 0
    return X.astype(np.float32), y
