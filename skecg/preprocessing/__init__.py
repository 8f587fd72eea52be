"""Transformers on signals."""

from skecg._lazy import attach

_PUBLIC: dict[str, str] = {
    "BeatSegmenter": "._beats",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
