"""How the samples are shared out among the classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import column_or_1d

from skecg._groups import check_told_apart
from skecg.inspection._palette import COLOURS, class_colours, make_panels

_LEAST_SHARE_WITH_TEXT = 0.05
_LONGEST_TEXT = 6
_INCH_PER_CHARACTER = 0.085
_INCH_PER_CLASS = 0.22


class ClassSharesDisplay:
    """Class shares as a ring, or as two: before and after resampling.

    It is recommended to use :meth:`from_labels` or :meth:`from_sampler` to create a
    display. All parameters are stored as attributes.

    Parameters
    ----------
    counts : array-like of int of shape (n_rings, n_classes)
        Samples of each class, one row for each ring.
    classes : array-like of shape (n_classes,)
        The classes.
    titles : sequence of str, default=None
        One title for each ring.

    Attributes
    ----------
    wedges_ : list of dict
        For each ring, the matplotlib Wedge of each class that has samples.
    axes_ : ndarray of matplotlib Axes of shape (n_rings,)
        One axes for each ring.
    figure_ : matplotlib Figure
        Figure containing the rings.

    Examples
    --------
    >>> from skecg.inspection import ClassSharesDisplay
    >>> y = ["N"] * 90 + ["V"] * 10
    >>> y_resampled = ["N"] * 50 + ["V"] * 50
    >>> display = ClassSharesDisplay.from_labels(y, y_resampled)
    >>> display.counts
    array([[90, 10],
           [50, 50]])
    """

    def __init__(
        self, counts: ArrayLike, classes: ArrayLike, *, titles: tuple[str, ...] | None = None
    ) -> None:
        self.counts = counts
        self.classes = classes
        self.titles = titles

    def plot(self, *, ax: Any = None) -> ClassSharesDisplay:
        """Plot the rings.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of Axes, default=None
            An axes whose place the rings take, or one axes for each ring. If None, a new
            figure is made.

        Returns
        -------
        ClassSharesDisplay
            The display itself.

        Raises
        ------
        ValueError
            If ``ax`` does not fit the number of rings.
        """
        counts = np.atleast_2d(self.counts)
        longest = max(map(len, self._legend(counts.max(axis=0), 1)))
        size = (
            max(3.4, 0.7 + _INCH_PER_CHARACTER * longest),
            max(4.0, 2.9 + _INCH_PER_CLASS * counts.shape[1]),
        )
        self.axes_ = make_panels(ax, 1, len(counts), size)[0]
        self.wedges_ = [
            self._draw_ring(axes, row) for axes, row in zip(self.axes_, counts, strict=True)
        ]
        if self.titles is not None:
            for axes, title in zip(self.axes_, self.titles, strict=True):
                axes.set_title(title)
        self.figure_ = self.axes_[0].figure
        return self

    def _legend(self, counts: np.ndarray, total: int) -> list[str]:
        return [
            f"{name}: {count:,} ({_percent(count / total)})"
            for name, count in zip(np.asarray(self.classes), counts, strict=True)
        ]

    def _draw_ring(self, ax: Any, counts: np.ndarray) -> dict[Any, Any]:
        total = counts.sum()
        names = [str(label) for label in np.asarray(self.classes)]
        shares = counts / total
        # A thin wedge, or a long name, has no room beside the ring: the legend names them all.
        short = max(map(len, names)) <= _LONGEST_TEXT
        wedges, _ = ax.pie(
            counts,
            labels=[
                name if short and share >= _LEAST_SHARE_WITH_TEXT else ""
                for name, share in zip(names, shares, strict=True)
            ],
            colors=class_colours(names),
            startangle=90,
            counterclock=False,
            wedgeprops={"width": 0.4, "edgecolor": "white", "linewidth": 0.8},
        )[:2]
        for i, wedge in enumerate(wedges):
            if i >= len(COLOURS):
                wedge.set(hatch="/" * (3 * (i // len(COLOURS))), edgecolor="white")
        ax.text(0, 0, f"{total:,}\nsamples", ha="center", va="center")
        ax.legend(
            wedges,
            self._legend(counts, total),
            loc="upper center",
            bbox_to_anchor=(0.5, 0.02),
            frameon=False,
        )
        # A constrained layout does not find room for the title of a box of fixed aspect.
        ax.set_aspect("equal", adjustable="datalim")
        ax.set_xlim(-1.15, 1.15, auto=True)
        ax.set_ylim(-1.15, 1.15, auto=True)
        return dict(zip(names, wedges, strict=True))

    @classmethod
    def from_labels(
        cls,
        y: ArrayLike,
        y_resampled: ArrayLike | None = None,
        *,
        classes: ArrayLike | None = None,
        ax: Any = None,
    ) -> ClassSharesDisplay:
        """Plot the class shares of labels.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels.
        y_resampled : array-like of shape (n_resampled,), default=None
            Labels after resampling, for the second ring.
        classes : array-like of shape (n_classes,), default=None
            The classes to draw, in this order; all of them, sorted, if None.
        ax : matplotlib Axes or array-like of Axes, default=None
            An axes whose place the rings take, or one axes for each ring. If None, a new
            figure is made.

        Returns
        -------
        ClassSharesDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If there are no labels, or one that is not among ``classes``.
        """
        rings = [column_or_1d(labels) for labels in (y, y_resampled) if labels is not None]
        if any(not len(labels) for labels in rings):
            raise ValueError("y and y_resampled must not be empty.")
        for labels in rings:
            check_told_apart(labels, "y")
        present = np.unique(np.concatenate(rings))
        drawn = present if classes is None else column_or_1d(classes)
        if not np.isin(present, drawn).all():
            raise ValueError(f"classes lacks {np.setdiff1d(present, drawn).tolist()}, found in y.")
        counts = np.array([[np.sum(labels == label) for label in drawn] for labels in rings])
        titles = None if y_resampled is None else ("Before resampling", "After resampling")
        return cls(counts, drawn, titles=titles).plot(ax=ax)

    @classmethod
    def from_sampler(
        cls,
        sampler: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        ax: Any = None,
    ) -> ClassSharesDisplay:
        """Plot the class shares before and after a sampler.

        Parameters
        ----------
        sampler : sampler instance
            With an imbalanced-learn sampler's ``fit_resample``.
        X : array-like of shape (n_samples, ...)
            Samples that the sampler takes.
        y : array-like of shape (n_samples,)
            Their labels.
        classes : array-like of shape (n_classes,), default=None
            The classes to draw, in this order; all of them, sorted, if None.
        ax : matplotlib Axes or array-like of Axes, default=None
            An axes whose place the rings take, or one axes for each ring. If None, a new
            figure is made.

        Returns
        -------
        ClassSharesDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If there are no labels, or one that is not among ``classes``.
        """
        if not hasattr(sampler, "fit_resample"):
            raise ValueError(f"sampler must have the method fit_resample, got {sampler!r}.")
        resampled = sampler.fit_resample(X, y)
        return cls.from_labels(y, resampled[1], classes=classes, ax=ax)


def _percent(share: float) -> str:
    return "below 0.1%" if 0 < share < 0.0005 else f"{share:.1%}"
