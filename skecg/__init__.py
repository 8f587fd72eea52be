"""Electrocardiogram classification with the scikit-learn interface."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

__version__ = "0.1.0"

if TYPE_CHECKING:
    from skecg.classifiers import ECGConvNetClassifier as ECGConvNetClassifier
    from skecg.recordings import ECGRecord as ECGRecord
    from skecg.recordings import read_record as read_record

_PUBLIC = {
    "ECGConvNetClassifier": ".classifiers",
    "ECGRecord": ".recordings",
    "augmentation": ".augmentation",
    "classifiers": ".classifiers",
    "datasets": ".datasets",
    "feature_extraction": ".feature_extraction",
    "inspection": ".inspection",
    "metrics": ".metrics",
    "model_selection": ".model_selection",
    "preprocessing": ".preprocessing",
    "read_record": ".recordings",
    "recordings": ".recordings",
    "sampling": ".sampling",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
