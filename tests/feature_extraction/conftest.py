import numpy as np
import pytest

from skecg import ECGRecord
from skecg.recordings import Annotations

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def annotations(text, first=100, step=20):
    """Marks at equal distances: "(N)(t)" is at 100, 120, ..."""
    symbols = [symbol for symbol in text if symbol != " "]
    return Annotations(first + step * np.arange(len(symbols)), symbols)


@pytest.fixture
def make_record():
    """Make a recording whose leads are all marked alike, but for those given by name."""

    def make(text="(N)(t)(p)(N)(t)", leads=LEADS, seed=0, marks=None, **kwargs):
        signal = np.random.default_rng(seed).normal(size=(1000, len(leads)))
        delineation = {lead: annotations(text) for lead in leads} | (marks or {})
        return ECGRecord(signal, 500, leads, delineation=delineation, **kwargs)

    return make
