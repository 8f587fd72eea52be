"""The five beat classes of ANSI/AAMI EC57 and the annotation symbols they gather."""

from typing import Final

import numpy as np

AAMI_CLASSES: Final = ("N", "S", "V", "F", "Q")

# PhysioNet symbol -> class. Ventricular flutter waves ("!"), blocked atrial beats ("x")
# and unclassified beats ("?") are not in it: they are no beats of these classes.
AAMI_CLASS_OF_SYMBOL: Final = {
    symbol: aami_class
    for aami_class, symbols in {
        "N": "NLRBejn",
        "S": "AaJS",
        "V": "VrE",
        "F": "F",
        "Q": "/fQ",
    }.items()
    for symbol in symbols
}

# PhysioNet's marks of rhythm, waves, noise and the like.
_NO_BEATS: Final = tuple("[!]x()ptu`'^|~+sT*D=\"@")


def known_classes(symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell which symbols have a class, and the classes of these."""
    known = np.isin(symbols, list(AAMI_CLASS_OF_SYMBOL))
    classes = [AAMI_CLASS_OF_SYMBOL[symbol] for symbol in symbols[known].tolist()]
    return known, np.array(classes, dtype="U1")


def left_out(symbols: np.ndarray) -> str:
    """Say how many marks may stand for beats and have no class, by symbol; empty if none."""
    names, counts = np.unique(symbols, return_counts=True)
    beats = ~np.isin(names, [*AAMI_CLASS_OF_SYMBOL, *_NO_BEATS])
    return ", ".join(f"{n} {name}" for name, n in zip(names[beats], counts[beats], strict=True))
