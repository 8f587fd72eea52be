"""Beats in, sequences to the network, beats out."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    _fit_context,
    clone,
    is_classifier,
)
from sklearn.metrics import accuracy_score
from sklearn.utils import check_consistent_length, get_tags
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    check_is_fitted,
    column_or_1d,
    has_fit_parameter,
    validate_data,
)

from skecg.preprocessing._sequences import find_windows, make_beat_sequences

_CONTEXT: Mapping[str, bool] = {"groups": True, "position": True}


class BeatSequenceClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Let a network on sequences classify ordinary beats.

    Takes beats, one label each, and with them the recording and the position that each comes
    from; cuts every recording into sequences of neighbours for the network; and gives one label
    a beat again. So a sequence network stands in a pipeline, a cross-validation or a search like
    any other classifier of beats.

    Parameters
    ----------
    estimator : BaseSequenceClassifier
        The network, such as `ECGCNNLSTMClassifier`. With ``n_beats=1`` any classifier of beats,
        so that both kinds compete in one search.
    n_beats : int, default=10
        Beats in a sequence. 1 tells the network nothing of the neighbours.
    max_gap : float or None, default=None
        The largest difference of ``position`` between neighbours: where it is larger, beats
        are missing, and a new sequence begins. See
        `~skecg.preprocessing.make_beat_sequences`.

    Attributes
    ----------
    estimator_ : BaseSequenceClassifier
        The fitted network.
    classes_ : ndarray of shape (n_classes,)
        Labels, in the order of the columns of `predict_proba`.
    n_features_in_ : int
        Time steps a beat.
    feature_names_in_ : ndarray of str
        Names of the columns, where the training data had them.
    leftover_ : ndarray of shape (n_leftover,)
        Rows of the training data that are in no sequence: those after a recording's last
        whole one.

    See Also
    --------
    skecg.preprocessing.make_beat_sequences : Makes the sequences.
    skecg.metrics.context_scorer : Makes scorers that know of recordings and positions.

    Notes
    -----
    **Without positions.** If `fit` gets no ``position``, nothing is known of neighbours, and
    every beat is a sequence of its own, in prediction as well. The order of the rows is
    never taken for that of time, since the beats of many a file are sorted by class. A
    classifier that has learned from sequences needs ``position`` for prediction, too, and
    refuses to go without; so scores are what recordings will give.

    **Prediction** labels all beats. Those after a recording's last whole sequence are predicted in
    one more, which overlaps with the one before, and recordings of less than ``n_beats`` beats in
    a shorter one.

    **Searches.** With ``sklearn.set_config(enable_metadata_routing=True)``, scikit-learn hands
    ``groups`` and ``position`` on to `fit` and `score`; no request needs to be set. Its scorers
    and :func:`~sklearn.model_selection.cross_val_predict` hand nothing on to `predict`; for
    scores there is `~skecg.metrics.context_scorer`.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import BeatSequenceClassifier, ECGCNNLSTMClassifier
    >>> from skecg.datasets import make_recordings
    >>> from skecg.preprocessing import BeatSegmenter
    >>> records = make_recordings(4, random_state=0)
    >>> beats = [BeatSegmenter().segment(r) for r in records]
    >>> X = np.concatenate([b.data for b in beats])
    >>> record = np.repeat(np.arange(4), [len(b.data) for b in beats])
    >>> r_peak = np.concatenate([b.sample for b in beats])
    >>> y = np.concatenate(
    ...     [r.annotations.beats().symbol[b.index] for r, b in zip(records, beats)]
    ... )
    >>> network = ECGCNNLSTMClassifier(epochs=1, early_stopping=False, random_state=0)
    >>> classifier = BeatSequenceClassifier(network, n_beats=5)
    >>> classifier = classifier.fit(X, y, groups=record, position=r_peak)
    >>> classifier.predict(X, groups=record, position=r_peak).shape == y.shape
    True
    """

    __metadata_request__fit = _CONTEXT
    __metadata_request__predict = _CONTEXT
    __metadata_request__predict_proba = _CONTEXT
    __metadata_request__score = _CONTEXT

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "n_beats": [Interval(Integral, 1, None, closed="left")],
        "max_gap": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(self, estimator: Any, n_beats: int = 10, *, max_gap: float | None = None) -> None:
        self.estimator = estimator
        self.n_beats = n_beats
        self.max_gap = max_gap

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, groups: Any = None, position: Any = None) -> Self:
        """Train the network on sequences of neighbours.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Beats, recording by recording, each in the order of time.
        y : array-like of shape (n_samples,)
            Labels.
        groups : array-like of shape (n_samples,), default=None
            The recording of each beat; by default all are of one.
        position : array-like of shape (n_samples,), default=None
            Place of each beat in its recording: the R peak in samples or seconds, or the number
            of the beat. By default every beat is a sequence of its own.

        Returns
        -------
        self
            The fitted classifier.

        Raises
        ------
        ValueError
            If beats are out of order or recordings not together, if no recording has
            ``n_beats`` beats, or if the data do not suit the network.
        """
        if not is_classifier(self.estimator):
            raise ValueError(f"estimator must be a classifier, got {self.estimator!r}.")
        self._in_sequences = self._has_context(groups, position)
        checked, y = validate_data(
            self, X, y, allow_nd=True, dtype=None, ensure_all_finite=False, multi_output=True
        )
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        fit_params = {}
        self.leftover_ = np.arange(0)
        if self._in_sequences:
            made = make_beat_sequences(
                checked, y, groups, position, self.n_beats, max_gap=self.max_gap
            )
            X, y, groups, self.leftover_ = made.data, made.target, made.groups, made.leftover
        if groups is not None and has_fit_parameter(self.estimator, "groups"):
            fit_params["groups"] = groups
        self.estimator_ = clone(self.estimator).fit(X, y, **fit_params)
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X: Any, groups: Any = None, position: Any = None) -> np.ndarray:
        """Give the most probable class of every beat.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Beats, recording by recording, each in the order of time.
        groups : array-like of shape (n_samples,), default=None
            The recording of each beat; by default all are of one.
        position : array-like of shape (n_samples,), default=None
            Place of each beat in its recording; needed if `fit` got it, and only then.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.

        Raises
        ------
        ValueError
            If ``position`` is missing, or beats are out of order.
        """
        return self._by_beat("predict", X, groups, position)

    @available_if(lambda self: hasattr(self.estimator, "predict_proba"))
    def predict_proba(self, X: Any, groups: Any = None, position: Any = None) -> np.ndarray:
        """Estimate the probability of every class for every beat.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Beats, recording by recording, each in the order of time.
        groups : array-like of shape (n_samples,), default=None
            The recording of each beat; by default all are of one.
        position : array-like of shape (n_samples,), default=None
            Place of each beat in its recording; needed if `fit` got it, and only then.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Rows sum to one; columns as in ``classes_``.

        Raises
        ------
        ValueError
            If ``position`` is missing, or beats are out of order.
        """
        return self._by_beat("predict_proba", X, groups, position)

    def score(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
        position: Any = None,
    ) -> float:
        """Give the share of beats that get their label.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Beats, recording by recording, each in the order of time.
        y : array-like of shape (n_samples,)
            Their labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the beats.
        groups : array-like of shape (n_samples,), default=None
            The recording of each beat; by default all are of one.
        position : array-like of shape (n_samples,), default=None
            Place of each beat in its recording; needed if `fit` got it, and only then.

        Returns
        -------
        float
            Accuracy.
        """
        predicted = self.predict(X, groups=groups, position=position)
        return accuracy_score(y, predicted, sample_weight=sample_weight)

    def _has_context(self, groups: Any, position: Any) -> bool:
        if position is None and groups is not None and self.n_beats > 1:
            raise ValueError(
                "groups need position to tell which beats are neighbours: pass both, or set "
                "n_beats=1."
            )
        return position is not None and self.n_beats > 1

    def _by_beat(self, method: str, X: Any, groups: Any, position: Any) -> np.ndarray:
        check_is_fitted(self)
        in_sequences = self._has_context(groups, position)
        if self._in_sequences and not in_sequences:
            raise ValueError(
                f"this {type(self).__name__} has learned from sequences: give {method} the "
                "position and groups of the beats. Scorers do with skecg.metrics.context_scorer."
            )
        if in_sequences and not self._in_sequences:
            raise ValueError(
                f"this {type(self).__name__} was fitted without position and knows single beats "
                f"only: give {method} no position."
            )
        run = getattr(self.estimator_, method)
        checked = validate_data(
            self, X, reset=False, allow_nd=True, dtype=None, ensure_all_finite=False
        )
        if not self._in_sequences:
            return run(X)
        check_consistent_length(checked, groups, position)
        windows = find_windows(
            groups, position, self.n_beats, self.max_gap, overlap=True, short=True
        ).values()
        outputs = [run(checked[index]) for index in windows]
        row = np.concatenate([index.ravel() for index in windows])
        output = np.concatenate([o.reshape(-1, *o.shape[2:]) for o in outputs])
        # Of two sequences with the same beat, the first.
        return output[np.unique(row, return_index=True)[1]]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        tags.input_tags.sparse = False
        return tags
