"""How well a classifier does, class by class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import is_classifier
from sklearn.calibration import CalibrationDisplay, calibration_curve
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import column_or_1d

from skecg._groups import check_told_apart
from skecg.inspection._palette import COLOURS, class_colours

_MARKERS = "osD^vP*X"
# Another one for each round of the colours and markers.
_LINE_STYLES = ("-", "--", ":", "-.")
_INCH_PER_CELL = 0.55
_INCH_PER_CHARACTER = 0.085


class NormalizedConfusionMatrixDisplay(ConfusionMatrixDisplay):
    """Confusion matrix with rows that sum to one, and the counts beneath.

    With a rare class a matrix of counts shows little but the common one. Here the colours
    are each row's shares, so that the diagonal is the classes' sensitivity. It is
    recommended to use :meth:`from_estimator` or :meth:`from_predictions` to create a
    display. All parameters are stored as attributes.

    Parameters
    ----------
    counts : ndarray of shape (n_classes, n_classes)
        Confusion matrix: true classes in rows, predicted ones in columns.
    display_labels : array-like of shape (n_classes,), default=None
        The classes' names; numbers from 0 if None.

    Attributes
    ----------
    confusion_matrix : ndarray of shape (n_classes, n_classes)
        The rows' shares; zero in the row of a class that did not occur.
    im_ : matplotlib AxesImage
        The matrix.
    text_ : ndarray of matplotlib Text of shape (n_classes, n_classes)
        Share and count of each cell.
    ax_ : matplotlib Axes
        Axes with the matrix.
    figure_ : matplotlib Figure
        Figure containing the matrix.

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : The display that this one extends.

    Examples
    --------
    >>> from skecg.inspection import NormalizedConfusionMatrixDisplay
    >>> display = NormalizedConfusionMatrixDisplay.from_predictions(
    ...     ["N", "N", "N", "N", "V"], ["N", "N", "N", "V", "V"]
    ... )
    >>> display.confusion_matrix
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """

    def __init__(self, counts: np.ndarray, *, display_labels: ArrayLike | None = None) -> None:
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
        super().__init__(shares, display_labels=display_labels)
        self.counts = counts

    def plot(
        self,
        *,
        cmap: Any = "Blues",
        colorbar: bool = True,
        xticks_rotation: str | float | None = None,
        ax: Any = None,
    ) -> NormalizedConfusionMatrixDisplay:
        """Plot the matrix.

        Parameters
        ----------
        cmap : str or matplotlib Colormap, default="Blues"
            Colours, from 0 to 1.
        colorbar : bool, default=True
            Whether to draw a colour bar.
        xticks_rotation : {"vertical", "horizontal"} or float, default=None
            Rotation of the names of the columns; vertical if None and they would overlap.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        Returns
        -------
        NormalizedConfusionMatrixDisplay
            The display itself.
        """
        import matplotlib.pyplot as plt

        n_classes = len(self.counts)
        names = np.arange(n_classes) if self.display_labels is None else self.display_labels
        longest = _INCH_PER_CHARACTER * max(len(str(name)) for name in names)
        if ax is None:
            side = max(3.7, _INCH_PER_CELL * n_classes)
            long = longest if longest > side / n_classes else 0
            size = (side + 2.7 + long, side + 1.1 + long)
            ax = plt.subplots(figsize=size, layout="constrained")[1]
        if xticks_rotation is None:
            cell = ax.get_window_extent().width / ax.figure.dpi / n_classes
            xticks_rotation = "horizontal" if longest < cell else "vertical"
        super().plot(
            cmap=cmap,
            colorbar=False,
            ax=ax,
            xticks_rotation=xticks_rotation,
            im_kw={"vmin": 0, "vmax": 1},
        )
        if colorbar:
            self.figure_.colorbar(self.im_, ax=self.ax_, label="Share of the true class")
        form = ",d" if self.counts.dtype.kind in "iu" else ",.1f"
        for (row, column), text in np.ndenumerate(self.text_):
            share = self.confusion_matrix[row, column]
            known = self.counts[row].sum() > 0
            text.set_text(f"{share:.2f}\n{self.counts[row, column]:{form}}" if known else "-")
            text.set_fontsize("small")
            text.set_color("white" if share > 0.7 else "black")
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        labels: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        display_labels: ArrayLike | None = None,
        cmap: Any = "Blues",
        colorbar: bool = True,
        xticks_rotation: str | float | None = None,
        ax: Any = None,
    ) -> NormalizedConfusionMatrixDisplay:
        """Plot the confusion matrix of a fitted classifier on some data.

        Parameters
        ----------
        estimator : estimator instance
            Fitted classifier, or a pipeline that ends in one.
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Samples.
        y : array-like of shape (n_samples,)
            Their true classes.
        labels : array-like of shape (n_classes,), default=None
            The classes to draw, in this order; those in ``y`` and the predictions, sorted,
            if None.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.
        display_labels : array-like of shape (n_classes,), default=None
            The classes' names; the classes themselves if None.
        cmap : str or matplotlib Colormap, default="Blues"
            Colours, from 0 to 1.
        colorbar : bool, default=True
            Whether to draw a colour bar.
        xticks_rotation : {"vertical", "horizontal"} or float, default=None
            Rotation of the names of the columns; vertical if None and they would overlap.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        Returns
        -------
        NormalizedConfusionMatrixDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If the estimator is no classifier or the arrays do not fit each other.
        """
        if not is_classifier(estimator):
            raise ValueError(f"estimator must be a classifier, got {type(estimator).__name__}.")
        return cls.from_predictions(
            y,
            estimator.predict(X),
            labels=labels,
            sample_weight=sample_weight,
            display_labels=display_labels,
            cmap=cmap,
            colorbar=colorbar,
            xticks_rotation=xticks_rotation,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        *,
        labels: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        display_labels: ArrayLike | None = None,
        cmap: Any = "Blues",
        colorbar: bool = True,
        xticks_rotation: str | float | None = None,
        ax: Any = None,
    ) -> NormalizedConfusionMatrixDisplay:
        """Plot the confusion matrix of predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            True classes.
        y_pred : array-like of shape (n_samples,)
            Predicted classes.
        labels : array-like of shape (n_classes,), default=None
            The classes to draw, in this order; all of them, sorted, if None.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.
        display_labels : array-like of shape (n_classes,), default=None
            The classes' names; the classes themselves if None.
        cmap : str or matplotlib Colormap, default="Blues"
            Colours, from 0 to 1.
        colorbar : bool, default=True
            Whether to draw a colour bar.
        xticks_rotation : {"vertical", "horizontal"} or float, default=None
            Rotation of the names of the columns; vertical if None and they would overlap.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        Returns
        -------
        NormalizedConfusionMatrixDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If the arrays do not fit each other.
        """
        counts = confusion_matrix(y_true, y_pred, labels=labels, sample_weight=sample_weight)
        if display_labels is None:
            display_labels = unique_labels(y_true, y_pred) if labels is None else labels
        display = cls(counts, display_labels=display_labels)
        return display.plot(cmap=cmap, colorbar=colorbar, xticks_rotation=xticks_rotation, ax=ax)


class ClassCalibrationDisplay:
    """Calibration curves, one class against the rest.

    Of the beats to which a calibrated classifier gives the class V with probability 0.8,
    80 % are V. It is recommended to use :meth:`from_estimator` or :meth:`from_predictions`
    to create a display. All parameters are stored as attributes.

    Parameters
    ----------
    displays : dict of str to sklearn.calibration.CalibrationDisplay
        The curve of each class, by its name.

    Attributes
    ----------
    lines_ : dict of str to matplotlib Line2D
        The curve of each class.
    ax_ : matplotlib Axes
        Axes with the curves.
    figure_ : matplotlib Figure
        Figure containing the curves.

    See Also
    --------
    sklearn.calibration.CalibrationDisplay : The curve of one class.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.inspection import ClassCalibrationDisplay
    >>> rng = np.random.default_rng(0)
    >>> y_proba = rng.dirichlet([1, 1, 1], size=1000)
    >>> y_true = [rng.choice(["N", "S", "V"], p=p) for p in y_proba]
    >>> display = ClassCalibrationDisplay.from_predictions(y_true, y_proba)
    >>> sorted(display.lines_)
    ['N', 'S', 'V']
    """

    def __init__(self, displays: dict[str, CalibrationDisplay]) -> None:
        self.displays = displays

    def plot(self, *, ax: Any = None) -> ClassCalibrationDisplay:
        """Plot the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        Returns
        -------
        ClassCalibrationDisplay
            The display itself.
        """
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(layout="constrained")
        self.lines_ = {}
        colours = class_colours([str(name) for name in self.displays])
        for i, (name, display) in enumerate(self.displays.items()):
            display.plot(
                ax=ax,
                name=name,
                color=colours[i],
                marker=_MARKERS[i % len(_MARKERS)],
                linestyle=_LINE_STYLES[i // len(COLOURS) % len(_LINE_STYLES)],
                markersize=5,
            )
            self.lines_[name] = display.line_
        ax.set(
            xlabel="Mean predicted probability of the class",
            ylabel="Share of the class",
            xlim=(-0.02, 1.02),
            ylim=(-0.02, 1.02),
        )
        ax.grid(alpha=0.3)
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        n_bins: int = 10,
        strategy: str = "uniform",
        ax: Any = None,
    ) -> ClassCalibrationDisplay:
        """Plot the calibration of a fitted classifier on some data.

        Parameters
        ----------
        estimator : estimator instance
            Fitted classifier with ``predict_proba``, or a pipeline that ends in one.
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Samples.
        y : array-like of shape (n_samples,)
            Their true classes.
        n_bins : int, default=10
            How many bins the probabilities are divided into; empty ones are left out.
        strategy : {"uniform", "quantile"}, default="uniform"
            Bins of one width, or with as many samples each, which suits a rare class.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        Returns
        -------
        ClassCalibrationDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If the arrays do not fit each other.
        """
        y_proba = estimator.predict_proba(X)
        return cls.from_predictions(
            y, y_proba, classes=estimator.classes_, n_bins=n_bins, strategy=strategy, ax=ax
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        n_bins: int = 10,
        strategy: str = "uniform",
        ax: Any = None,
    ) -> ClassCalibrationDisplay:
        """Plot the calibration of predicted probabilities.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            True classes.
        y_proba : array-like of shape (n_samples, n_classes)
            Predicted probabilities. With two classes, only the second one's curve is drawn,
            since the first one's is its mirror image.
        classes : array-like of shape (n_classes,), default=None
            The classes of the columns; those in ``y_true``, sorted, if None.
        n_bins : int, default=10
            How many bins the probabilities are divided into; empty ones are left out.
        strategy : {"uniform", "quantile"}, default="uniform"
            Bins of one width, or with as many samples each, which suits a rare class.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.

        Returns
        -------
        ClassCalibrationDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If the arrays do not fit each other, if there is not one class for each column,
            or if a true class is not among ``classes``.
        """
        truth = column_or_1d(y_true)
        proba = check_array(y_proba, input_name="y_proba")
        check_consistent_length(truth, proba)
        check_told_apart(truth, "y_true")
        names = np.unique(truth) if classes is None else column_or_1d(classes)
        if len(names) != proba.shape[1]:
            raise ValueError(
                f"y_proba has {proba.shape[1]} columns for {len(names)} classes: "
                f"{names.tolist()}. Pass classes."
            )
        if not np.isin(truth, names).all():
            unknown = np.setdiff1d(truth, names).tolist()
            raise ValueError(f"y_true has {unknown}, not among the classes {names.tolist()}.")
        displays = {}
        for column, name in enumerate(names):
            if len(names) == 2 and column == 0:
                continue
            y_prob = proba[:, column]
            prob_true, prob_pred = calibration_curve(
                truth == name, y_prob, n_bins=n_bins, strategy=strategy
            )
            displays[str(name)] = CalibrationDisplay(prob_true, prob_pred, y_prob)
        return cls(displays).plot(ax=ax)
