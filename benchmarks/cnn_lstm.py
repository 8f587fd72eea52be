"""ECGCNNLSTMClassifier's two forms: beats folded into the batch axis, and time-distributed.

Run with ``python benchmarks/cnn_lstm.py``. The numbers are the same; the estimator keeps the
faster form. Both are timed in turn, and the fastest round of each counts; a ratio above 1 means
that folding is faster.
"""

import time

import numpy as np

from skecg import ECGCNNLSTMClassifier
from skecg.classifiers._keras import keras
from skecg.classifiers.cnn_lstm import cnn_lstm
from skecg.classifiers.convnet import convolution_blocks

BATCH, N_BEATS, N_TIMESTEPS, N_CLASSES = 32, 10, 187, 5
ROUNDS = 15


def time_distributed(settings):
    layers = keras.layers
    blocks = {n: v for n, v in settings.items() if n not in ("lstm_units", "dense_units")}
    beat = keras.Input((N_TIMESTEPS, 1))
    per_beat = keras.Model(beat, convolution_blocks(beat, layers.Flatten(), **blocks))
    inputs = keras.Input((N_BEATS, N_TIMESTEPS, 1))
    x = layers.TimeDistributed(per_beat)(inputs)
    for units in settings["lstm_units"]:
        x = layers.LSTM(units, activation="relu", return_sequences=True)(x)
    for units in settings["dense_units"]:
        x = layers.Dense(units, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(N_CLASSES, activation="softmax")(x))


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main():
    classifier = ECGCNNLSTMClassifier()
    settings = {n: getattr(classifier, n) for n in classifier._architecture_names()}
    models = [cnn_lstm((N_TIMESTEPS, 1), N_CLASSES, **settings), time_distributed(settings)]
    models[1].set_weights(models[0].get_weights())

    rng = np.random.default_rng(0)
    X = rng.normal(size=(BATCH, N_BEATS, N_TIMESTEPS, 1)).astype(np.float32)
    y = rng.integers(N_CLASSES, size=(BATCH, N_BEATS))
    folded, distributed = (model.predict_on_batch(X) for model in models)
    print(f"largest difference of a probability: {np.abs(folded - distributed).max():.1e}")

    for model in models:
        model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    steps = {
        "first training step, compilation included": [
            [seconds(lambda m=m: m.train_on_batch(X, y))] for m in models
        ],
        "prediction": [[], []],
        "training step": [[], []],
    }
    for _ in range(ROUNDS):
        for i, model in enumerate(models):
            steps["prediction"][i].append(seconds(lambda m=model: m.predict_on_batch(X)))
            steps["training step"][i].append(seconds(lambda m=model: m.train_on_batch(X, y)))
    for name, (ours, theirs) in steps.items():
        print(f"{name}: time-distributed / folded = {min(theirs) / min(ours):.2f}")


if __name__ == "__main__":
    main()
