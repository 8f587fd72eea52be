"""Generated electrocardiograms, for examples and tests without patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, validate_parameter_constraints

from skecg._aami import AAMI_CLASSES
from skecg._random import as_generator
from skecg._records import STANDARD_LEADS
from skecg.datasets._heart_model import (
    LEAD_VECTORS,
    N_WAVES,
    F,
    Hearts,
    N,
    Q,
    S,
    V,
    draw_beats,
    draw_hearts,
    sum_of_gaussians,
)
from skecg.recordings import Annotations, ECGRecord

_COMMON_CONSTRAINTS = {
    "fs": [Interval(Real, 0, None, closed="neither")],
    "class_weights": ["array-like", Mapping, None],
    "noise": [Interval(Real, 0, None, closed="left")],
    "random_state": ["random_state"],
}

_HEARTBEATS_DESCR = """\
Generated heartbeats
--------------------

Each beat is a sum of Gaussian waves (McSharry et al. 2003) of a model patient, seen in lead II.
It begins at the R peak (paced beats: at the spike), lasts 1.2 times the usual RR interval
and so ends shortly after the next beat, is scaled to [0, 1] and padded with zeros.

- N: conducted beats; some patients have a bundle branch block or atrial fibrillation.
- S: premature atrial and junctional beats: narrow, alone and followed by a pause, or in runs
  of which the next beat comes early and without a P wave of usual shape.
- V: premature ventricular beats: wide, T wave discordant, followed by a compensatory pause.
- F: fusion beats, between the patient's N and V.
- Q: paced beats: a spike, then a wide QRS complex with a discordant T wave.

No patient has been asked: nothing learned here says anything about real recordings.
"""


def make_heartbeats(
    n_samples: int = 1000,
    *,
    class_weights: Mapping[str, float] | Sequence[float] | None = None,
    noise: float = 0.03,
    n_patients: int = 20,
    n_timesteps: int = 187,
    fs: float = 125,
    return_X_y_groups: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> Any:
    """Generate heartbeats of the five AAMI classes.

    Every beat is a sum of Gaussian waves on the cardiac cycle [1]_ with the traits of a
    model patient: heart rate and its variability, heart axis, widths and heights of the
    waves, conduction, ectopic focus, pacing site, noise. The beats are laid out as those
    of the heartbeat data sets made from the MIT-BIH Arrhythmia Database [2]_: from the R
    peak on for 1.2 usual RR intervals, scaled to [0, 1], padded with zeros.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of beats.
    class_weights : dict of str to float or array-like of shape (5,), default=None
        Shares of the classes, by name or in the order N, S, V, F, Q; they need not sum to
        one. Classes that a dict leaves out get no beats. All equal by default.
    noise : float, default=0.03
        Standard deviation of the noise in mV for the average patient; an R wave is about
        1 mV high. The baseline wanders by up to three times as much.
    n_patients : int, default=20
        Number of model patients. Each of them has beats of all classes.
    n_timesteps : int, default=187
        Length of a beat in samples. Longer beats are cut.
    fs : float, default=125
        Sampling rate in Hz.
    return_X_y_groups : bool, default=False
        Whether to return ``(data, target, groups)`` instead of a Bunch.
    random_state : int, RandomState instance or None, default=None
        Determines the beats. Pass an int for the same ones at every call.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : ndarray of float32, shape (n_samples, n_timesteps)
            The beats, in [0, 1].
        target : ndarray of str, shape (n_samples,)
            Their classes.
        groups : ndarray of int, shape (n_samples,)
            Whose they are.
        target_names : ndarray of str, shape (5,)
            N, S, V, F, Q.
        fs : float
            Sampling rate in Hz.
        DESCR : str
            What the beats look like, and why.
    (data, target, groups) : tuple
        If ``return_X_y_groups`` is True.

    Raises
    ------
    ValueError
        If a parameter is out of range or ``class_weights`` names an unknown class.

    See Also
    --------
    make_recordings : Whole recordings, to be cut into beats.
    load_mitbih : Real beats, laid out the same way.

    Notes
    -----
    A beat laid out so shows what follows its R peak. That a beat was premature and without
    a P wave is not in it, only what comes of that: the pause after it, or the next beat of a
    run. The recordings of :func:`make_recordings` show the whole.

    References
    ----------
    .. [1] McSharry, P. E., Clifford, G. D., Tarassenko, L. and Smith, L. A. (2003). A
       dynamical model for generating synthetic electrocardiogram signals. IEEE
       Transactions on Biomedical Engineering 50(3), 289-294.
    .. [2] Kachuee, M., Fazeli, S. and Sarrafzadeh, M. (2018). ECG heartbeat
       classification: a deep transferable representation. arXiv:1805.00794.

    Examples
    --------
    >>> from skecg.datasets import make_heartbeats
    >>> X, y, groups = make_heartbeats(500, return_X_y_groups=True, random_state=0)
    >>> X.shape, X.dtype
    ((500, 187), dtype('float32'))
    >>> rare = make_heartbeats(500, class_weights={"N": 9, "V": 1}, random_state=0)
    >>> (rare.target == "V").sum()
    np.int64(50)
    """
    validate_parameter_constraints(
        {
            "n_samples": [Interval(Integral, 1, None, closed="left")],
            "n_patients": [Interval(Integral, 1, None, closed="left")],
            "n_timesteps": [Interval(Integral, 2, None, closed="left")],
            "return_X_y_groups": ["boolean"],
            **_COMMON_CONSTRAINTS,
        },
        {
            "n_samples": n_samples,
            "class_weights": class_weights,
            "noise": noise,
            "n_patients": n_patients,
            "n_timesteps": n_timesteps,
            "fs": fs,
            "return_X_y_groups": return_X_y_groups,
            "random_state": random_state,
        },
        caller_name="make_heartbeats",
    )
    shares = _class_shares(class_weights)
    rng = as_generator(random_state)
    hearts = draw_hearts(n_patients, rng)
    kind = np.repeat(np.arange(len(AAMI_CLASSES)), _apportion(n_samples, shares))
    order = rng.permutation(n_samples)
    patient = rng.integers(n_patients, size=n_samples)

    rr = hearts.rr[patient] * rng.normal(1, 0.07, n_samples)
    onsets, kinds = _draw_following(kind, rr, hearts.rr_spread[patient], rng)
    lead = np.array(LEAD_VECTORS["II"])
    shape = (n_samples, onsets.shape[1], N_WAVES)
    time, width, amplitude = np.empty(shape), np.empty(shape), np.empty(shape)
    height = (hearts.dipole @ lead)[patient]
    for k in range(onsets.shape[1]):
        time[:, k], width[:, k], gain = draw_beats(hearts, patient, kinds[:, k], rr, rng)
        time[:, k] += onsets[:, k, np.newaxis]
        amplitude[:, k] = gain * height
    t = np.arange(n_timesteps) / fs
    flat = (n_samples, -1)
    X = sum_of_gaussians(t, time.reshape(flat), width.reshape(flat), amplitude.reshape(flat))
    X += _noise(t, n_samples, rng) * np.float32(noise * hearts.noise[patient, np.newaxis])

    length = np.clip(np.round(1.2 * rr * fs), 2, n_timesteps)
    inside = np.arange(n_timesteps) < length[:, np.newaxis]
    lowest = X.min(axis=1, initial=np.inf, where=inside, keepdims=True)
    highest = X.max(axis=1, initial=-np.inf, where=inside, keepdims=True)
    X -= lowest
    X /= highest - lowest
    X *= inside

    names = np.array(AAMI_CLASSES)
    X, target, groups = X[order], names[kind[order]], patient[order]
    if return_X_y_groups:
        return X, target, groups
    return Bunch(
        data=X,
        target=target,
        groups=groups,
        target_names=names,
        fs=float(fs),
        DESCR=_HEARTBEATS_DESCR,
    )


def make_recordings(
    n_recordings: int = 10,
    *,
    duration: float = 30.0,
    fs: float = 360,
    leads: str | Sequence[str] | None = "II",
    class_weights: Mapping[str, float] | Sequence[float] | None = None,
    noise: float = 0.03,
    random_state: int | np.random.RandomState | None = None,
) -> list[ECGRecord]:
    """Generate recordings with annotated beats.

    Each recording is of another model patient, made as by :func:`make_heartbeats`: a sum of
    Gaussian waves, here of dipoles that each lead sees from its own side [1]_. Premature
    beats come early and are followed by a pause, a short one after supraventricular beats
    and a compensatory one after ventricular beats; paced beats end a pause.

    Parameters
    ----------
    n_recordings : int, default=10
        Number of recordings.
    duration : float, default=30.0
        Length of each recording in s.
    fs : float, default=360
        Sampling rate in Hz.
    leads : str, sequence of str or None, default="II"
        Names of the leads; None means the twelve standard leads.
    class_weights : dict of str to float or array-like of shape (5,), default=None
        Probabilities of a beat's class, by name or in the order N, S, V, F, Q; they need
        not sum to one. By default 85 % N, 5 % S, 6 % V, 2 % F and 2 % Q.
    noise : float, default=0.03
        Standard deviation of the noise in mV for the average patient. The baseline wanders
        by up to three times as much.
    random_state : int, RandomState instance or None, default=None
        Determines the recordings. Pass an int for the same ones at every call.

    Returns
    -------
    records : list of ECGRecord
        With float32 signals in mV and the beats as annotations: ``"N"``, ``"A"`` (atrial
        premature), ``"V"``, ``"F"`` and ``"/"`` (paced), at the R peak or largest
        deflection, paced beats at the spike.

    Raises
    ------
    ValueError
        If a parameter is out of range, or if `leads` or `class_weights` name something
        unknown.

    See Also
    --------
    make_heartbeats : Single beats, ready to be learned.

    References
    ----------
    .. [1] Dower, G. E., Machado, H. B. and Osborne, J. A. (1980). On deriving the
       electrocardiogram from vectorcardiographic leads. Clinical Cardiology 3(2), 87-95.

    Examples
    --------
    >>> from skecg.datasets import make_recordings
    >>> record = make_recordings(1, duration=10, leads=["II", "V1"], random_state=0)[0]
    >>> record
    ECGRecord('synthetic00', 10 s at 360 Hz, leads II, V1)
    >>> record.signal.shape
    (3600, 2)
    >>> len(record.annotations)
    10
    """
    validate_parameter_constraints(
        {
            "n_recordings": [Interval(Integral, 1, None, closed="left")],
            "duration": [Interval(Real, 0, None, closed="neither")],
            "leads": [str, "array-like", None],
            **_COMMON_CONSTRAINTS,
        },
        {
            "n_recordings": n_recordings,
            "duration": duration,
            "fs": fs,
            "leads": leads,
            "class_weights": class_weights,
            "noise": noise,
            "random_state": random_state,
        },
        caller_name="make_recordings",
    )
    names = STANDARD_LEADS if leads is None else [leads] if isinstance(leads, str) else leads
    unknown = [name for name in names if name not in LEAD_VECTORS]
    if unknown or len(names) == 0:
        raise ValueError(f"leads must be some of {', '.join(STANDARD_LEADS)}, got {leads!r}.")
    shares = _class_shares((85, 5, 6, 2, 2) if class_weights is None else class_weights)
    rng = as_generator(random_state)
    hearts = draw_hearts(n_recordings, rng)
    n_timesteps = max(1, round(duration * fs))
    views = np.array([LEAD_VECTORS[name] for name in names])
    records = []
    for patient in range(n_recordings):
        marks, kinds = _draw_rhythm(
            hearts.rr[patient], hearts.rr_spread[patient], duration, shares, rng
        )
        samples = np.round(marks * fs).astype(int)
        signal = _draw_signal(hearts, patient, samples, kinds, n_timesteps, fs, views, rng)
        t = np.arange(n_timesteps) / fs
        signal += _noise(t, len(names), rng).T * np.float32(noise * hearts.noise[patient])
        inside = (samples >= 0) & (samples < n_timesteps)
        records.append(
            ECGRecord(
                signal,
                fs=fs,
                lead_names=names,
                annotations=Annotations(samples[inside], np.array(list("NAVF/"))[kinds[inside]]),
                record_id=f"synthetic{patient:02d}",
            )
        )
    return records


def _class_shares(class_weights: Mapping[str, float] | Sequence[float] | None) -> np.ndarray:
    if class_weights is None:
        weights = np.ones(len(AAMI_CLASSES))
    elif isinstance(class_weights, Mapping):
        unknown = set(class_weights) - set(AAMI_CLASSES)
        if unknown:
            raise ValueError(
                f"class_weights has unknown classes {sorted(map(str, unknown))}; the classes are "
                f"{', '.join(AAMI_CLASSES)}."
            )
        weights = np.array([class_weights.get(c, 0) for c in AAMI_CLASSES], dtype=float)
    else:
        weights = np.asarray(class_weights, dtype=float)
    if (
        weights.shape != (len(AAMI_CLASSES),)
        or not np.all(np.isfinite(weights))
        or weights.min() < 0
        or weights.sum() == 0
    ):
        raise ValueError(
            "class_weights must be five non-negative finite numbers, not all zero, got "
            f"{class_weights!r}."
        )
    return weights / weights.sum()


def _apportion(n_samples: int, shares: np.ndarray) -> np.ndarray:
    """Round ``n_samples * shares`` so that the sum is kept (largest remainders)."""
    exact = n_samples * shares
    counts = np.floor(exact).astype(int)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: n_samples - counts.sum()]] += 1
    return counts


def _draw_following(
    kind: np.ndarray, rr: np.ndarray, rr_spread: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw when the next two beats come and of which class they are."""
    n = len(kind)
    chance = rng.random(n)
    regular = 1 + rr_spread * rng.standard_normal(n)
    early = rng.uniform(0.55, 0.8, n)
    in_run = (kind == S) & (chance < 0.55) | (kind == V) & (chance < 0.15)
    interrupted = (kind == N) & (chance < 0.06)
    paced_on = (kind == Q) & (chance < 0.85)
    following = np.select(
        [in_run | paced_on, interrupted & (chance < 0.03), interrupted], [kind, S, V], N
    )
    # A premature atrial beat resets the sinus node, a ventricular one mostly does not:
    # hence a short pause after the former and a compensatory one after the latter.
    interval = np.select(
        [in_run | interrupted, kind == S, kind == V, kind == F, paced_on],
        [
            early,
            rng.uniform(1.04, 1.25, n),
            rng.uniform(1.15, 1.5, n),
            rng.uniform(0.96, 1.12, n),
            rng.normal(1, 0.004, n),
        ],
        regular,
    )
    first = rr * interval
    second = first + rr * np.where(in_run, early, 1.0)
    onsets = np.stack([np.zeros(n), first, second], axis=1)
    return onsets, np.stack([kind, following, following], axis=1)


def _noise(t: np.ndarray, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """White noise of unit variance on a baseline that moves with the breath."""
    noise = rng.standard_normal((n_samples, len(t)), dtype=np.float32)
    column = (n_samples, 1)
    rate = 2 * np.pi * rng.uniform(0.15, 0.45, column).astype(np.float32)
    phase = rng.uniform(0, 2 * np.pi, column).astype(np.float32)
    depth = rng.uniform(0, 3, column).astype(np.float32)
    noise += depth * np.sin(rate * t.astype(np.float32) + phase)
    return noise


def _draw_rhythm(
    rr: float, rr_spread: float, duration: float, shares: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw when the beats of a recording come (s) and of which class they are.

    It begins before the recording and ends after it, so that waves may reach into it.
    """
    n = int(duration / (0.55 * rr)) + 8
    kind = rng.choice(len(shares), n, p=shares)
    coupling = np.select(
        [kind == S, kind == V, kind == F, kind == Q],
        [
            rng.uniform(0.6, 0.8, n),
            rng.uniform(0.55, 0.75, n),
            rng.uniform(0.92, 1.0, n),
            rng.uniform(1.15, 1.3, n),
        ],
        1 + rr_spread * rng.standard_normal(n),
    )
    pause = np.select([kind == S, kind == V], [rng.uniform(1.04, 1.2, n), 2 - coupling], 1.0)
    interval = coupling[1:] * np.where(kind[1:] == N, pause[:-1], 1.0)
    marks = rr * (np.cumsum(np.r_[0, interval]) - 1 - rng.random())
    return marks, kind


def _draw_signal(
    hearts: Hearts,
    patient: int,
    samples: np.ndarray,
    kinds: np.ndarray,
    n_timesteps: int,
    fs: float,
    views: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Lay the beats of one patient over one another where they are marked."""
    before, after = round(0.4 * fs), round(0.8 * fs)
    window = np.arange(-before, after)
    near = (samples > -after) & (samples < n_timesteps + before)
    samples, kinds = samples[near], kinds[near]
    whose = np.full(len(kinds), patient)
    time, width, gain = draw_beats(hearts, whose, kinds, hearts.rr[whose], rng)
    positions = before + after + samples[:, np.newaxis] + window
    signal = np.zeros((len(views), n_timesteps + 2 * (before + after)), np.float32)
    for lead, view in zip(signal, views, strict=True):
        amplitude = gain * (hearts.dipole[patient] @ view)
        np.add.at(lead, positions, sum_of_gaussians(window / fs, time, width, amplitude))
    return np.ascontiguousarray(signal[:, before + after :][:, :n_timesteps].T)
