import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier

from skecg import ECGInceptionTimeClassifier
from skecg.classifiers.inception_time import inception_time
from tests.estimators import (
    architecture,
    gain_over_logistic_regression,
    opposed_leads,
    signals,
    small,
)

DEFAULTS = architecture(ECGInceptionTimeClassifier)


def convolutions(model):
    return [layer for layer in model.layers if type(layer).__name__ == "Conv1D"]


def test_the_reference_network():
    model = inception_time((187, 1), 5, **DEFAULTS)
    assert model.count_params() == 422_885
    outputs = {layer.output.shape[1:] for layer in model.layers if "concatenate" in layer.name}
    assert outputs == {(187, 128)}
    kinds = [type(layer).__name__ for layer in model.layers]
    counts = {kind: kinds.count(kind) for kind in ("Concatenate", "Add", "MaxPooling1D")}
    assert counts == {"Concatenate": 6, "Add": 2, "MaxPooling1D": 6}
    lengths = sorted(layer.kernel_size[0] for layer in convolutions(model))
    assert lengths == [1] * (6 + 5 + 2) + [10] * 6 + [20] * 6 + [40] * 6
    assert not any(layer.use_bias for layer in convolutions(model))
    narrowing = [la.filters for la in convolutions(model) if la.input.shape[-1] == 128]
    assert narrowing.count(32) == 2 * 5  # the bottleneck and the branch after the pooling


def test_the_reference_training():
    defaults = ECGInceptionTimeClassifier().get_params()
    assert (defaults["batch_size"], defaults["epochs"]) == (64, 1500)
    assert (defaults["optimizer"], defaults["n_iter_no_change"]) == ("adam", 50)


@pytest.mark.usefixtures("without_graphs")
def test_five_networks_vote():
    X, y = signals(n_leads=2)
    networks = [
        (str(seed), small(ECGInceptionTimeClassifier, epochs=1, random_state=seed))
        for seed in range(5)
    ]
    ensemble = VotingClassifier(networks, voting="soft").fit(X, y)
    each = [network.predict_proba(X) for network in ensemble.estimators_]
    assert len({p.tobytes() for p in each}) == 5
    np.testing.assert_allclose(ensemble.predict_proba(X), np.mean(each, axis=0), atol=1e-6)


def test_several_leads_are_narrowed_from_the_first_module_on():
    one, three = (convolutions(inception_time((187, n_leads), 5, **DEFAULTS)) for n_leads in (1, 3))
    assert len(three) == len(one) + 1


def test_any_length_will_do():
    assert inception_time((1, 1), 2, **DEFAULTS).output_shape == (None, 2)


@pytest.mark.parametrize(
    "parameters",
    [{"depth": 0}, {"kernel_size": (5, 0)}, {"kernel_size": 5}, {"bottleneck": 0}],
    ids=str,
)
def test_parameters_that_cannot_be(parameters):
    X, y = signals(n_samples=9)
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(ECGInceptionTimeClassifier, **parameters).fit(X, y)


def test_it_learns_what_a_logistic_regression_cannot():
    X, y = opposed_leads(700, 48, 2)
    network = ECGInceptionTimeClassifier(
        depth=3, filters=8, bottleneck=8, epochs=3, early_stopping=False, random_state=0
    )
    assert gain_over_logistic_regression(network, X, y, 500) > 0.3
