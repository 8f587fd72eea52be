import keras
import numpy as np
import pytest

from skecg.classifiers import AdaBound


def by_hand(gradients, rate=1e-3, final=0.1, gamma=1e-3, beta_1=0.9, beta_2=0.999):
    """The steps of algorithm 2, bounds as in the authors' program."""
    mean = square = 0.0
    steps = []
    for t, gradient in enumerate(gradients, start=1):
        mean = beta_1 * mean + (1 - beta_1) * gradient
        square = beta_2 * square + (1 - beta_2) * gradient**2
        size = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t) / (np.sqrt(square) + 1e-8)
        low, high = final * (1 - 1 / (gamma * t + 1)), final * (1 + 1 / (gamma * t))
        steps.append(-np.clip(size, low, high) * mean)
    return np.array(steps)


def steps_of(optimizer, gradients):
    variable = keras.Variable(np.zeros_like(gradients[0]))
    positions = [keras.ops.convert_to_numpy(variable)]
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        positions.append(keras.ops.convert_to_numpy(variable))
    return np.diff(positions, axis=0)


@pytest.mark.parametrize("settings", [{}, {"gamma": 0.5}, {"final": 1e-4, "gamma": 0.5}], ids=str)
def test_steps_are_those_of_the_paper(settings):
    gradients = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    names = {"final": "final_learning_rate", "gamma": "gamma"}
    optimizer = AdaBound(**{names[n]: v for n, v in settings.items()})
    np.testing.assert_allclose(
        steps_of(optimizer, gradients), by_hand(gradients, **settings), rtol=2e-3, atol=1e-7
    )


def test_it_begins_as_adam_and_ends_as_sgd():
    gradients = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
    adam = keras.optimizers.Adam(1e-3, epsilon=1e-8)
    loose = steps_of(AdaBound(gamma=1e-9), gradients)
    np.testing.assert_allclose(loose, steps_of(adam, gradients), rtol=1e-3, atol=1e-7)
    sgd = steps_of(AdaBound(gamma=1e6, final_learning_rate=0.01, beta_1=0.0), gradients)
    np.testing.assert_allclose(sgd, -0.01 * gradients, rtol=1e-3)


def test_it_can_be_stored():
    optimizer = AdaBound(2e-3, final_learning_rate=0.2, gamma=0.01, weight_decay=0.1)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert type(again) is AdaBound
    assert again.get_config() == optimizer.get_config()
