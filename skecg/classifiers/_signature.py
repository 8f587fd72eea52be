"""One constructor signature from those along the inheritance line."""

import inspect


def merge_signature(cls: type) -> None:
    """Show the parameters that ``__init__`` passes on beside its own.

    A subclass writes ``def __init__(self, *, own=1, **training)`` and hands
    ``training`` on; scikit-learn and ``inspect.signature`` then see one flat list.
    """
    own = inspect.signature(cls.__dict__["__init__"]).parameters
    parent = next(c for c in cls.__mro__[1:] if "__init__" in vars(c))
    inherited = inspect.signature(parent.__dict__["__init__"]).parameters
    named = {n: p for n, p in own.items() if p.kind is not p.VAR_KEYWORD}
    rest = [
        p
        for n, p in inherited.items()
        if n not in named and n != "self" and p.kind is not p.VAR_KEYWORD
    ]
    cls.__init__.__signature__ = inspect.Signature([*named.values(), *rest])  # type: ignore[misc]
