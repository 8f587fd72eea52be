"""Which part of a signal a network's decision rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.validation import check_is_fitted, column_or_1d

from skecg.inspection._beats import amplitude_label, in_seconds, time_label
from skecg.inspection._gradients import gradient
from skecg.inspection._palette import make_panels

_METHODS = ("grad_cam", "gradient")
_MAX_PROBES = 64
_MAX_COLUMNS = 4


def saliency_map(
    estimator: Any,
    X: ArrayLike,
    *,
    target: Any = None,
    method: str = "grad_cam",
    layer: str | None = None,
) -> np.ndarray:
    """Tell which part of each signal a network's decision rests on.

    The decision is the network's output for one class before the softmax or sigmoid.

    Parameters
    ----------
    estimator : estimator instance
        Fitted network, or a pipeline, search or early stopping around one.
    X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
        Signals, as `predict` takes them.
    target : label or array-like of shape (n_samples,), default=None
        The class whose evidence to show, for all signals or one for each; the predicted
        ones if None.
    method : {"grad_cam", "gradient"}, default="grad_cam"
        ``"grad_cam"`` weighs the feature maps of a layer by how much the decision depends
        on each [1]_: what speaks *for* the class, as coarse as the layer's time steps.
        ``"gradient"`` is the absolute value of the decision's derivative with respect to
        every sample of the signal [2]_: fine, but noisy, and without a sign.
    layer : str, default=None
        Name of the layer of ``estimator.model_`` for ``"grad_cam"``; the last that still
        has a time axis if None.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_timesteps)
        From 0 to 1, the greatest value of each signal; all 0 if nothing speaks for the
        class. Of several leads, the greatest. A pipeline's earlier steps are applied first:
        time steps are those that the network sees.

    Raises
    ------
    ValueError
        If there is no network, if it does not give one decision for each signal, or if the
        layer or the target is unknown.

    Notes
    -----
    A map of saliency shows what moves this network, not what is wrong with the patient; a
    network that has learned the wrong thing is moved by the wrong thing.

    Convolutions without padding shift and pooling stretches the time axis of a layer, so a
    layer's time steps are laid over those of the signal by where their derivatives are
    centred. A network whose layers each see nearly all of the signal has no map that is finer.

    Works on Keras' TensorFlow, JAX and PyTorch backends.

    References
    ----------
    .. [1] R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via
       gradient-based localization", ICCV, 2017. :arxiv:`1610.02391`
    .. [2] K. Simonyan, A. Vedaldi and A. Zisserman, "Deep inside convolutional networks",
       ICLR workshop, 2014. :arxiv:`1312.6034`

    Examples
    --------
    >>> from skecg import ECGConvNetClassifier
    >>> from skecg.datasets import make_heartbeats
    >>> from skecg.inspection import saliency_map
    >>> X, y, groups = make_heartbeats(100, return_X_y_groups=True, random_state=0)
    >>> network = ECGConvNetClassifier(epochs=1, random_state=0).fit(X, y)
    >>> saliency_map(network, X[:3]).shape
    (3, 187)
    """
    if method not in _METHODS:
        raise ValueError(f"method must be one of {', '.join(_METHODS)}, got {method!r}.")
    network, signals = _unwrap(estimator, X)
    classes = _targets(network, signals, target)
    model = network.model_
    inputs = signals if len(model.input_shape) == signals.ndim else signals[..., np.newaxis]
    if method == "gradient":
        slopes = gradient(_decision(model, model.inputs[0], classes), inputs)
        saliency = np.abs(slopes).reshape(*slopes.shape[:2], -1).max(axis=2)
    else:
        saliency = _grad_cam(model, inputs, classes, layer)
    greatest = saliency.max(axis=1, keepdims=True)
    return np.divide(
        saliency, greatest, out=np.zeros(saliency.shape, np.float32), where=greatest > 0
    )


class SaliencyDisplay:
    """Signals over the saliency that a network's decision gives to their parts.

    It is recommended to use :meth:`from_estimator` to create a display. All parameters are
    stored as attributes.

    Parameters
    ----------
    signals : ndarray of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
        What the network saw.
    saliency : ndarray of shape (n_samples, n_timesteps)
        From 0 to 1, as :func:`saliency_map` gives it.
    titles : sequence of str of length n_samples
        What was decided.
    fs : float, default=None
        Sampling rate in Hz. If None, time is in samples.
    unit : str, default=None
        Unit of the amplitude, such as ``"mV"``; none is written if None.
    lead_names : sequence of str, default=None
        One name a lead; several leads are drawn one below the other.

    Attributes
    ----------
    meshes_ : list of matplotlib QuadMesh
        The saliency of each signal.
    lines_ : list of list of matplotlib Line2D
        The traces of each signal, one for each lead.
    axes_ : ndarray of matplotlib Axes of shape (n_samples,)
        One axes for each signal.
    figure_ : matplotlib Figure
        Figure containing the axes.

    See Also
    --------
    saliency_map : The numbers, and what they mean.

    Examples
    --------
    >>> from skecg import ECGConvNetClassifier
    >>> from skecg.datasets import make_heartbeats
    >>> from skecg.inspection import SaliencyDisplay
    >>> X, y, groups = make_heartbeats(100, return_X_y_groups=True, random_state=0)
    >>> network = ECGConvNetClassifier(epochs=1, random_state=0).fit(X, y)
    >>> display = SaliencyDisplay.from_estimator(network, X[:2], y[:2], fs=125)
    >>> len(display.axes_)
    2
    """

    def __init__(
        self,
        signals: np.ndarray,
        saliency: np.ndarray,
        titles: Sequence[str],
        *,
        fs: float | None = None,
        unit: str | None = None,
        lead_names: Sequence[str] | None = None,
    ) -> None:
        self.signals = signals
        self.saliency = saliency
        self.titles = titles
        self.fs = fs
        self.unit = unit
        self.lead_names = lead_names

    def plot(self, *, ax: Any = None, cmap: Any = "Oranges") -> SaliencyDisplay:
        """Plot the signals.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of Axes, default=None
            An axes whose place the panels take, or one axes for each signal. If None, a new
            figure is made.
        cmap : str or matplotlib Colormap, default="Oranges"
            Colours of the saliency, from 0 to 1; light enough for a black trace.

        Returns
        -------
        SaliencyDisplay
            The display itself.

        Raises
        ------
        ValueError
            If ``ax`` does not fit the number of signals.
        """
        n_samples, n_timesteps = self.signals.shape[:2]
        leads = self.signals.reshape(n_samples, n_timesteps, -1)
        n_leads = leads.shape[2]
        given = ax is not None and np.ndim(ax) > 0
        n_columns = n_samples if given else min(n_samples, _MAX_COLUMNS)
        height = 2.6 if n_leads == 1 else 1.4 + 0.5 * n_leads
        panels = make_panels(ax, -(-n_samples // n_columns), n_columns, (3.2, height))
        for unused in panels.ravel()[n_samples:]:
            unused.remove()

        edges = in_seconds(np.arange(n_timesteps + 1) - 0.5, self.fs)
        time = in_seconds(np.arange(n_timesteps), self.fs)
        spread = np.ptp(leads) or 1.0
        levels = -1.1 * spread * np.arange(n_leads)
        ylim = (leads.min() + levels[-1] - 0.05 * spread, leads.max() + 0.05 * spread)
        self.axes_ = panels.ravel()[:n_samples]
        self.lines_, self.meshes_ = [], []
        for i, axes in enumerate(self.axes_):
            mesh = axes.pcolormesh(
                edges, ylim, self.saliency[i : i + 1], cmap=cmap, vmin=0, vmax=1, alpha=0.7
            )
            self.meshes_.append(mesh)
            self.lines_.append(
                [
                    axes.plot(time, leads[i, :, lead] + level, color="black", linewidth=1)[0]
                    for lead, level in enumerate(levels)
                ]
            )
            axes.set_title(self.titles[i], fontsize="medium")
            axes.set(xlim=(edges[0], edges[-1]), ylim=ylim, xlabel=time_label(self.fs))
            if n_leads > 1:
                names = self.lead_names or [f"lead {lead}" for lead in range(n_leads)]
                axes.set_yticks(levels + np.median(leads, axis=(0, 1)), names)
            if i % n_columns:
                axes.tick_params(labelleft=False)
            elif n_leads == 1:
                axes.set_ylabel(amplitude_label(self.unit))
        self.figure_ = self.axes_[0].figure
        self.figure_.colorbar(self.meshes_[0], ax=list(self.axes_), label="Saliency")
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        target: Any = None,
        method: str = "grad_cam",
        layer: str | None = None,
        fs: float | None = None,
        unit: str | None = None,
        lead_names: Sequence[str] | None = None,
        ax: Any = None,
        cmap: Any = "Oranges",
    ) -> SaliencyDisplay:
        """Plot signals over what a network's decision about them rests on.

        Parameters
        ----------
        estimator : estimator instance
            Fitted network, or a pipeline, search or early stopping around one.
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            A few signals, as `predict` takes them. What is drawn is what a pipeline's
            earlier steps make of them.
        y : array-like of shape (n_samples,), default=None
            Their true classes, for the titles.
        target : label or array-like of shape (n_samples,), default=None
            The class whose evidence to show, for all signals or one for each; the predicted
            ones if None.
        method : {"grad_cam", "gradient"}, default="grad_cam"
            See :func:`saliency_map`.
        layer : str, default=None
            Name of the layer for ``"grad_cam"``; the last that still has a time axis if None.
        fs : float, default=None
            Sampling rate in Hz. If None, time is in samples.
        unit : str, default=None
            Unit of the amplitude, such as ``"mV"``; none is written if None.
        lead_names : sequence of str, default=None
            One name a lead; several leads are drawn one below the other.
        ax : matplotlib Axes or array-like of Axes, default=None
            An axes whose place the panels take, or one axes for each signal. If None, a new
            figure is made.
        cmap : str or matplotlib Colormap, default="Oranges"
            Colours of the saliency, from 0 to 1; light enough for a black trace.

        Returns
        -------
        SaliencyDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If there is no network, if it does not give one decision for each signal, if the
            layer or the target is unknown, or if ``ax`` does not fit the number of signals.
        """
        network, signals = _unwrap(estimator, X)
        saliency = saliency_map(network, signals, target=target, method=method, layer=layer)
        y_proba = network.predict_proba(signals)
        predicted = y_proba.argmax(axis=1)
        titles = [
            f"predicted {network.classes_[column]} ({row[column]:.2f})"
            for row, column in zip(y_proba, predicted, strict=True)
        ]
        if target is not None:
            shown = network.classes_[_targets(network, signals, target)]
            titles = [f"evidence for {c}\n{t}" for c, t in zip(shown, titles, strict=True)]
        if y is not None:
            labels = column_or_1d(y)
            check_consistent_length(signals, labels)
            titles = [f"{title}, true {label}" for title, label in zip(titles, labels, strict=True)]
        display = cls(signals, saliency, titles, fs=fs, unit=unit, lead_names=lead_names)
        return display.plot(ax=ax, cmap=cmap)


def _unwrap(estimator: Any, X: ArrayLike) -> tuple[Any, np.ndarray]:
    """Find the network, and its input after a pipeline's earlier steps."""
    check_is_fitted(estimator)
    for name in ("best_estimator_", "estimator_"):
        # An ensemble's estimator_ is the template of its estimators_.
        if hasattr(estimator, name) and not hasattr(estimator, "estimators_"):
            return _unwrap(getattr(estimator, name), X)
    if hasattr(estimator, "steps"):
        for _, step in estimator.steps[:-1]:
            # Samplers have no transform: they play no part in prediction.
            if hasattr(step, "transform"):
                X = step.transform(X)
        return _unwrap(estimator.steps[-1][1], X)
    if not hasattr(estimator, "model_"):
        raise ValueError(
            f"estimator must be a network or end in one, got {type(estimator).__name__}. "
            "Of an ensemble, pass one of estimators_."
        )
    model = estimator.model_
    if len(model.inputs) != 1 or len(model.output_shape) != 2:
        raise ValueError(
            f"estimator must take one array and give one decision for each signal: the inputs of "
            f"{type(estimator).__name__} are {[tensor.shape for tensor in model.inputs]}, "
            f"its output is {model.output_shape}."
        )
    return estimator, check_array(X, allow_nd=True, dtype=np.float32, input_name="X")


def _targets(network: Any, signals: np.ndarray, target: Any) -> np.ndarray:
    """Give the number of the class that each signal's decision is about."""
    labels = network.predict(signals) if target is None else np.asarray(target)
    labels = np.broadcast_to(labels, len(signals)) if labels.ndim == 0 else column_or_1d(labels)
    check_consistent_length(signals, labels)
    unknown = np.setdiff1d(labels, network.classes_)
    if len(unknown):
        raise ValueError(
            f"target must be among the classes {network.classes_.tolist()}, got {unknown.tolist()}."
        )
    return np.searchsorted(network.classes_, labels)


def _decision(model: Any, start: Any, classes: np.ndarray) -> Any:
    """Make the function from the tensor at ``start`` to the sum of the decisions.

    Without the bias, which no derivative depends on.
    """
    import keras

    last = model.layers[-1]
    body = keras.Model(start, last.input)
    if model.output_shape[-1] == 1:
        signs = 2.0 * classes[:, np.newaxis] - 1
    else:
        signs = np.eye(model.output_shape[-1])[classes]
    signs = keras.ops.convert_to_tensor(signs.astype(np.float32))

    def function(x: Any) -> Any:
        logits = keras.ops.matmul(body(x, training=False), last.kernel)
        return keras.ops.sum(logits * signs)

    return function


def _grad_cam(model: Any, inputs: np.ndarray, classes: np.ndarray, name: str | None) -> np.ndarray:
    import keras

    layer = _choose_layer(model, name)
    features = keras.Model(model.inputs[0], layer.output)
    maps = keras.ops.convert_to_numpy(features(inputs, training=False))
    try:
        decision = _decision(model, layer.output, classes)
    except ValueError as error:
        raise ValueError(
            f"layer {layer.name!r} is bypassed by other paths through the network: choose one "
            "that every path passes."
        ) from error
    slopes = gradient(decision, maps)
    between = tuple(range(1, maps.ndim - 1))
    weights = slopes.mean(axis=between, keepdims=True)
    cam = np.maximum((weights * maps).sum(axis=-1), 0)
    cam = cam.reshape(*cam.shape[:2], -1).mean(axis=2)
    centres = _centres(features, inputs)
    order = np.argsort(centres, kind="stable")
    time = np.arange(inputs.shape[1])
    return np.array([np.interp(time, centres[order], row[order]) for row in cam])


def _choose_layer(model: Any, name: str | None) -> Any:
    """Take the layer of that name, or the last one that has a time axis and channels."""
    timed = [layer for layer in model.layers[1:] if _has_time(layer)]
    if name is None:
        if not timed:
            raise ValueError("grad_cam needs a layer with a time axis, which this network lacks.")
        return timed[-1]
    chosen = [layer for layer in timed if layer.name == name]
    if not chosen:
        raise ValueError(
            f"layer must be one of those with a time axis, "
            f"{', '.join(layer.name for layer in timed)}, got {name!r}."
        )
    return chosen[0]


def _has_time(layer: Any) -> bool:
    shape = tuple(getattr(layer.output, "shape", ()))
    return len(shape) >= 3 and (shape[1] or 0) > 1


def _centres(features: Any, inputs: np.ndarray) -> np.ndarray:
    """Where on the signal's time axis each time step of a layer looks.

    The derivative of a time step with respect to the signal is zero outside of what it
    sees; its centre of mass is taken on noise, where nothing is special about any place.
    """
    import keras

    n_steps = features.output_shape[1]
    probes = np.unique(np.linspace(0, n_steps - 1, _MAX_PROBES).round().astype(int))
    selected = np.zeros((len(probes), n_steps), dtype=np.float32)
    selected[np.arange(len(probes)), probes] = 1

    def probed(x: Any) -> Any:
        maps = features(x, training=False)
        flat = keras.ops.reshape(maps, (len(probes), n_steps, -1))
        return keras.ops.sum(keras.ops.mean(flat, axis=2) * keras.ops.convert_to_tensor(selected))

    noise = np.random.default_rng(0).normal(size=(len(probes), *inputs.shape[1:]))
    slopes = np.abs(gradient(probed, noise.astype(np.float32)))
    mass = slopes.reshape(len(probes), inputs.shape[1], -1).sum(axis=2)
    seen = mass.sum(axis=1) > 0
    centre = mass[seen] @ np.arange(inputs.shape[1]) / mass[seen].sum(axis=1)
    return np.interp(np.arange(n_steps), probes[seen], centre)
