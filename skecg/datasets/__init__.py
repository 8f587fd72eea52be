"""Recordings and beats to learn from."""

from skecg._lazy import attach

_PUBLIC = {
    "make_heartbeats": "._synthetic",
    "load_ludb": "._ludb",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
