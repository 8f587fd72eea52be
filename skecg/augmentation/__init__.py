"""More training samples from those at hand."""

from skecg._lazy import attach

_PUBLIC: dict[str, str] = {}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
