"""Transformers on signals."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.preprocessing._beats import BeatSegmenter as BeatSegmenter

_PUBLIC: dict[str, str] = {
    "BeatSegmenter": "._beats",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
