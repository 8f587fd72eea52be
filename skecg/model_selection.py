"""Splits that keep patients apart, and a warning where a split does not."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import is_classifier
from sklearn.model_selection import (
    BaseCrossValidator,
    LeaveOneGroupOut,
    StratifiedGroupKFold,
    check_cv,
    cross_validate,
)
from sklearn.utils import Bunch, _safe_indexing, check_random_state, indexable
from sklearn.utils.validation import check_consistent_length

from skecg._groups import check_groups, choose_patients, count_by_patient

__all__ = [
    "GroupOverlapWarning",
    "InterPatientSplit",
    "cross_validate_bunch",
    "leave_one_patient_out",
    "train_test_split_by_group",
    "warn_if_groups_overlap",
]

_DS1 = "101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230"
_DS2 = "100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234"
_PACED = "102 104 107 217"


class InterPatientSplit(BaseCrossValidator):
    """The division of the MIT-BIH Arrhythmia Database into DS1 and DS2.

    One split: the 22 records of DS1 to learn from, the 22 of DS2 to test on. The four
    records with paced beats (102, 104, 107, 217) are in neither.

    Parameters
    ----------
    same_patient : {"split", "train", "test"}, default="split"
        Records 201 and 202 come from one person. The published division has 201 in DS1 and
        202 in DS2, so that it does not quite keep its promise; ``"split"`` leaves it so,
        for figures that can be compared. ``"train"`` and ``"test"`` put both on one side.

    See Also
    --------
    leave_one_patient_out : As many splits as patients.
    train_test_split_by_group : A random split of any data set, patients apart.

    Notes
    -----
    DS2 is a test set. A search with ``cv=InterPatientSplit()`` picks what does best on it,
    and fits again on all data at the end, paced records and DS2 included. Search within
    DS1, with :class:`~sklearn.model_selection.StratifiedGroupKFold`, and use this split
    once, on what was found.

    References
    ----------
    .. [1] P. de Chazal, M. O'Dwyer and R. B. Reilly, "Automatic classification of
       heartbeats using ECG morphology and heartbeat interval features", IEEE Transactions
       on Biomedical Engineering 51(7), 1196-1206, 2004. :doi:`10.1109/TBME.2004.827359`
    .. [2] G. B. Moody and R. G. Mark, "The impact of the MIT-BIH Arrhythmia Database",
       IEEE Engineering in Medicine and Biology Magazine 20(3), 45-50, 2001.
       :doi:`10.1109/51.932724`

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.model_selection import InterPatientSplit
    >>> record = np.array(["100", "101", "102", "106", "201", "202"])
    >>> X = np.zeros((6, 187))
    >>> train, test = next(InterPatientSplit().split(X, groups=record))
    >>> record[train].tolist(), record[test].tolist()
    (['101', '106', '201'], ['100', '202'])
    >>> together = InterPatientSplit(same_patient="train")
    >>> train, test = next(together.split(X, groups=record))
    >>> record[train].tolist(), record[test].tolist()
    (['101', '106', '201', '202'], ['100'])
    """

    # scikit-learn's metadata routing: this splitter needs groups.
    __metadata_request__split = {"groups": True}  # noqa: RUF012

    def __init__(self, *, same_patient: Literal["split", "train", "test"] = "split") -> None:
        self.same_patient = same_patient

    def split(
        self, X: ArrayLike, y: ArrayLike | None = None, groups: ArrayLike | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Generate the indices of the training and the test set.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.
        y : array-like of shape (n_samples,), default=None
            Ignored.
        groups : array-like of shape (n_samples,)
            The record that each sample comes from: 100 to 234, as strings or integers. Of
            what :func:`~skecg.datasets.load_mitbih` returns that is `record`; in its
            `groups` record 202 goes by the name of 201.

        Yields
        ------
        train : ndarray
            Indices of the samples of DS1.
        test : ndarray
            Indices of the samples of DS2.

        Raises
        ------
        ValueError
            If `groups` is missing, names something that is no record of the database, or
            leaves a side empty.
        """
        if self.same_patient not in ("split", "train", "test"):
            raise ValueError(
                f"same_patient must be 'split', 'train' or 'test', got {self.same_patient!r}."
            )
        groups = check_groups(groups)
        check_consistent_length(X, groups)
        records, record_of_sample = np.unique(groups.astype(str), return_inverse=True)
        sides = (
            dict.fromkeys(_DS1.split(), "train")
            | dict.fromkeys(_DS2.split(), "test")
            | dict.fromkeys(_PACED.split(), "out")
        )
        if self.same_patient != "split":
            sides |= dict.fromkeys(("201", "202"), self.same_patient)
        unknown = [record for record in records.tolist() if record not in sides]
        if unknown:
            raise ValueError(
                "groups must name records of the MIT-BIH Arrhythmia Database, such as '100'; "
                f"got {', '.join(unknown[:5])}{', ...' if len(unknown) > 5 else ''}."
            )
        side = np.array([sides[record] for record in records])[record_of_sample]
        train, test = np.flatnonzero(side == "train"), np.flatnonzero(side == "test")
        if not (len(train) and len(test)):
            raise ValueError(
                "groups must name records of both DS1 and DS2; there are "
                f"{len(train)} samples of DS1 and {len(test)} of DS2."
            )
        yield train, test

    def get_n_splits(
        self,
        X: ArrayLike | None = None,
        y: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> int:
        """Return the number of splits.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...), default=None
            Ignored.
        y : array-like of shape (n_samples,), default=None
            Ignored.
        groups : array-like of shape (n_samples,), default=None
            Ignored.

        Returns
        -------
        n_splits : int
            Always 1.
        """
        return 1


def leave_one_patient_out(groups: ArrayLike) -> list[tuple[np.ndarray, np.ndarray]]:
    """Test on one patient at a time, train on all others.

    The list can be given as `cv` wherever scikit-learn takes one. Unlike a splitter object
    it cannot be used without the patients. Score the predictions of all patients together, as
    :func:`~sklearn.model_selection.cross_val_predict` gives them: in the mean over patients, one
    who has a single class makes a macro F1 of 1 or 0.

    Parameters
    ----------
    groups : array-like of shape (n_samples,)
        Patient of each sample.

    Returns
    -------
    splits : list of (train, test)
        Indices of the training and the test samples, one pair for each patient, patients
        in sorted order.

    Raises
    ------
    ValueError
        If there are fewer than two patients.

    See Also
    --------
    sklearn.model_selection.LeaveOneGroupOut : The same as a splitter object.

    Examples
    --------
    >>> from skecg.model_selection import leave_one_patient_out
    >>> for train, test in leave_one_patient_out(["anna", "anna", "bert", "cleo"]):
    ...     print(train, test)
    [2 3] [0 1]
    [0 1 3] [2]
    [0 1 2] [3]
    """
    groups = check_groups(groups)
    return list(LeaveOneGroupOut().split(groups, groups=groups))


def train_test_split_by_group(
    *arrays: Any,
    groups: ArrayLike,
    stratify: ArrayLike | None = None,
    test_size: float = 0.25,
    random_state: int | np.random.RandomState | None = None,
) -> list[Any]:
    """Split arrays at random into training and test set, every patient on one side.

    Used like :func:`sklearn.model_selection.train_test_split`. Whole patients move, so that
    the wanted share of samples, and of each class, is met as nearly as the patients allow:
    from a random division, patients change sides one at a time as long as that brings the
    shares nearer.

    Parameters
    ----------
    *arrays : sequence of array-likes, dataframes or lists of length n_samples
        What to split. Give `groups` here too where its parts are needed.
    groups : array-like of shape (n_samples,)
        Patient of each sample.
    stratify : array-like of shape (n_samples,), default=None
        Class labels; every class counts alike, whatever its size. None looks at the number
        of samples only.
    test_size : float, default=0.25
        Share of the samples that shall be in the test set, between 0 and 1.
    random_state : int, RandomState instance or None, default=None
        Controls the division to begin with. Pass an int for the same split in every call.

    Returns
    -------
    splits : list of length 2 * len(arrays)
        Training and test part of each array.

    Raises
    ------
    ValueError
        If nothing is given to split, lengths differ, `test_size` is not between 0 and 1, or
        there are fewer than two patients.

    See Also
    --------
    InterPatientSplit : The published split of the MIT-BIH Arrhythmia Database.
    sklearn.model_selection.StratifiedGroupKFold : Folds instead of one split.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.model_selection import train_test_split_by_group
    >>> patient = np.repeat(np.arange(10), 20)
    >>> X = np.zeros((200, 187))
    >>> y = np.where(np.arange(200) % 20 < patient, "V", "N")
    >>> X_train, X_test, y_train, y_test = train_test_split_by_group(
    ...     X, y, groups=patient, stratify=y, test_size=0.3, random_state=0
    ... )
    >>> X_test.shape
    (60, 187)
    >>> float(round(np.mean(y_test == "V"), 3)), float(np.mean(y == "V"))
    (0.233, 0.225)
    """
    if not arrays:
        raise ValueError("at least one array must be given to be split.")
    if not (isinstance(test_size, Real) and 0 < test_size < 1):
        raise ValueError(f"test_size must be a share between 0 and 1, got {test_size!r}.")
    groups = check_groups(groups)
    labels = np.zeros(len(groups)) if stratify is None else check_groups(stratify, "stratify")
    check_consistent_length(groups, labels, *arrays)
    patient, counts = count_by_patient(groups, labels)
    if len(counts) < 2:
        raise ValueError(f"groups must name at least two patients, got {len(counts)}.")
    in_test = choose_patients(counts, test_size, check_random_state(random_state))[patient]
    train, test = np.flatnonzero(~in_test), np.flatnonzero(in_test)
    return [_safe_indexing(array, rows) for array in indexable(*arrays) for rows in (train, test)]


class GroupOverlapWarning(UserWarning):
    """Warns that a split has samples of one patient in training and test set.

    It is given once in a process, and can be silenced as any warning.

    Examples
    --------
    >>> import warnings
    >>> from skecg.model_selection import GroupOverlapWarning, warn_if_groups_overlap
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", GroupOverlapWarning)
    ...     warn_if_groups_overlap([([0], [1])], groups=["anna", "anna"])
    True
    """


_overlap_is_told = False


def warn_if_groups_overlap(
    splits: Iterable[tuple[ArrayLike, ArrayLike]], groups: ArrayLike
) -> bool:
    """Warn, once in a process, if a patient is on both sides of a split.

    It looks at the splits themselves, and so holds for any kind of splitter.

    Parameters
    ----------
    splits : iterable of (train, test)
        Indices of training and test samples, as a splitter's `split` gives them.
    groups : array-like of shape (n_samples,)
        Patient of each sample.

    Returns
    -------
    overlap : bool
        True if there is such a patient, warned about or not.

    Warns
    -----
    GroupOverlapWarning
        The first time that there is such a patient.

    Examples
    --------
    >>> from sklearn.model_selection import GroupKFold
    >>> from skecg.model_selection import warn_if_groups_overlap
    >>> patient = ["anna", "anna", "bert", "bert", "cleo"]
    >>> splits = GroupKFold(3).split(patient, groups=patient)
    >>> warn_if_groups_overlap(splits, patient)
    False
    """
    global _overlap_is_told
    groups = check_groups(groups)
    n_patients = len(np.unique(groups))
    for train, test in splits:
        n_shared = len(np.intersect1d(_of_side(groups, train), _of_side(groups, test)))
        if n_shared:
            if not _overlap_is_told:
                _overlap_is_told = True
                warnings.warn(
                    f"{n_shared} of {n_patients} patients have samples in both the training and "
                    "the test set: scores will be better than for new patients. Use a splitter "
                    "that takes groups, such as StratifiedGroupKFold.",
                    GroupOverlapWarning,
                    stacklevel=3,
                )
            return True
    return False


def cross_validate_bunch(
    estimator: Any, bunch: Bunch, *, cv: Any = 5, **kwargs: Any
) -> dict[str, Any]:
    """Cross-validate on what a loader returned, patients apart.

    Parameters
    ----------
    estimator : estimator object
        What to fit and score, a pipeline for instance.
    bunch : Bunch
        With `data`, `target` and, where patients are known, `groups`.
    cv : int, splitter or iterable of (train, test), default=5
        An int stands for :class:`~sklearn.model_selection.StratifiedGroupKFold` where there
        are groups and the estimator is a classifier. :class:`InterPatientSplit` splits by
        the `record` of the bunch, any other splitter by its `groups`; one that lets
        patients overlap is used with a warning, once in a process.
    **kwargs : dict
        Passed on to :func:`sklearn.model_selection.cross_validate`: `scoring`, `n_jobs`,
        `return_estimator`, ...

    Returns
    -------
    scores : dict of str to ndarray of shape (n_splits,)
        As from :func:`sklearn.model_selection.cross_validate`.

    Raises
    ------
    ValueError
        If the bunch lacks data or target.

    Warns
    -----
    GroupOverlapWarning
        If a patient is on both sides of a split.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.utils import Bunch
    >>> from skecg.model_selection import cross_validate_bunch
    >>> rng = np.random.default_rng(0)
    >>> bunch = Bunch(
    ...     data=rng.normal(size=(60, 8)),
    ...     target=np.tile(["N", "V"], 30),
    ...     groups=np.repeat(np.arange(6), 10),
    ... )
    >>> scores = cross_validate_bunch(LogisticRegression(), bunch, cv=3)
    >>> scores["test_score"].shape
    (3,)
    """
    missing = [name for name in ("data", "target") if name not in bunch]
    if missing:
        raise ValueError(f"bunch must have data and target, it lacks {' and '.join(missing)}.")
    X, y, groups = bunch.data, bunch.target, bunch.get("groups")
    if groups is not None:
        groups = check_groups(groups)
    classifier = is_classifier(estimator)
    if groups is not None and classifier and isinstance(cv, Integral):
        cv = StratifiedGroupKFold(cv)
    with warnings.catch_warnings():
        # Said below, with the number of patients that it concerns.
        warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
        by = bunch.get("record", groups) if isinstance(cv, InterPatientSplit) else groups
        splits = list(check_cv(cv, y, classifier=classifier).split(X, y, by))
    if groups is not None:
        warn_if_groups_overlap(splits, groups)
    return cross_validate(estimator, X, y, cv=splits, **kwargs)


def _of_side(groups: np.ndarray, rows: ArrayLike) -> np.ndarray:
    rows = np.asarray(rows)
    try:
        return groups[rows]
    except IndexError as error:
        raise ValueError(
            f"splits must hold indices of the {len(groups)} samples that groups tells of: {error}."
        ) from None
