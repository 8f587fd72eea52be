"""Recordings with exchanged electrodes."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from skecg._records import STANDARD_LEADS, check_records, qrs_positions, record_label
from skecg.preprocessing._beats import BeatSegmenter
from skecg.recordings import ECGRecord

CORRECT = "correct"
_ELECTRODES = ("RA", "LA", "LL", "RL", "V1", "V2", "V3", "V4", "V5", "V6")
_KINDS = ("RA-LA", "RA-LL", "LA-LL", "RA-RL", "V1-V2", "V2-V3", "V3-V4", "V4-V5", "V5-V6")
_FS = 500.0
_HALF_WINDOW_SECONDS = 0.75


def exchange_electrodes(X: ArrayLike, kind: str) -> np.ndarray:
    """Compute what twelve leads would have recorded with two electrodes exchanged.

    Every lead is a difference of electrode potentials: I = LA - RA, II = LL - RA, III = LL - LA, an
    augmented lead is one limb against the mean of the two others, and a chest lead is one
    chest electrode against the mean of RA, LA and LL. So I, II and the chest leads give all the
    potentials, up to a constant that no lead sees; two of them change places, and the leads
    follow from what results. The remaining limb leads are not looked at.

    Parameters
    ----------
    X : array-like of shape (..., 12)
        The leads I, II, III, aVR, aVL, aVF, V1 to V6.
    kind : str
        Two electrodes of RA, LA, LL, RL and V1 to V6, such as "RA-LA", or "correct" for none.

    Returns
    -------
    ndarray of shape (..., 12)
        The leads with the electrodes exchanged. Float32 stays float32.

    Raises
    ------
    ValueError
        If there are not twelve leads or no such electrodes, or a value is not finite.

    See Also
    --------
    make_lead_inversions : A data set of exchanged electrodes.

    Notes
    -----
    No lead records the right leg. Its potential is taken for the left leg's, which far from
    the heart it nearly is [1]_, so that an exchange with RL cannot be undone. All others, done
    twice, give back the leads.

    References
    ----------
    .. [1] V. N. Batchvarov, M. Malik, A. J. Camm, "Incorrect electrode cable connection during
       electrocardiographic recording", Europace 9(11), 1081-1090, 2007.

    Examples
    --------
    >>> from skecg.datasets import exchange_electrodes
    >>> leads = [0.5, 1.5, 1.0, -1.0, -0.25, 1.25, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    >>> exchange_electrodes(leads, "RA-LA")[:6]
    array([-0.5 ,  1.  ,  1.5 , -0.25, -1.  ,  1.25])
    """
    X = np.asarray(X)
    if X.dtype.kind not in "biuf" or X.ndim == 0 or X.shape[-1] != len(STANDARD_LEADS):
        raise ValueError(
            f"X must hold the twelve leads {', '.join(STANDARD_LEADS)} in its last axis, got "
            f"shape {X.shape} of {X.dtype}."
        )
    if not np.isfinite(X).all():
        raise ValueError("X must not contain NaN or infinity: every lead would.")
    exchanged = X @ _exchange_matrix(kind).T
    return exchanged.astype(X.dtype) if X.dtype.kind == "f" else exchanged


@validate_params(
    {
        "kinds": ["array-like"],
        "n_arrangements": [Interval(Integral, 1, None, closed="left")],
        "return_X_y_groups": ["boolean"],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_lead_inversions(
    records: Sequence[ECGRecord],
    kinds: Sequence[str] = _KINDS,
    *,
    n_arrangements: int = 1,
    return_X_y_groups: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> Any:
    """Make beats with correct and with exchanged electrodes from recordings of twelve leads.

    Each beat is 1.5 s around a QRS complex at 500 Hz. Whether electrodes are exchanged, and which,
    is drawn for each beat, all possibilities being equally likely.

    Parameters
    ----------
    records : list of ECGRecord
        Recordings with the twelve standard leads, and with QRS complexes in their delineation
        (of lead II, if there) or beats in their annotations.
    kinds : sequence of str
        Exchanges, each of two electrodes of RA, LA, LL, RL and V1 to V6.
    n_arrangements : int, default=1
        How many different possibilities each beat is shown in; up to one more than there are
        ``kinds``.
    return_X_y_groups : bool, default=False
        Whether to return ``(data, target, groups)`` instead of the Bunch.
    random_state : int, RandomState instance or None, default=None
        Seed of the draws.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the following attributes.

        data : ndarray of shape (n_samples, 750, 12)
            Beats in mV, as float32 where the recordings have that.
        target : ndarray of str of shape (n_samples,)
            "correct" or the exchange.
        groups : ndarray of shape (n_samples,)
            Patient ids.
        sample : ndarray of shape (n_samples,)
            Positions of the QRS complexes, in the recordings' samples.
        target_names : ndarray of str
            "correct" and the exchanges, as given.
        lead_names : tuple of str
            The twelve leads.
        fs : float
            500 Hz.

    Raises
    ------
    ValueError
        If a recording lacks a lead or has no QRS complexes, or if an exchange is unknown.

    See Also
    --------
    exchange_electrodes : The algebra.

    Notes
    -----
    The limb leads of all samples, the correct ones too, are computed from I and II. Whether III is
    exactly II - I thus tells nothing. Beats less than 0.75 s from an end are left out.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.datasets import make_lead_inversions
    >>> from skecg.recordings import Annotations
    >>> leads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
    >>> signal = np.random.default_rng(0).normal(size=(5000, 12))
    >>> beats = Annotations([500, 1000, 1500, 2000], ["N"] * 4)
    >>> record = ECGRecord(signal, 500, leads, annotations=beats, record_id="100")
    >>> bunch = make_lead_inversions([record], ["RA-LA", "V1-V2"], random_state=0)
    >>> bunch.data.shape
    (4, 750, 12)
    >>> bunch.groups
    array(['100', '100', '100', '100'], dtype='<U3')
    """
    records = check_records(records, STANDARD_LEADS)
    names = [CORRECT, *kinds]
    if len(set(names)) < len(names):
        raise ValueError(f"kinds must be exchanges that differ, got {', '.join(kinds)}.")
    if n_arrangements > len(names):
        raise ValueError(
            f"n_arrangements must be at most {len(names)}, 'correct' and the kinds, got "
            f"{n_arrangements}."
        )
    matrices = np.stack([_exchange_matrix(name) for name in names])
    rng = check_random_state(random_state)
    segmenter = BeatSegmenter(
        window=(_HALF_WINDOW_SECONDS, _HALF_WINDOW_SECONDS),
        target_fs=_FS,
        scaling=None,
        leads=STANDARD_LEADS,
    )
    data, target, groups, sample = [], [], [], []
    for i, record in enumerate(records):
        peaks = qrs_positions(record)
        if not len(peaks):
            raise ValueError(
                f"{record_label(record, i)} has no QRS complexes in its delineation or "
                "annotations: skecg.feature_extraction.delineate finds them."
            )
        beats = segmenter.segment(record, peaks)
        # The first columns of random permutations: kinds that differ, for each beat.
        drawn = rng.uniform(size=(len(beats.data), len(names))).argsort(axis=1)
        drawn = drawn[:, :n_arrangements]
        shown = np.repeat(beats.data, n_arrangements, axis=0)
        exchanged = shown @ matrices[drawn.ravel()].transpose(0, 2, 1).astype(shown.dtype)
        data.append(exchanged)
        target.append(drawn.ravel())
        sample.append(np.repeat(beats.sample, n_arrangements))
        patient = i if record.patient_id is None else record.patient_id
        groups += [patient] * len(exchanged)
    bunch = Bunch(
        data=np.concatenate(data),
        target=np.array(names)[np.concatenate(target)],
        groups=np.array(groups),
        sample=np.concatenate(sample),
        target_names=np.array(names),
        lead_names=STANDARD_LEADS,
        fs=_FS,
    )
    if return_X_y_groups:
        return bunch.data, bunch.target, bunch.groups
    return bunch


def _exchange_matrix(kind: str) -> np.ndarray:
    """Return the matrix of shape (12, 12) that makes leads after the exchange from those before."""
    # Potentials against RA, from I, II and the chest leads; all against RL = LL.
    column = STANDARD_LEADS.index
    potentials = np.zeros((len(_ELECTRODES), len(STANDARD_LEADS)))
    potentials[_ELECTRODES.index("LA"), column("I")] = 1
    potentials[_ELECTRODES.index("LL"), column("II")] = 1
    potentials[_ELECTRODES.index("RL"), column("II")] = 1
    for name in _ELECTRODES[4:]:
        row = potentials[_ELECTRODES.index(name)]
        row[[column(name), column("I"), column("II")]] = 1, 1 / 3, 1 / 3

    order = list(range(len(_ELECTRODES)))
    if kind != CORRECT:
        pair = str(kind).split("-")
        if len(set(pair)) != 2 or not set(pair) <= set(_ELECTRODES):
            raise ValueError(
                f"an exchange must name two of the electrodes {', '.join(_ELECTRODES)}, such as "
                f"'RA-LA', or be 'correct'; got {kind!r}."
            )
        a, b = (_ELECTRODES.index(electrode) for electrode in pair)
        order[a], order[b] = order[b], order[a]
    ra, la, ll, _, *chests = potentials[order]
    centre = (ra + la + ll) / 3
    limbs = [la - ra, ll - ra, ll - la]
    augmented = [ra - (la + ll) / 2, la - (ra + ll) / 2, ll - (ra + la) / 2]
    return np.array([*limbs, *augmented, *(chest - centre for chest in chests)])
