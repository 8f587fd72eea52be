"""Pictures of signals, data sets, training and results."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.inspection._beats import BeatDensityDisplay as BeatDensityDisplay
    from skecg.inspection._beats import BeatExamplesDisplay as BeatExamplesDisplay
    from skecg.inspection._classes import ClassSharesDisplay as ClassSharesDisplay
    from skecg.inspection._history import TrainingHistoryDisplay as TrainingHistoryDisplay
    from skecg.inspection._saliency import SaliencyDisplay as SaliencyDisplay
    from skecg.inspection._saliency import saliency_map as saliency_map
    from skecg.inspection._scores import ClassCalibrationDisplay as ClassCalibrationDisplay
    from skecg.inspection._scores import (
        NormalizedConfusionMatrixDisplay as NormalizedConfusionMatrixDisplay,
    )
    from skecg.inspection._signal import SignalDisplay as SignalDisplay
    from skecg.inspection._twelve_lead import TwelveLeadDisplay as TwelveLeadDisplay

_PUBLIC = {
    "BeatDensityDisplay": "._beats",
    "BeatExamplesDisplay": "._beats",
    "ClassCalibrationDisplay": "._scores",
    "ClassSharesDisplay": "._classes",
    "NormalizedConfusionMatrixDisplay": "._scores",
    "SaliencyDisplay": "._saliency",
    "SignalDisplay": "._signal",
    "TrainingHistoryDisplay": "._history",
    "TwelveLeadDisplay": "._twelve_lead",
    "saliency_map": "._saliency",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
