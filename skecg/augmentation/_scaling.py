"""Augmenters that multiply the signal."""

from __future__ import annotations

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval

from skecg.augmentation._base import BaseAugmenter


class AmplitudeScale(BaseAugmenter):
    """Make signals larger or smaller.

    Each signal is multiplied by a random factor between ``1 - max_change`` and
    ``1 + max_change``: electrodes, skin and build of the chest change what reaches the
    recorder.

    Parameters
    ----------
    max_change : float, default=0.2
        Largest change, as a share of the amplitude, at least 0 and below 1.
    per_lead : bool, default=False
        Whether every lead gets a factor of its own. The derived limb leads then no longer
        fit the others.
    random_state : int, RandomState instance or None, default=None
        Determines what `fit_transform` draws. Pass an int for the same factors in every
        call.

    Attributes
    ----------
    n_features_in_ : int
        Number of time steps.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of `X`, where it has such.

    See Also
    --------
    LeadDropout : Silences leads altogether.

    Notes
    -----
    A scaler after this one undoes it.

    Examples
    --------
    >>> from skecg.augmentation import AmplitudeScale
    >>> from skecg.datasets import make_heartbeats
    >>> X = make_heartbeats(100, random_state=0).data
    >>> scaled = AmplitudeScale(max_change=0.1, random_state=0).fit_transform(X)
    >>> bool(0.9 <= scaled.max(axis=1).min() < scaled.max(axis=1).max() <= 1.1)
    True
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        **BaseAugmenter._parameter_constraints,
        "max_change": [Interval(Real, 0, 1, closed="left")],
        "per_lead": ["boolean"],
    }

    def __init__(self, max_change=0.2, *, per_lead=False, random_state=None):
        self.max_change = max_change
        self.per_lead = per_lead
        self.random_state = random_state

    def _augment(self, signals, rng):
        self._augment_into(signals, signals, rng)

    def _augment_into(self, signals, changed, rng):
        shape = (len(signals), 1, signals.shape[2] if self.per_lead else 1)
        factor = rng.random(shape, np.float32)
        factor *= 2 * self.max_change
        factor += 1 - self.max_change
        np.multiply(signals, factor, out=changed)


class LeadDropout(BaseAugmenter):
    """Silence leads, as a loose electrode does.

    Each lead of each signal is set to zero with a given probability; one at least, chosen
    at random, is kept. A network trained so depends less on any single lead.

    Parameters
    ----------
    probability : float, default=0.1
        How likely a lead is silenced.
    random_state : int, RandomState instance or None, default=None
        Determines what `fit_transform` draws. Pass an int for the same leads in every
        call.

    Attributes
    ----------
    n_features_in_ : int
        Number of time steps.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of `X`, where it has such.

    See Also
    --------
    AmplitudeScale : Changes the height of leads.

    Notes
    -----
    Signals of one lead are left alone.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.augmentation import LeadDropout
    >>> X = np.ones((1000, 187, 12), dtype=np.float32)
    >>> dropped = LeadDropout(probability=0.25, random_state=0).fit_transform(X)
    >>> round(float((dropped == 0).mean()), 2)
    0.25
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        **BaseAugmenter._parameter_constraints,
        "probability": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(self, probability=0.1, *, random_state=None):
        self.probability = probability
        self.random_state = random_state

    def _augment(self, signals, rng):
        n_samples, _, n_leads = signals.shape
        silent = rng.random((n_samples, n_leads)) < self.probability
        silent[np.arange(n_samples), rng.integers(n_leads, size=n_samples)] &= ~silent.all(axis=1)
        sample, lead = np.nonzero(silent)
        signals[sample, :, lead] = 0
