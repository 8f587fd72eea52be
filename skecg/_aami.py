"""The five beat classes of ANSI/AAMI EC57 and the annotation symbols they gather."""

from typing import Final

AAMI_CLASSES: Final = ("N", "S", "V", "F", "Q")

# PhysioNet symbol -> class. Ventricular flutter waves ("!"), blocked atrial beats ("x")
# and unclassified beats ("?") are not in it: they are no beats of these classes.
AAMI_CLASS_OF_SYMBOL: Final = {
    symbol: aami_class
    for aami_class, symbols in {
        "N": "NLRej",
        "S": "AaJS",
        "V": "VE",
        "F": "F",
        "Q": "/fQ",
    }.items()
    for symbol in symbols
}
