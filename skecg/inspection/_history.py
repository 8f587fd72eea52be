"""Loss and metrics by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skecg.inspection._palette import COLOURS, make_panels

_VALIDATION = "val_"


class TrainingHistoryDisplay:
    """Loss and metrics by epoch, on training and on validation samples.

    All parameters are stored as attributes.

    Parameters
    ----------
    history : dict of str to list of float, or sequence of such dicts
        Loss and metrics by epoch, such as a network's ``history_``; validation values
        under the same names with ``"val_"`` before them. Several histories, such as those
        of a fold ensemble, are drawn over each other.

    Attributes
    ----------
    lines_ : dict of str to list of matplotlib Line2D
        The curves by the names in the history, one for each history that has it.
    axes_ : ndarray of matplotlib Axes of shape (n_metrics,)
        One axes for each metric.
    figure_ : matplotlib Figure
        Figure containing the axes.

    Examples
    --------
    >>> from skecg.inspection import TrainingHistoryDisplay
    >>> history = {"loss": [0.9, 0.5, 0.3], "val_loss": [0.8, 0.6, 0.7]}
    >>> display = TrainingHistoryDisplay(history).plot()
    >>> sorted(display.lines_)
    ['loss', 'val_loss']
    """

    def __init__(
        self, history: Mapping[str, Sequence[float]] | Sequence[Mapping[str, Sequence[float]]]
    ) -> None:
        self.history = history

    def plot(self, *, metrics: Sequence[str] | None = None, ax: Any = None) -> Any:
        """Plot the history.

        Parameters
        ----------
        metrics : sequence of str, default=None
            What to draw, a panel each; everything in the history, the loss first, if None.
        ax : matplotlib Axes or array-like of Axes, default=None
            An axes whose place the panels take, or one axes for each metric. If None, a new
            figure is made.

        Returns
        -------
        TrainingHistoryDisplay
            The display itself.

        Raises
        ------
        ValueError
            If there is no history, if a metric is not in it, or if ``ax`` does not fit the
            number of metrics.
        """
        from matplotlib.ticker import MaxNLocator

        histories = [self.history] if isinstance(self.history, Mapping) else list(self.history)
        known = {name.removeprefix(_VALIDATION) for history in histories for name in history}
        if not known:
            raise ValueError("history is empty: there is nothing to draw before an epoch ends.")
        if metrics is None:
            metrics = sorted(known, key=lambda name: (name != "loss", name))
        elif not known.issuperset(metrics):
            raise ValueError(
                f"metrics must be among {', '.join(sorted(known))}, got {', '.join(metrics)}."
            )
        self.axes_ = make_panels(ax, 1, len(metrics), (4.2, 3.4))[0]
        few_epochs = max(len(values) for h in histories for values in h.values()) <= 20
        self.lines_: dict[str, list[Any]] = {}
        for axes, metric in zip(self.axes_, metrics, strict=True):
            for name, label, colour, style in (
                (metric, "training", COLOURS[0], "-"),
                (_VALIDATION + metric, "validation", COLOURS[1], "--"),
            ):
                curves = [history[name] for history in histories if name in history]
                lines = [
                    axes.plot(
                        np.arange(1, len(values) + 1),
                        values,
                        style,
                        color=colour,
                        label="_" if i else label,
                        linewidth=1.5 if len(histories) == 1 else 0.9,
                        marker="." if few_epochs else None,
                    )[0]
                    for i, values in enumerate(curves)
                ]
                if lines:
                    self.lines_[name] = lines
            if len(histories) == 1 and histories[0].get("val_loss"):
                best = int(np.argmin(histories[0]["val_loss"])) + 1
                axes.axvline(
                    best, color="0.4", linewidth=0.9, linestyle=":", label="least validation loss"
                )
            axes.set(xlabel="Epoch", ylabel=metric.replace("_", " ").capitalize())
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.grid(alpha=0.3)
            axes.legend(fontsize="small")
        self.figure_ = self.axes_[0].figure
        return self

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, metrics: Sequence[str] | None = None, ax: Any = None
    ) -> TrainingHistoryDisplay:
        """Plot the training of a fitted estimator.

        Parameters
        ----------
        estimator : estimator instance
            A fitted network, a pipeline, search or early stopping around one, or an
            ensemble of them.
        metrics : sequence of str, default=None
            What to draw, a panel each; everything in the history, the loss first, if None.
        ax : matplotlib Axes or array-like of Axes, default=None
            An axes whose place the panels take, or one axes for each metric. If None, a new
            figure is made.

        Returns
        -------
        TrainingHistoryDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If the estimator has no history, if a metric is not in it, or if ``ax`` does not
            fit the number of metrics.
        """
        histories = _find_histories(estimator)
        if not histories:
            raise ValueError(
                f"estimator must be a fitted network or hold one, but this "
                f"{type(estimator).__name__} has no history_."
            )
        return cls(histories).plot(metrics=metrics, ax=ax)


def _find_histories(estimator: Any) -> list[Mapping[str, Sequence[float]]]:
    if hasattr(estimator, "history_"):
        return [estimator.history_]
    if hasattr(estimator, "steps"):
        return _find_histories(estimator.steps[-1][1])
    # An ensemble's estimator_ is the template of its estimators_.
    if hasattr(estimator, "estimators_"):
        return [history for part in estimator.estimators_ for history in _find_histories(part)]
    for name in ("best_estimator_", "estimator_"):
        if hasattr(estimator, name):
            return _find_histories(getattr(estimator, name))
    return []
