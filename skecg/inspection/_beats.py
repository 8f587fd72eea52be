"""Beats: one of each class, and where all of a class's run."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils.validation import FLOAT_DTYPES, column_or_1d

from skecg._groups import check_told_apart
from skecg._signals import check_signal_shape
from skecg.inspection._palette import COLOURS, make_panels

_MAX_COLUMNS = 5
_BLOCK = 2**22


class BeatExamplesDisplay:
    r"""One beat of each class.

    It is recommended to use :meth:`from_samples` to create a display. All parameters are
    stored as attributes.

    Parameters
    ----------
    beats : ndarray of shape (n_classes, n_timesteps) or (n_classes, n_timesteps, n_leads)
        One beat of each class.
    classes : array-like of shape (n_classes,)
        The beats' classes.
    counts : array-like of int of shape (n_classes,), default=None
        How many beats of each class there are, for the titles.
    fs : float, default=None
        Sampling rate in Hz. If None, time is in samples.
    unit : str, default=None
        Unit of the amplitude, such as ``"mV"``; none is written if None.
    lead_names : sequence of str, default=None
        One name a lead, for the legend of beats of several leads.

    Attributes
    ----------
    lines_ : list of list of matplotlib Line2D
        The traces of each class, one for each lead.
    axes_ : ndarray of matplotlib Axes of shape (n_classes,)
        One axes for each class.
    figure_ : matplotlib Figure
        Figure containing the axes.

    See Also
    --------
    BeatDensityDisplay : All beats of a class in one picture.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.inspection import BeatExamplesDisplay
    >>> X = np.random.default_rng(0).normal(size=(20, 187))
    >>> y = np.repeat(["N", "V"], 10)
    >>> display = BeatExamplesDisplay.from_samples(X, y, fs=125)
    >>> display.axes_[1].get_title()
    'V\nn = 10'
    """

    def __init__(
        self,
        beats: np.ndarray,
        classes: ArrayLike,
        *,
        counts: ArrayLike | None = None,
        fs: float | None = None,
        unit: str | None = None,
        lead_names: Sequence[str] | None = None,
    ) -> None:
        self.beats = beats
        self.classes = classes
        self.counts = counts
        self.fs = fs
        self.unit = unit
        self.lead_names = lead_names

    def plot(self, *, ax: Any = None) -> BeatExamplesDisplay:
        """Plot the beats.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of Axes, default=None
            An axes whose place the panels take, or one axes for each class. If None, a new
            figure is made.

        Returns
        -------
        BeatExamplesDisplay
            The display itself.

        Raises
        ------
        ValueError
            If ``ax`` does not fit the number of classes.
        """
        n_classes, n_timesteps = self.beats.shape[:2]
        beats = self.beats.reshape(n_classes, n_timesteps, -1)
        n_leads = beats.shape[2]
        given = ax is not None and np.ndim(ax) > 0
        n_columns = n_classes if given else min(n_classes, _MAX_COLUMNS)
        panels = make_panels(ax, -(-n_classes // n_columns), n_columns, (2.4, 2.4))
        for unused in panels.ravel()[n_classes:]:
            unused.remove()

        names = self.lead_names or [f"lead {lead}" for lead in range(n_leads)]
        colours = ["black"] if n_leads == 1 else [COLOURS[i % len(COLOURS)] for i in range(n_leads)]
        time = in_seconds(np.arange(n_timesteps), self.fs)
        margin = 0.05 * (np.nanmax(beats) - np.nanmin(beats) or 1.0)
        xlim = (time[0] - 0.02 * time[-1], time[-1])
        ylim = (np.nanmin(beats) - margin, np.nanmax(beats) + margin)
        self.axes_ = panels.ravel()[:n_classes]
        self.lines_ = []
        for i, (axes, beat) in enumerate(zip(self.axes_, beats, strict=True)):
            traces = zip(beat.T, names, colours, strict=True)
            self.lines_.append(
                [
                    axes.plot(time, trace, label=name, color=colour, linewidth=1.2)[0]
                    for trace, name, colour in traces
                ]
            )
            title = f"{np.asarray(self.classes)[i]}"
            if self.counts is not None:
                title += f"\nn = {np.asarray(self.counts)[i]:,}"
            axes.set_title(title, fontsize="medium")
            axes.set(xlim=xlim, ylim=ylim, xlabel=time_label(self.fs))
            if i % n_columns:
                axes.tick_params(labelleft=False)
            else:
                axes.set_ylabel(amplitude_label(self.unit))
            axes.grid(alpha=0.3)
        if n_leads > 1:
            self.axes_[-1].legend(fontsize="small", ncols=-(-n_leads // 6))
        self.figure_ = self.axes_[0].figure
        return self

    @classmethod
    def from_samples(
        cls,
        X: ArrayLike,
        y: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        select: str = "typical",
        fs: float | None = None,
        unit: str | None = None,
        lead_names: Sequence[str] | None = None,
        random_state: Any = None,
        ax: Any = None,
    ) -> BeatExamplesDisplay:
        """Plot one beat of each class of a data set.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Beats.
        y : array-like of shape (n_samples,)
            Their classes.
        classes : array-like of shape (n_classes,), default=None
            The classes to draw, in this order; all of them, sorted, if None.
        select : {"typical", "random"}, default="typical"
            Draw the beat that is nearest to the class's median beat, or any.
        fs : float, default=None
            Sampling rate in Hz. If None, time is in samples.
        unit : str, default=None
            Unit of the amplitude, such as ``"mV"``; none is written if None.
        lead_names : sequence of str, default=None
            One name a lead, for the legend of beats of several leads.
        random_state : int, RandomState instance or None, default=None
            Draws the beats for ``select="random"``.
        ax : matplotlib Axes or array-like of Axes, default=None
            An axes whose place the panels take, or one axes for each class. If None, a new
            figure is made.

        Returns
        -------
        BeatExamplesDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If the arrays do not fit each other, if there is no beat of one of the classes,
            or if ``select`` is unknown.
        """
        beats = check_array(X, dtype=FLOAT_DTYPES, allow_nd=True, input_name="X")
        check_signal_shape(beats)
        labels = column_or_1d(y)
        check_told_apart(labels, "y")
        check_consistent_length(beats, labels)
        if select not in ("typical", "random"):
            raise ValueError(f"select must be 'typical' or 'random', got {select!r}.")
        drawn = np.unique(labels) if classes is None else column_or_1d(classes)
        generator = check_random_state(random_state)
        chosen, counts = [], []
        for label in drawn:
            members = np.flatnonzero(labels == label)
            if not len(members):
                raise ValueError(f"classes has {label}, of which there is no beat in y.")
            counts.append(len(members))
            if select == "random":
                chosen.append(generator.choice(members))
                continue
            flat = beats[members].reshape(len(members), -1)
            distance = np.linalg.norm(flat - np.median(flat, axis=0), axis=1)
            chosen.append(members[np.argmin(distance)])
        display = cls(beats[chosen], drawn, counts=counts, fs=fs, unit=unit, lead_names=lead_names)
        return display.plot(ax=ax)


class BeatDensityDisplay:
    """Where beats run: how many of them pass through each amplitude at each time.

    It is recommended to use :meth:`from_samples` to create a display. All parameters are
    stored as attributes.

    Parameters
    ----------
    density : ndarray of shape (n_timesteps, n_bins)
        Share of the beats in each bin.
    amplitude_edges : ndarray of shape (n_bins + 1,)
        The bins' edges.
    name : str, default=None
        What the beats are, for the title.
    fs : float, default=None
        Sampling rate in Hz. If None, time is in samples.
    unit : str, default=None
        Unit of the amplitude, such as ``"mV"``; none is written if None.

    Attributes
    ----------
    im_ : matplotlib QuadMesh
        The density.
    ax_ : matplotlib Axes
        Axes with the density.
    figure_ : matplotlib Figure
        Figure containing the density.

    See Also
    --------
    BeatExamplesDisplay : One beat of each class.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.inspection import BeatDensityDisplay
    >>> X = np.random.default_rng(0).normal(size=(1000, 187))
    >>> display = BeatDensityDisplay.from_samples(X, fs=125, name="noise", bins=50)
    >>> display.density.shape
    (187, 50)
    """

    def __init__(
        self,
        density: np.ndarray,
        amplitude_edges: np.ndarray,
        *,
        name: str | None = None,
        fs: float | None = None,
        unit: str | None = None,
    ) -> None:
        self.density = density
        self.amplitude_edges = amplitude_edges
        self.name = name
        self.fs = fs
        self.unit = unit

    def plot(self, *, ax: Any = None, cmap: Any = "viridis") -> BeatDensityDisplay:
        """Plot the density, its colours on a logarithmic scale.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.
        cmap : str or matplotlib Colormap, default="viridis"
            Colours, from few beats to many.

        Returns
        -------
        BeatDensityDisplay
            The display itself.
        """
        import matplotlib.pyplot as plt
        from matplotlib.colors import LogNorm

        if ax is None:
            _, ax = plt.subplots(layout="constrained")
        time_edges = in_seconds(np.arange(len(self.density) + 1) - 0.5, self.fs)
        self.im_ = ax.pcolormesh(
            time_edges,
            self.amplitude_edges,
            np.ma.masked_equal(self.density.T, 0),
            norm=LogNorm(),
            cmap=cmap,
            rasterized=True,
        )
        ax.figure.colorbar(self.im_, ax=ax, label="Share of beats")
        ax.set(title=self.name, xlabel=time_label(self.fs), ylabel=amplitude_label(self.unit))
        self.ax_, self.figure_ = ax, ax.figure
        return self

    @classmethod
    def from_samples(
        cls,
        X: ArrayLike,
        *,
        bins: int = 100,
        amplitude_range: tuple[float, float] | None = None,
        ignore_padding: bool = True,
        name: str | None = None,
        fs: float | None = None,
        unit: str | None = None,
        ax: Any = None,
        cmap: Any = "viridis",
    ) -> BeatDensityDisplay:
        """Plot the density of beats, of one class for instance.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps)
            Beats of one lead.
        bins : int, default=100
            How many bins the amplitude is divided into.
        amplitude_range : tuple of float, default=None
            Least and greatest amplitude; what lies outside is left out. The range of ``X``
            if None.
        ignore_padding : bool, default=True
            Leave out the zeros at the end of each beat.
        name : str, default=None
            What the beats are, for the title.
        fs : float, default=None
            Sampling rate in Hz. If None, time is in samples.
        unit : str, default=None
            Unit of the amplitude, such as ``"mV"``; none is written if None.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is made.
        cmap : str or matplotlib Colormap, default="viridis"
            Colours, from few beats to many.

        Returns
        -------
        BeatDensityDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If ``X`` is not two-dimensional or not finite, if ``bins`` is not positive, or if
            the range is empty.
        """
        beats = check_array(X, input_name="X")
        if not isinstance(bins, Integral) or bins < 1:
            raise ValueError(f"bins must be a positive integer, got {bins!r}.")
        if amplitude_range is not None and np.shape(amplitude_range) != (2,):
            raise ValueError(f"amplitude_range must be (low, high), got {amplitude_range!r}.")
        low, high = (beats.min(), beats.max()) if amplitude_range is None else amplitude_range
        if amplitude_range is None and low == high:
            low, high = low - 0.5, high + 0.5
        if not low < high:
            raise ValueError(f"amplitude_range must ascend, got {amplitude_range!r}.")
        density = _count(beats, bins, float(low), float(high), ignore_padding) / len(beats)
        edges = np.linspace(low, high, bins + 1)
        return cls(density, edges, name=name, fs=fs, unit=unit).plot(ax=ax, cmap=cmap)


def _count(X: np.ndarray, bins: int, low: float, high: float, ignore_padding: bool) -> np.ndarray:
    """Count, for each time step, the beats in each bin; blocks bound the memory."""
    n_timesteps = X.shape[1]
    counts = np.zeros(n_timesteps * bins, dtype=np.intp)
    first_bin = bins * np.arange(n_timesteps)
    rows = max(1, _BLOCK // n_timesteps)
    for start in range(0, len(X), rows):
        block = X[start : start + rows]
        counted = (block >= low) & (block <= high)
        if ignore_padding:
            counted &= np.logical_or.accumulate(block[:, ::-1] != 0, axis=1)[:, ::-1]
        position = (block - low) * (bins / (high - low))
        # The last bin holds its upper edge, as NumPy's histograms do.
        cell = np.minimum(position, bins - 1, where=counted, out=np.zeros(block.shape))
        cell = cell.astype(np.intp) + first_bin
        counts += np.bincount(cell[counted], minlength=len(counts))
    return counts.reshape(n_timesteps, bins)


def in_seconds(steps: np.ndarray, fs: float | None) -> np.ndarray:
    """Turn time steps into seconds where the sampling rate is known."""
    if fs is None:
        return steps
    if not (isinstance(fs, Real) and 0 < fs < np.inf):
        raise ValueError(f"fs must be a positive number of Hz or None, got {fs!r}.")
    return steps / float(fs)


def time_label(fs: float | None) -> str:
    """Label of a time axis.

    Parameters
    ----------
    fs : float or None
        Sampling rate in Hz, if known.

    Returns
    -------
    str
        With the unit.
    """
    return "Time (samples)" if fs is None else "Time (s)"


def amplitude_label(unit: str | None) -> str:
    """Label of an amplitude axis.

    Parameters
    ----------
    unit : str or None
        The unit, if known.

    Returns
    -------
    str
        With the unit.
    """
    return "Amplitude" if unit is None else f"Amplitude ({unit})"
