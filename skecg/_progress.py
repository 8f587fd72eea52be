"""Progress on standard error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def console() -> Any:
    """Return a console on standard error."""
    from rich.console import Console

    return Console(stderr=True)


def track(items: Iterable[Any], title: str, total: int, verbose: bool) -> Iterable[Any]:
    """Show progress on standard error if wanted, and if a terminal is there."""
    if not verbose:
        return items
    from rich.progress import track as rich_track

    screen = console()
    return rich_track(
        items,
        title,
        total=total,
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )
