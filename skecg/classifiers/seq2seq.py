"""Encoder and decoder on sequences of beats."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval

from skecg.classifiers._keras import keras
from skecg.classifiers._label_decoder import LabelDecoder
from skecg.classifiers._layers import FoldBeats, UnfoldBeats, per_block
from skecg.classifiers._sequence_base import BaseSequenceClassifier


def seq2seq(
    input_shape: tuple[int, int],
    n_classes: int,
    *,
    filters: Sequence[int],
    kernel_size: int | Sequence[int],
    pool_size: int | Sequence[int],
    lstm_units: int,
    label_units: int,
    bidirectional: bool,
    attention: bool,
    l2: float,
    activation: Any,
) -> keras.Model:
    """Build the graph of prediction; see `ECGSeq2SeqClassifier` for the parameters."""
    n_blocks = len(filters)
    filters = per_block(filters, n_blocks, "filters")
    kernels = per_block(kernel_size, n_blocks, "kernel_size")
    pools = per_block(pool_size, n_blocks - 1, "pool_size")
    penalty = keras.regularizers.L2(l2)

    inputs = keras.Input((None, *input_shape))
    x = FoldBeats()(inputs)
    for n, kernel, pool in zip(filters, kernels, (*pools, 1), strict=True):
        x = keras.layers.Conv1D(
            n, kernel, padding="same", activation=activation, kernel_regularizer=penalty
        )(x)
        if pool > 1:
            x = keras.layers.MaxPooling1D(pool, padding="same")(x)
    x = UnfoldBeats()([keras.layers.Flatten()(x), inputs])
    lstm = keras.layers.LSTM(
        lstm_units,
        return_sequences=True,
        return_state=True,
        kernel_regularizer=penalty,
        recurrent_regularizer=penalty,
    )
    if bidirectional:
        encoded, *states = keras.layers.Bidirectional(lstm)(x)
        state, cell = (keras.layers.Concatenate()(states[i::2]) for i in (0, 1))
        lstm_units = 2 * lstm_units
    else:
        encoded, state, cell = lstm(x)
    decoder = LabelDecoder(lstm_units, n_classes, label_units, attention, l2)
    return keras.Model(inputs, decoder([encoded, state, cell])[1])


def teacher_forced(model: keras.Model) -> keras.Model:
    """Build the graph of training: the same layers, and the labels as a second input."""
    decoder = model.layers[-1]
    labels = keras.Input((None,), dtype="int32")
    return keras.Model([model.input, labels], decoder(decoder.input, labels)[1])


class ECGSeq2SeqClassifier(BaseSequenceClassifier):
    """Encoder-decoder network on sequences of beats.

    Convolutions see every beat by itself; a recurrent encoder reads what they find in all
    beats of the sequence; a recurrent decoder then labels the beats one after the other, each
    in the light of the whole sequence and of the labels before it [1]_. In training it is told
    the true labels before a beat (teacher forcing), in prediction and validation it goes on
    from its own (greedy decoding).

    Parameters
    ----------
    filters : sequence of int, default=(32, 64, 128)
        Filters of the convolutions.
    kernel_size : int or sequence of int, default=2
        Length of the convolutions in samples, for all or one for each.
    pool_size : int or sequence of int, default=2
        Max-pooling after each convolution but the last, for all of them or one for each.
    lstm_units : int, default=128
        Units of encoder and decoder; of the decoder twice as many with ``bidirectional``.
    label_units : int, default=10
        Length of the vector that tells the decoder the label before.
    bidirectional : bool, default=False
        Whether the encoder reads the sequence in both directions.
    attention : bool, default=True
        Whether the decoder sees the encoder's output for every beat, the nearer ones the
        better (Gaussian weights with a width that is learned, times those of a scaled dot
        product [2]_), and not only its state after the last. The published network does not.
    l2 : float, default=1e-3
        Penalty of the weights.
    activation : str or callable, default="relu"
        Activation of the convolutions.
    batch_size : int, default=20
        Sequences a training step.
    optimizer : str, keras.optimizers.Optimizer or class, default="rmsprop"
        See `BaseECGClassifier`.
    optimizer__learning_rate : float, LearningRateSchedule or None, default=1e-3
        See `BaseECGClassifier`.
    early_stopping : bool, default=True
        Stop when the validation loss no longer improves; see `BaseECGClassifier`.
    **training
        The other parameters of training: see `BaseECGClassifier`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, in the order of the columns of `predict_proba`.
    input_shape_ : tuple of int
        Shape of one beat as the network takes it: time steps and leads.
    n_features_in_ : int
        Time steps a beat.
    feature_names_in_ : ndarray of str
        Names of the columns, where plain beats had them.
    history_ : dict of str to list of float
        Loss and metrics by epoch; those of the validation data begin with ``"val_"``.
    n_iter_ : int
        Epochs trained.
    model_ : keras.Model
        The network of prediction.

    See Also
    --------
    ECGCNNLSTMClassifier : Sees only the beats before the one it labels.
    BeatSequenceClassifier : Takes beats and tells the network which are neighbours.

    Notes
    -----
    The beats of a sequence must be neighbours in one recording: see
    `~skecg.preprocessing.make_beat_sequences`. The published evaluation shuffled beats within
    their class and cut them into sequences, those of the test set included, so that nearly
    every sequence has one label, and to label one beat is to label them all. On a synthetic
    control, this alone moved the macro F1 of the same network from 0.53 to 0.975; no recording
    gives such sequences.

    Accuracy in ``history_["accuracy"]`` is that of teacher forcing, which knows the labels
    before each beat, and so is higher than accuracy in prediction; ``"val_accuracy"`` is not.

    References
    ----------
    .. [1] S. Mousavi and F. Afghah, "Inter- and intra-patient ECG heartbeat classification for
       arrhythmia detection: a sequence to sequence deep learning approach", ICASSP 2019.
       :arxiv:`1812.07421`
    .. [2] M.-T. Luong, H. Pham and C. D. Manning, "Effective approaches to attention-based
       neural machine translation", EMNLP 2015. :arxiv:`1508.04025`

    Examples
    --------
    >>> from skecg import ECGSeq2SeqClassifier
    >>> from skecg.datasets import make_heartbeats
    >>> X, y = make_heartbeats(300, random_state=0, return_X_y_groups=True)[:2]
    >>> X, y = X.reshape(30, 10, 187), y.reshape(30, 10)  # as if they were neighbours
    >>> classifier = ECGSeq2SeqClassifier(epochs=2, random_state=0).fit(X, y)
    >>> classifier.predict(X).shape, classifier.predict_proba(X).shape
    ((30, 10), (30, 10, 5))
    """

    _network = staticmethod(seq2seq)
    _reference = ((187, 1), 5)

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseSequenceClassifier._parameter_constraints,
        "filters": ["array-like"],
        "kernel_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "pool_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "lstm_units": [Interval(Integral, 1, None, closed="left")],
        "label_units": [Interval(Integral, 1, None, closed="left")],
        "bidirectional": ["boolean"],
        "attention": ["boolean"],
        "l2": [Interval(Real, 0, None, closed="left")],
        "activation": [str, callable],
    }

    def __init__(
        self,
        *,
        filters: Sequence[int] = (32, 64, 128),
        kernel_size: int | Sequence[int] = 2,
        pool_size: int | Sequence[int] = 2,
        lstm_units: int = 128,
        label_units: int = 10,
        bidirectional: bool = False,
        attention: bool = True,
        l2: float = 1e-3,
        activation: Any = "relu",
        batch_size: int = 20,
        optimizer: Any = "rmsprop",
        optimizer__learning_rate: Any = 1e-3,
        early_stopping: bool = True,
        **training: Any,
    ) -> None:
        super().__init__(
            batch_size=batch_size,
            optimizer=optimizer,
            optimizer__learning_rate=optimizer__learning_rate,
            early_stopping=early_stopping,
            **training,
        )
        self.filters = filters
        self.kernel_size = kernel_size
        self.pool_size = pool_size
        self.lstm_units = lstm_units
        self.label_units = label_units
        self.bidirectional = bidirectional
        self.attention = attention
        self.l2 = l2
        self.activation = activation

    def _embedded(self) -> Any:
        return self.model_.layers[-1].output[0]

    def _training_model(self) -> keras.Model:
        return teacher_forced(self.model_)

    def _training_inputs(self, X: np.ndarray, encoded: np.ndarray) -> Any:
        return X, encoded
