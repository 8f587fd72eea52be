"""Transformers on signals."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.preprocessing._beats import BeatSegmenter as BeatSegmenter
    from skecg.preprocessing._filters import BandpassFilter as BandpassFilter
    from skecg.preprocessing._filters import Resampler as Resampler
    from skecg.preprocessing._leads import LeadScaler as LeadScaler
    from skecg.preprocessing._leads import LeadSelector as LeadSelector
    from skecg.preprocessing._median_beat import MedianBeat as MedianBeat
    from skecg.preprocessing._quality import signal_quality as signal_quality
    from skecg.preprocessing._r_peaks import detect_r_peaks as detect_r_peaks
    from skecg.preprocessing._sequences import flatten_sequences as flatten_sequences
    from skecg.preprocessing._sequences import make_beat_sequences as make_beat_sequences

_PUBLIC: dict[str, str] = {
    "BandpassFilter": "._filters",
    "BeatSegmenter": "._beats",
    "LeadScaler": "._leads",
    "LeadSelector": "._leads",
    "MedianBeat": "._median_beat",
    "Resampler": "._filters",
    "detect_r_peaks": "._r_peaks",
    "flatten_sequences": "._sequences",
    "make_beat_sequences": "._sequences",
    "signal_quality": "._quality",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
