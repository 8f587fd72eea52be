"""Public names that are imported when first asked for."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def attach(
    package: str, public: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make ``__getattr__`` and ``__dir__`` for a package with lazy names (PEP 562).

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    public : mapping of str to str
        Public name -> the module, relative to the package, that defines it. A
        name that equals its module stands for the module itself.

    Returns
    -------
    getattr_, dir_ : callable
        To be bound to ``__getattr__`` and ``__dir__``.
    """

    def getattr_(name: str) -> Any:
        if name not in public:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(public[name], package)
        return module if public[name] == f".{name}" else getattr(module, name)

    def dir_() -> list[str]:
        return sorted(public)

    return getattr_, dir_
