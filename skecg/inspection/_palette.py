"""Colours and panels that the pictures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skecg._aami import AAMI_CLASSES

# Okabe and Ito's palette, distinct with any of the usual colour vision deficiencies;
# the ones that are legible as thin lines on white come first.
COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
    "#F0E442",
)
ERROR = COLOURS[1]


def class_colours(names: Sequence[str]) -> list[str]:
    """Give each class its colour: an AAMI class has its own in every picture.

    Parameters
    ----------
    names : sequence of str
        The classes; others than AAMI's have the colours of their places.

    Returns
    -------
    list of str
        Colours, again from the first where there are more classes than colours.
    """
    known = AAMI_CLASSES if set(names) <= set(AAMI_CLASSES) else names
    return [COLOURS[list(known).index(name) % len(COLOURS)] for name in names]


def make_panels(ax: Any, n_rows: int, n_columns: int, size: tuple[float, float]) -> Any:
    """Make a grid of axes in a new figure or in the place of one axes.

    Parameters
    ----------
    ax : matplotlib Axes, array-like of Axes or None
        An axes whose place is taken, or one axes for each panel; a new figure if None.
    n_rows, n_columns : int
        The grid.
    size : tuple of float
        Width and height of one panel of a new figure, in inches.

    Returns
    -------
    ndarray of matplotlib Axes, shape (n_rows, n_columns)
        The panels.

    Raises
    ------
    ValueError
        If there is not one axes for each panel.
    """
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    if ax is None:
        figsize = (size[0] * n_columns, size[1] * n_rows)
        figure = plt.figure(figsize=figsize, layout="constrained")
        return figure.subplots(n_rows, n_columns, squeeze=False)
    if isinstance(ax, Axes):
        ax.set_axis_off()
        spec = ax.get_subplotspec()
        if spec is None:
            raise ValueError("ax must be part of a grid of subplots, or an array of axes.")
        grid = spec.subgridspec(n_rows, n_columns)
        return grid.subplots(squeeze=False)
    panels = np.asarray(ax, dtype=object).ravel()
    if len(panels) != n_rows * n_columns:
        raise ValueError(f"ax must be {n_rows * n_columns} axes, got {len(panels)}.")
    return panels.reshape(n_rows, n_columns)
