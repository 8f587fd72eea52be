"""More training samples from those at hand."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.augmentation._additive import BaselineWander as BaselineWander
    from skecg.augmentation._additive import GaussianNoise as GaussianNoise
    from skecg.augmentation._base import BaseAugmenter as BaseAugmenter
    from skecg.augmentation._copies import AugmentedCopies as AugmentedCopies
    from skecg.augmentation._scaling import AmplitudeScale as AmplitudeScale
    from skecg.augmentation._scaling import LeadDropout as LeadDropout
    from skecg.augmentation._time import TimeShift as TimeShift
    from skecg.augmentation._time import TimeWarp as TimeWarp

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
