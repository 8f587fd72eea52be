"""More training samples from those at hand."""

from skecg._lazy import attach

_PUBLIC = {
    "AmplitudeScale": "._scaling",
    "AugmentedCopies": "._copies",
    "BaseAugmenter": "._base",
    "BaselineWander": "._additive",
    "GaussianNoise": "._additive",
    "LeadDropout": "._scaling",
    "TimeShift": "._time",
    "TimeWarp": "._time",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
