"""Features from recordings and their annotations."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.feature_extraction._annotation import AnnotationFeatures as AnnotationFeatures
    from skecg.feature_extraction._annotation import validate_records as validate_records
    from skecg.feature_extraction._beat_context import BeatContextSegmenter as BeatContextSegmenter
    from skecg.feature_extraction._delineate import delineate as delineate
    from skecg.feature_extraction._demographics import Demographics as Demographics
    from skecg.feature_extraction._intervals import IntervalFeatures as IntervalFeatures
    from skecg.feature_extraction._rr import RRFeatures as RRFeatures
    from skecg.feature_extraction._vectors import VectorFeatures as VectorFeatures
    from skecg.feature_extraction._voltages import VoltageCriterion as VoltageCriterion
    from skecg.feature_extraction._voltages import VoltageFeatures as VoltageFeatures
    from skecg.feature_extraction._voltages import voltage_criteria as voltage_criteria
    from skecg.feature_extraction._waveforms import WaveformFeatures as WaveformFeatures

_PUBLIC = {
    "AnnotationFeatures": "._annotation",
    "BeatContextSegmenter": "._beat_context",
    "Demographics": "._demographics",
    "IntervalFeatures": "._intervals",
    "RRFeatures": "._rr",
    "VectorFeatures": "._vectors",
    "VoltageCriterion": "._voltages",
    "VoltageFeatures": "._voltages",
    "WaveformFeatures": "._waveforms",
    "delineate": "._delineate",
    "validate_records": "._annotation",
    "voltage_criteria": "._voltages",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
