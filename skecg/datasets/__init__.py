"""Recordings and beats to learn from."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.datasets._lead_inversion import exchange_electrodes as exchange_electrodes
    from skecg.datasets._lead_inversion import make_lead_inversions as make_lead_inversions
    from skecg.datasets._ludb import fetch_ludb as fetch_ludb
    from skecg.datasets._ludb import load_ludb as load_ludb
    from skecg.datasets._mitbih import fetch_mitbih as fetch_mitbih
    from skecg.datasets._mitbih import load_mitbih as load_mitbih
    from skecg.datasets._rows import load_heartbeat_csv as load_heartbeat_csv
    from skecg.datasets._rows import load_lead_csv as load_lead_csv
    from skecg.datasets._synthetic import make_heartbeats as make_heartbeats
    from skecg.datasets._synthetic import make_recordings as make_recordings

_PUBLIC = {
    "exchange_electrodes": "._lead_inversion",
    "fetch_ludb": "._ludb",
    "fetch_mitbih": "._mitbih",
    "load_heartbeat_csv": "._rows",
    "load_lead_csv": "._rows",
    "load_ludb": "._ludb",
    "load_mitbih": "._mitbih",
    "make_heartbeats": "._synthetic",
    "make_lead_inversions": "._lead_inversion",
    "make_recordings": "._synthetic",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
