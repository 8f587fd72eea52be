"""Recordings and beats to learn from."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.datasets._mitbih import fetch_mitbih as fetch_mitbih
    from skecg.datasets._mitbih import load_mitbih as load_mitbih

_PUBLIC = {
    "fetch_mitbih": "._mitbih",
    "load_ludb": "._ludb",
    "load_mitbih": "._mitbih",
    "make_heartbeats": "._synthetic",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
