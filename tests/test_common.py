"""scikit-learn's own checks over every estimator of the package."""

import pytest
from numpydoc.docscrape import ClassDoc
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from skecg import EarlyStoppingClassifier
from skecg.classifiers import BaseECGClassifier, ECGEmbedding
from tests.estimators import all_estimator_classes, is_network, is_sampler, small

_OF_EMBEDDINGS = {
    "check_methods_sample_order_invariance": (
        "float32: on some processors matrix products round by a sample's place in the batch, and "
        "the check allows outputs to differ by 1e-7 of themselves and 1e-9"
    ),
}
_OF_NETWORKS = {
    **_OF_EMBEDDINGS,
    "check_sample_weight_equivalence_on_dense_data": (
        "mini-batches: a sample of weight two is in one batch, a repeated one in two, in "
        "another order; and dropout draws for each"
    ),
}
_OF_EARLY_STOPPING = {
    "check_sample_weight_equivalence_on_dense_data": (
        "a sample of weight two is trained on or set aside, one of two copies can be either"
    ),
}


# Of networks, these ask for predictions that are right; the others for a contract.
_LEARNING = {
    "check_class_weight_classifiers",
    "check_classifiers_classes",
    "check_classifiers_one_label_sample_weights",
    "check_classifiers_train",
}


def _expected_failures(estimator):
    if isinstance(estimator, ECGEmbedding):
        return _OF_EMBEDDINGS
    if isinstance(estimator, EarlyStoppingClassifier):
        return _OF_EARLY_STOPPING
    return _OF_NETWORKS if is_network(type(estimator)) else {}


@parametrize_with_checks(
    [small(cls) for cls in all_estimator_classes().values() if not is_sampler(cls)],
    expected_failed_checks=_expected_failures,
)
def test_sklearn(estimator, check, request):
    if is_network(type(estimator)):
        estimator = clone(estimator).set_params(batch_size=64)
        if check.func.__name__ not in _LEARNING:
            estimator.set_params(epochs=1)
            request.getfixturevalue("without_graphs")
    check(estimator)


def test_estimators_are_found():
    assert "ECGConvNetClassifier" in all_estimator_classes()


@pytest.mark.parametrize("name", all_estimator_classes())
def test_parameters_are_documented(name):
    cls = all_estimator_classes()[name]
    names = [name for p in ClassDoc(cls)["Parameters"] for name in p.name.split(",")]
    documented = {name.strip().lstrip("*") for name in names}
    own = set(cls._get_param_names())
    if is_network(cls):
        own -= set(BaseECGClassifier._get_param_names()) - documented
    assert own <= documented
