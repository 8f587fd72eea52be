"""Recordings and beats to learn from."""

from skecg._lazy import attach

_PUBLIC = {
    "load_ludb": "._ludb",
    "make_heartbeats": "._synthetic",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
