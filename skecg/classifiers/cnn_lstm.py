"""Convolutions on every beat, recurrence over the beats."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

from sklearn.utils._param_validation import Interval

from skecg.classifiers._keras import keras
from skecg.classifiers._layers import FoldBeats, UnfoldBeats, dense_layers, per_block
from skecg.classifiers._sequence_base import BaseSequenceClassifier
from skecg.classifiers.convnet import convolution_blocks


def cnn_lstm(
    input_shape: tuple[int, int],
    n_classes: int,
    *,
    filters: Sequence[int],
    kernel_size: int | Sequence[int],
    pool_size: int | Sequence[int],
    dropout: float | Sequence[float],
    lstm_units: Sequence[int],
    dense_units: Sequence[int],
    activation: Any,
) -> keras.Model:
    """Build the graph; see `ECGCNNLSTMClassifier` for the parameters."""
    lstm_units = per_block(lstm_units, len(lstm_units), "lstm_units")
    dense_units = per_block(dense_units, len(dense_units), "dense_units")

    inputs = keras.Input((None, *input_shape))
    beats = convolution_blocks(
        FoldBeats()(inputs),
        keras.layers.Flatten(),
        filters=filters,
        kernel_size=kernel_size,
        pool_size=pool_size,
        dropout=dropout,
        activation=activation,
    )
    x = UnfoldBeats()([beats, inputs])
    for units in lstm_units:
        x = keras.layers.LSTM(units, activation=activation, return_sequences=True)(x)
    x = dense_layers(x, dense_units, activation)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


class ECGCNNLSTMClassifier(BaseSequenceClassifier):
    """Convolutional and recurrent network on sequences of beats.

    The convolutions of `ECGConvNetClassifier` see every beat by itself; what they find goes,
    beat after beat, through recurrent layers, so that a beat's label depends on those before
    it. The defaults have 1,461,936 parameters for beats of 187 samples in one lead and five
    classes, whatever the number of beats.

    Parameters
    ----------
    filters : sequence of int, default=(16, 32, 32, 256)
        Filters of the convolutions, one number a block of two.
    kernel_size : int or sequence of int, default=(5, 3, 3, 3)
        Length of the convolutions in samples, for all blocks or one for each.
    pool_size : int or sequence of int, default=2
        Max-pooling after each block but the last, for all of them or one for each.
    dropout : float or sequence of float, default=(0.1, 0.1, 0.1, 0.2)
        Share of activations dropped after each block, for all or one for each.
    lstm_units : sequence of int, default=(78, 11)
        Units of the recurrent layers.
    dense_units : sequence of int, default=(75,)
        Units of the dense layers before the last, which see every beat by itself.
    activation : str or callable, default="relu"
        Activation of all layers but the last, the recurrent ones included.
    epochs : int, default=300
        At most so many passes over the training sequences.
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
        The network.

    See Also
    --------
    ECGSeq2SeqClassifier : Looks at the whole sequence before it labels the first beat.
    BeatSequenceClassifier : Takes beats and tells the network which are neighbours.

    Notes
    -----
    The beats of a sequence must be neighbours in one recording: see
    `~skecg.preprocessing.make_beat_sequences`. In evaluations that sorted beats by class or
    shuffled them within their class before cutting them into sequences, nearly every sequence
    has one label, in the test data too, and to label one beat is to label them all. On a
    synthetic control, this alone moved the macro F1 of the same network from 0.53 to 0.975;
    no recording gives such sequences.

    Beats shorter than the shortest that the convolutions can take (72 samples by default) are
    zero-padded at the end.

    Examples
    --------
    >>> from skecg import ECGCNNLSTMClassifier
    >>> from skecg.datasets import make_heartbeats
    >>> X, y = make_heartbeats(300, random_state=0, return_X_y_groups=True)[:2]
    >>> X, y = X.reshape(30, 10, 187), y.reshape(30, 10)  # as if they were neighbours
    >>> classifier = ECGCNNLSTMClassifier(epochs=2, random_state=0).fit(X, y)
    >>> classifier.predict(X).shape, classifier.predict_proba(X).shape
    ((30, 10), (30, 10, 5))
    >>> classifier.model_.count_params()
    1461936
    """

    _network = staticmethod(cnn_lstm)
    _reference = ((187, 1), 5)

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseSequenceClassifier._parameter_constraints,
        "filters": ["array-like"],
        "kernel_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "pool_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
        "lstm_units": ["array-like"],
        "dense_units": ["array-like"],
        "activation": [str, callable],
    }

    def __init__(
        self,
        *,
        filters: Sequence[int] = (16, 32, 32, 256),
        kernel_size: int | Sequence[int] = (5, 3, 3, 3),
        pool_size: int | Sequence[int] = 2,
        dropout: float | Sequence[float] = (0.1, 0.1, 0.1, 0.2),
        lstm_units: Sequence[int] = (78, 11),
        dense_units: Sequence[int] = (75,),
        activation: Any = "relu",
        epochs: int = 300,
        early_stopping: bool = True,
        **training: Any,
    ) -> None:
        super().__init__(epochs=epochs, early_stopping=early_stopping, **training)
        self.filters = filters
        self.kernel_size = kernel_size
        self.pool_size = pool_size
        self.dropout = dropout
        self.lstm_units = lstm_units
        self.dense_units = dense_units
        self.activation = activation
