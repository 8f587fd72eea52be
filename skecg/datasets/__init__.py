"""Recordings and beats to learn from."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.datasets._mitbih import fetch_mitbih as fetch_mitbih
    from skecg.datasets._mitbih import load_mitbih as load_mitbih
    from skecg.datasets._synthetic import make_heartbeats as make_heartbeats
    from skecg.datasets._synthetic import make_recordings as make_recordings

_PUBLIC = {
    "fetch_mitbih": "._mitbih",
    "load_ludb": "._ludb",
    "load_mitbih": "._mitbih",
    "make_heartbeats": "._synthetic",
    "make_recordings": "._synthetic",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
