"""Age and sex as features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skecg.feature_extraction._base import RecordFeatures
from skecg.recordings import ECGRecord

_DECADES = np.arange(10, 81, 10)


class Demographics(RecordFeatures):
    """Sex and age of the person, the age one-hot by decade.

    Nine columns: 1 for male and 0 for female, then one column for each decade from 10 to 80, of
    which the last takes everyone older too.

    Parameters
    ----------
    age : {"decade", "years"}, default="decade"
        "decade" one-hot encodes the age; "years" gives it as it is, in one column.
    missing : {"error", "nan", "mean"} or float, default="error"
        What stands for a sex or an age that is not known. An age under 10 has no decade and
        counts as not known for "decade": children's electrocardiograms are another matter.

        - "error": nothing, a ValueError names the recordings;
        - "nan": NaN, for an estimator that can handle it;
        - "mean": the mean over the training recordings: the share of men, or of each decade;
        - a number: itself; with 0 no decade is set.

    Attributes
    ----------
    means_ : ndarray of shape (n_features,)
        Mean of each feature over the training recordings in which it is known.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.feature_extraction import Demographics
    >>> record = ECGRecord(np.zeros(500), 500, ["II"], age=47, sex="male")
    >>> Demographics().fit_transform([record])
    array([[1., 0., 0., 0., 1., 0., 0., 0., 0.]])
    >>> Demographics(age="years").fit_transform([record])
    array([[ 1., 47.]])
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **RecordFeatures._parameter_constraints,
        "age": [StrOptions({"decade", "years"})],
    }

    def __init__(self, *, age: str = "decade", missing: str | float = "error") -> None:
        self.age = age
        self.missing = missing

    def _feature_names(self) -> list[str]:
        if self.age == "years":
            return ["male", "age"]
        return ["male", *(f"age_{decade}" for decade in _DECADES)]

    def _table(self, records: Sequence[ECGRecord]) -> np.ndarray:
        male = np.array([{"male": 1.0, "female": 0.0}.get(str(r.sex), np.nan) for r in records])
        age = np.array([np.nan if r.age is None else r.age for r in records], dtype=float)
        if self.age == "years":
            return np.column_stack([male, age])
        decade = np.minimum(age // 10 * 10, _DECADES[-1])
        one_hot = (decade[:, np.newaxis] == _DECADES).astype(float)
        one_hot[~(age >= _DECADES[0])] = np.nan
        return np.column_stack([male, one_hot])
