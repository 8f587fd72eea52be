"""Resampling of training data of any rank, and the class sizes to aim at.

What is here changes training data only: put it into an
:class:`imblearn.pipeline.Pipeline`, which resamples in ``fit`` and never in ``predict``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal, Self

import numpy as np
from imblearn.base import BaseSampler, SamplerMixin
from imblearn.over_sampling import RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from imblearn.utils import check_target_type
from scipy.sparse import issparse
from sklearn.base import (
    BaseEstimator,
    MetaEstimatorMixin,
    OneToOneFeatureMixin,
    _fit_context,
    clone,
)
from sklearn.utils import (
    _safe_indexing,
    check_array,
    check_consistent_length,
    check_random_state,
    get_tags,
)
from sklearn.utils._param_validation import HasMethods, StrOptions
from sklearn.utils.validation import _num_samples, check_is_fitted, validate_data

__all__ = ["RandomResampler", "SignalSampler", "balance_to"]


@dataclass(frozen=True)
class _BalanceTo:
    # A class and not a closure: a sampling_strategy is pickled with its pipeline.
    n_samples: int
    only: str | None = None

    def __call__(self, y: Any) -> dict[Any, int]:
        labels, counts = np.unique(np.asarray(y), return_counts=True)
        chosen = {
            None: np.full(counts.shape, True),
            "larger": counts > self.n_samples,
            "smaller": counts < self.n_samples,
        }[self.only]
        return dict.fromkeys(labels[chosen].tolist(), self.n_samples)

    def __repr__(self) -> str:
        only = "" if self.only is None else f", only={self.only!r}"
        return f"balance_to({self.n_samples}{only})"


def balance_to(n_samples: int, *, only: Literal["larger", "smaller"] | None = None) -> _BalanceTo:
    """Make a ``sampling_strategy`` that brings classes to one size.

    With :class:`RandomResampler` larger classes are cut and smaller ones raised in one
    step. The samplers of imbalanced-learn work in one direction each: give the
    under-sampler ``only="larger"`` and the over-sampler after it ``only="smaller"``.

    Parameters
    ----------
    n_samples : int
        Number of samples that a class shall have, at least 1.
    only : {"larger", "smaller"}, default=None
        Touch only the classes that have more, or fewer, samples than that.

    Returns
    -------
    sampling_strategy : callable
        Takes ``y`` and returns a dict of class label to number of samples. It can be
        pickled, compared and searched over.

    Raises
    ------
    ValueError
        If `n_samples` is not a positive integer or `only` is neither of its options.

    See Also
    --------
    RandomResampler : Cuts and raises classes at random, in one step.

    Examples
    --------
    >>> from skecg.sampling import balance_to
    >>> balance_to(3)(["N", "N", "N", "N", "V"])
    {'N': 3, 'V': 3}
    >>> balance_to(3, only="larger")(["N", "N", "N", "N", "V"])
    {'N': 3}

    SMOTE to 20,000 per class, after the larger classes have been cut to that:

    >>> from imblearn.over_sampling import SMOTE
    >>> from imblearn.pipeline import make_pipeline
    >>> from imblearn.under_sampling import RandomUnderSampler
    >>> from skecg.sampling import SignalSampler
    >>> cut = RandomUnderSampler(sampling_strategy=balance_to(20_000, only="larger"))
    >>> smote = SMOTE(sampling_strategy=balance_to(20_000, only="smaller"))
    >>> pipe = make_pipeline(SignalSampler(cut), SignalSampler(smote))
    """
    if not isinstance(n_samples, Integral) or isinstance(n_samples, bool) or n_samples < 1:
        raise ValueError(f"n_samples must be a positive integer, got {n_samples!r}.")
    if only not in (None, "larger", "smaller"):
        raise ValueError(f"only must be 'larger', 'smaller' or None, got {only!r}.")
    return _BalanceTo(int(n_samples), only)


class _CarryMixin:
    """Bring what belongs to the samples through the resampling."""

    _n_samples_in: int

    def carry(self, array: Any) -> Any:
        """Return what belongs to the samples in the order of the resampled data.

        Parameters
        ----------
        array : array-like, dataframe or list of length n_samples
            One entry for each sample that was given to `fit_resample`: patients, record
            names, positions, weights.

        Returns
        -------
        array_resampled : array-like, dataframe or list of length n_samples_new
            One entry for each sample that `fit_resample` returned.

        Raises
        ------
        ValueError
            If the length differs from that of the data, or if the sampler makes new
            samples: a mixture of two patients belongs to neither.
        """
        check_is_fitted(self)
        if not hasattr(self, "sample_indices_"):
            raise ValueError(
                f"{self!r} has selected no rows: call fit_resample first. A sampler that makes "
                "new samples has no row of the array for each."
            )
        if _num_samples(array) != self._n_samples_in:
            raise ValueError(
                f"array must have one entry for each of the {self._n_samples_in} samples that "
                f"were resampled, got {_num_samples(array)}."
            )
        return _safe_indexing(array, self.sample_indices_)


class RandomResampler(_CarryMixin, BaseSampler):
    """Draw every class at random to the number of samples it shall have.

    A class that has more samples is cut, without replacement; one that has fewer keeps all
    its samples and gets more of them, drawn with replacement. Rows are selected and never
    looked into, so that `X` may have any rank, and may hold NaN.

    Parameters
    ----------
    sampling_strategy : "auto", dict or callable, default="auto"
        Number of samples for each class after resampling.

        - ``"auto"``: all classes alike, the total as before;
        - dict: class label to number of samples; other classes are left alone;
        - callable: takes `y` and returns such a dict, as :func:`balance_to` does.

    random_state : int, RandomState instance or None, default=None
        Controls which samples are drawn. Pass an int for the same ones in every call.

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
    SignalSampler : Runs any sampler of imbalanced-learn on data of any rank.
    balance_to : One number of samples for all classes.

    Notes
    -----
    Copies of a sample must not come to lie on both sides of a split: resample after
    splitting, or in a pipeline that does so.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.sampling import RandomResampler, balance_to
    >>> X = np.zeros((100, 187, 2), dtype=np.float32)
    >>> y = np.repeat(["N", "V"], [90, 10])
    >>> patient = np.arange(100) // 5
    >>> sampler = RandomResampler(sampling_strategy=balance_to(40), random_state=0)
    >>> X_res, y_res = sampler.fit_resample(X, y)
    >>> X_res.shape
    (80, 187, 2)
    >>> sampler.sampling_strategy_
    {'N': 40, 'V': 40}
    >>> sampler.carry(patient).shape
    (80,)
    """

    _sampling_type = "bypass"

    _parameter_constraints: dict = {  # noqa: RUF012
        "sampling_strategy": [StrOptions({"auto"}), Mapping, callable],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Literal["auto"] | Mapping[Any, int] | Callable[[Any], Any] = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Check the data and find the number of samples for each class.

        Use `fit_resample` to resample.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_timesteps, ...)
            Samples, of any rank from 2 on.
        y : array-like of shape (n_samples,)
            Class labels.

        Returns
        -------
        self : object
            The fitted sampler.
        """
        super().fit(X, y)
        self.sampling_strategy_ = self._class_sizes(check_target_type(y))
        return self

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Resample the data.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_timesteps, ...)
            Samples, of any rank from 2 on.
        y : array-like of shape (n_samples,)
            Class labels.

        Returns
        -------
        X_resampled : {array-like, sparse matrix, dataframe} of shape \
                (n_samples_new, n_timesteps, ...)
            Selected samples, class by class.
        y_resampled : array-like of shape (n_samples_new,)
            Their labels.

        Raises
        ------
        ValueError
            If there is only one class, or if the wanted sizes name a class that is not
            there or are no non-negative integers.
        """
        return super().fit_resample(X, y)

    def _check_X_y(self, X, y):
        y, binarize_y = check_target_type(y, indicate_one_vs_all=True)
        if not hasattr(X, "iloc"):
            X = check_array(
                X,
                dtype=None,
                accept_sparse=["csr", "csc"],
                allow_nd=True,
                ensure_all_finite=False,
                input_name="X",
            )
        X, y = validate_data(self, X=X, y=y, reset=True, skip_check_array=True)
        if _num_samples(X) != _num_samples(y):
            raise ValueError(
                f"X and y must be of one length, got {_num_samples(X)} and {_num_samples(y)}."
            )
        return X, y, binarize_y

    def _class_sizes(self, y):
        labels, counts = np.unique(y, return_counts=True)
        if self.sampling_strategy == "auto":
            wanted = dict.fromkeys(labels.tolist(), round(counts.sum() / len(labels)))
        elif callable(self.sampling_strategy):
            wanted = self.sampling_strategy(y)
        else:
            wanted = self.sampling_strategy
        if not isinstance(wanted, Mapping):
            raise ValueError(
                f"sampling_strategy must return a dict of class label to number, got {wanted!r}."
            )
        sizes = dict(zip(labels.tolist(), counts.tolist(), strict=True))
        unknown = [label for label in wanted if label not in sizes]
        if unknown:
            raise ValueError(
                f"sampling_strategy names classes that are not in y: {unknown}; "
                f"there are {list(sizes)}."
            )
        if not all(isinstance(n, int | np.integer) and n >= 0 for n in wanted.values()):
            raise ValueError(
                f"sampling_strategy must give non-negative integers, got {dict(wanted)}."
            )
        return sizes | {label: int(wanted[label]) for label in sizes if label in wanted}

    def _fit_resample(self, X, y):
        self.sampling_strategy_ = self._class_sizes(y)
        rng = check_random_state(self.random_state)
        selected = []
        for label, n_wanted in self.sampling_strategy_.items():
            members = np.flatnonzero(y == label)
            if n_wanted < len(members):
                selected.append(rng.choice(members, n_wanted, replace=False))
            else:
                selected += [members, rng.choice(members, n_wanted - len(members))]
        self.sample_indices_ = np.concatenate(selected)
        self._n_samples_in = len(y)
        return _safe_indexing(X, self.sample_indices_), y[self.sample_indices_]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.sampler_tags.sample_indices = True
        return tags


class SignalSampler(
    _CarryMixin, MetaEstimatorMixin, SamplerMixin, OneToOneFeatureMixin, BaseEstimator
):
    """Run a sampler of imbalanced-learn on data of any rank.

    Samples of more than one axis are laid out as rows for the sampler and brought back to
    their shape afterwards. Where the sampler draws rows at random, the data are selected
    without being laid out at all. Tables, lists and sparse matrices go to the sampler as
    they are.

    Parameters
    ----------
    sampler : object
        A sampler, that is, something with `fit_resample`. It is cloned and not changed.

    Attributes
    ----------
    sampler_ : object
        The fitted sampler.
    sampling_strategy_ : dict
        What the sampler has found out about the classes.
    sample_indices_ : ndarray of shape (n_samples_new,)
        Row of the data given to `fit_resample` for each row that it returned. Only where
        the sampler selects rows.
    n_features_in_ : int
        Size of the second axis of `X`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of `X`, where it has such.

    See Also
    --------
    RandomResampler : Cuts and raises classes at random, in one step.
    balance_to : One number of samples for all classes.

    Notes
    -----
    `carry` brings patients and other metadata into the order of the resampled data. A
    pipeline passes on `X` and `y` only: what a later step needs to know about patients,
    such as validation data for early stopping, has to be settled before the sampler.

    A sampler that makes samples out of neighbours, as SMOTE does, interpolates signals
    time step by time step. That makes sense for beats that are aligned at their R peak.

    Examples
    --------
    >>> import numpy as np
    >>> from imblearn.over_sampling import SMOTE
    >>> from skecg.sampling import SignalSampler
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 187, 2)).astype(np.float32)
    >>> y = np.repeat(["N", "V"], [90, 10])
    >>> X_res, y_res = SignalSampler(SMOTE(random_state=0)).fit_resample(X, y)
    >>> X_res.shape, X_res.dtype
    ((180, 187, 2), dtype('float32'))

    Patients go along where rows are selected:

    >>> from imblearn.under_sampling import RandomUnderSampler
    >>> patient = np.arange(100) // 5
    >>> sampler = SignalSampler(RandomUnderSampler(random_state=0))
    >>> X_res, y_res = sampler.fit_resample(X, y)
    >>> sampler.carry(patient).shape
    (20,)
    """

    _required_parameters = ("sampler",)

    _parameter_constraints: dict = {  # noqa: RUF012
        "sampler": [HasMethods(["fit_resample"])],
    }

    def __init__(self, sampler: Any) -> None:
        self.sampler = sampler

    @property
    def sampling_strategy_(self) -> Any:
        """What the sampler has found out about the classes."""
        return self.sampler_.sampling_strategy_

    @property
    def sample_indices_(self) -> np.ndarray:
        """Row of the given data for each resampled row."""
        return self.sampler_.sample_indices_

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any) -> Self:
        """Fit the sampler.

        Use `fit_resample` to resample.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_timesteps, ...)
            Samples, of any rank from 2 on.
        y : array-like of shape (n_samples,)
            Class labels.

        Returns
        -------
        self : object
            The fitted sampler.
        """
        check_consistent_length(X, y)
        X, sampler, rows = self._prepare(X)
        self.sampler_ = sampler.fit(rows, y)
        validate_data(self, X=X, skip_check_array=True)
        return self

    @_fit_context(prefer_skip_nested_validation=False)
    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Resample the data.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_timesteps, ...)
            Samples, of any rank from 2 on.
        y : array-like of shape (n_samples,)
            Class labels.

        Returns
        -------
        X_resampled : {array-like, sparse matrix, dataframe} of shape \
                (n_samples_new, n_timesteps, ...)
            Resampled data.
        y_resampled : array-like of shape (n_samples_new,)
            Their labels.
        """
        return self._fit_resample(X, y)

    def _fit_resample(self, X, y):
        check_consistent_length(X, y)
        X, sampler, rows = self._prepare(X)
        rows_res, y_res = sampler.fit_resample(rows, y)
        if rows is X:
            X_res = rows_res
        elif _draws_at_random(sampler):
            X_res = X[sampler.sample_indices_]
        else:
            X_res = rows_res.reshape(-1, *X.shape[1:])
        self.sampler_ = sampler
        self._n_samples_in = _num_samples(X)
        validate_data(self, X=X, skip_check_array=True)
        return X_res, y_res

    def _prepare(self, X):
        """Return X as an array where its rank asks for it, a new sampler, and its input."""
        sampler = clone(self.sampler)
        if hasattr(X, "iloc") or issparse(X) or np.ndim(X) <= 2:
            return X, sampler, X
        X = np.asarray(X)
        if _draws_at_random(sampler):
            return X, sampler, np.arange(len(X))[:, np.newaxis]
        return X, sampler, X.reshape(len(X), -1)

    def __sklearn_tags__(self):
        tags = get_tags(self.sampler)
        tags.input_tags.three_d_array = True
        return tags


def _draws_at_random(sampler):
    """Tell whether a sampler selects rows without looking at their values."""
    return isinstance(sampler, RandomUnderSampler | RandomResampler) or (
        isinstance(sampler, RandomOverSampler) and sampler.shrinkage is None
    )
