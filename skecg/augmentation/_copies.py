"""A sampler that multiplies samples by augmenting them."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from imblearn.base import BaseSampler
from imblearn.utils import check_target_type
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import FLOAT_DTYPES, validate_data

from skecg._random import as_generator
from skecg._signals import check_signal_shape
from skecg.augmentation._time import TimeShift
from skecg.sampling import _CarryMixin


class AugmentedCopies(_CarryMixin, BaseSampler):
    """Add changed copies of the training samples.

    A sampler of imbalanced-learn: put it into an :class:`imblearn.pipeline.Pipeline`,
    which resamples in ``fit`` and never in ``predict``.

    Parameters
    ----------
    augmenters : augmenter or list of augmenters, default=None
        What changes the copies, one after the other. Time shifts if None.
    n_copies : int, default=5
        How many copies of each sample are added, each drawn anew.
    keep_original : bool, default=True
        Whether the samples that are copied are kept beside their copies.
    classes : array-like, default=None
        Labels of the classes to copy. Samples of other classes are kept as they are. All
        classes by default.
    random_state : int, RandomState instance or None, default=None
        Determines the copies; the augmenters' own ``random_state`` is not used. Pass an
        int for the same copies in every call.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class label to number of samples after resampling.
    sample_indices_ : ndarray of shape (n_samples_new,)
        Row of the data given to `fit_resample` for each row that it returned.
    n_features_in_ : int
        Size of the second axis of `X`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of `X`, where it has such.

    See Also
    --------
    TimeShift : Shifts signals in time.
    skecg.sampling.RandomResampler : Repeats samples unchanged.

    Notes
    -----
    First come the samples that are kept, in their order, then the first copy of each
    sample that is copied, the second copies, and so on.

    A copy must not come to lie on the other side of a split than its original: add copies
    after splitting, or in a pipeline that does so.

    Examples
    --------
    >>> from skecg.augmentation import AugmentedCopies, GaussianNoise, TimeShift
    >>> from skecg.datasets import make_heartbeats
    >>> X, y, groups = make_heartbeats(
    ...     100, class_weights={"N": 9, "V": 1}, return_X_y_groups=True, random_state=0
    ... )
    >>> sampler = AugmentedCopies(
    ...     [TimeShift(max_shift=3), GaussianNoise(std=0.02)],
    ...     n_copies=8,
    ...     classes=["V"],
    ...     random_state=0,
    ... )
    >>> X_res, y_res = sampler.fit_resample(X, y)
    >>> X_res.shape
    (180, 187)
    >>> sampler.sampling_strategy_
    {'N': 90, 'V': 90}
    >>> groups_res = sampler.carry(groups)
    """

    _sampling_type = "bypass"

    _parameter_constraints: dict = {  # noqa: RUF012
        "augmenters": [HasMethods("augment"), list, tuple, None],
        "n_copies": [Interval(Integral, 1, None, closed="left")],
        "keep_original": ["boolean"],
        "classes": ["array-like", None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        augmenters=None,
        n_copies=5,
        *,
        keep_original=True,
        classes=None,
        random_state=None,
    ):
        super().__init__()
        self.augmenters = augmenters
        self.n_copies = n_copies
        self.keep_original = keep_original
        self.classes = classes
        self.random_state = random_state

    def fit(self, X, y):
        """Check the data and find the number of samples for each class.

        Use `fit_resample` to resample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals.
        y : array-like of shape (n_samples,)
            Class labels.

        Returns
        -------
        self : object
            The fitted sampler.
        """
        super().fit(X, y)
        self._plan(check_target_type(y))
        return self

    def fit_resample(self, X, y):
        """Add the copies.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals.
        y : array-like of shape (n_samples,)
            Class labels.

        Returns
        -------
        X_resampled : array-like of shape (n_samples_new, n_timesteps[, n_leads])
            Signals and their copies.
        y_resampled : array-like of shape (n_samples_new,)
            Their labels.

        Raises
        ------
        ValueError
            If there is only one class, if `classes` names one that is not there, or if
            `augmenters` holds something that cannot augment.
        """
        return super().fit_resample(X, y)

    def _check_X_y(self, X, y):
        y, binarize_y = check_target_type(y, indicate_one_vs_all=True)
        if hasattr(X, "iloc") and hasattr(X, "sparse"):  # A table of sparse columns.
            X = X.sparse.to_dense()
        X, y = validate_data(self, X, y, reset=True, dtype=FLOAT_DTYPES, allow_nd=True)
        check_signal_shape(X)
        return X, y, binarize_y

    def _plan(self, y):
        """Decide which rows are kept and which are copied; note what comes out."""
        labels, counts = np.unique(y, return_counts=True)
        copied_labels = labels if self.classes is None else np.asarray(self.classes)
        if not len(copied_labels):
            raise ValueError("classes must name at least one class.")
        unknown = ~np.isin(copied_labels, labels)
        if unknown.any():
            raise ValueError(
                f"classes names classes that are not in y: {copied_labels[unknown].tolist()}; "
                f"there are {labels.tolist()}."
            )
        copied = np.isin(y, copied_labels)
        kept = np.flatnonzero(~copied | self.keep_original)
        self.sample_indices_ = np.r_[kept, np.tile(np.flatnonzero(copied), self.n_copies)]
        factor = np.where(np.isin(labels, copied_labels), self.n_copies + self.keep_original, 1)
        self.sampling_strategy_ = dict(
            zip(labels.tolist(), (factor * counts).tolist(), strict=True)
        )
        self._n_samples_in = len(y)
        return kept, copied

    def _fit_resample(self, X, y):
        augmenters = TimeShift() if self.augmenters is None else self.augmenters
        if not isinstance(augmenters, list | tuple):
            augmenters = [augmenters]
        for augmenter in augmenters:
            if not hasattr(augmenter, "augment") or isinstance(augmenter, type):
                raise ValueError(f"augmenters must have a method augment, got {augmenter!r}.")
        kept, copied = self._plan(y)
        rng = as_generator(self.random_state)
        X_copied = X[copied]
        X_resampled = np.empty((len(self.sample_indices_), *X.shape[1:]), X.dtype)
        X_resampled[: len(kept)] = X[kept]
        for start in range(len(kept), len(X_resampled), len(X_copied)):
            copy = X_copied
            for augmenter in augmenters:
                copy = augmenter.augment(copy, rng)
            X_resampled[start : start + len(copy)] = copy
        return X_resampled, y[self.sample_indices_]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.three_d_array = True
        tags.sampler_tags.sample_indices = True
        return tags
