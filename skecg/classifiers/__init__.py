"""Networks as classifiers."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.classifiers._base import BaseECGClassifier as BaseECGClassifier
    from skecg.classifiers.convnet import ECGConvNetClassifier as ECGConvNetClassifier

_PUBLIC = {
    "BaseECGClassifier": "._base",
    "ECGConvNetClassifier": ".convnet",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
