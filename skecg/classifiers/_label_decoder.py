"""The decoder of `ECGSeq2SeqClassifier`."""

from typing import Any

from skecg.classifiers._keras import keras

ops = keras.ops


@keras.saving.register_keras_serializable("skecg")
class LabelDecoder(keras.layers.Layer):
    """Label beats one after the other, each in the light of the labels before it.

    Takes what an encoder makes of a sequence: its output for every beat, and its last state
    and cell state. Gives the activations that the decisions are made from, and the class
    probabilities. In training, where the true labels are given, the decoder goes on from these
    (teacher forcing); otherwise, validation included, from its own.

    With attention, a beat's activations also draw on the encoder's output for the other beats:
    the more, the better they answer what the decoder asks for, and the nearer they are.

    Parameters
    ----------
    n_units : int
        Units of the recurrent layer, as many as the encoder's state has.
    n_classes : int
        Number of classes.
    label_units : int
        Length of the vector that stands for the label before.
    attention : bool
        Whether to attend to the encoder's outputs.
    l2 : float
        Penalty of the weights.
    **kwargs : dict
        Those of a Keras layer.
    """

    def __init__(
        self,
        n_units: int,
        n_classes: int,
        label_units: int,
        attention: bool,
        l2: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.n_units = n_units
        self.n_classes = n_classes
        self.label_units = label_units
        self.attention = attention
        self.l2 = l2
        penalty = keras.regularizers.L2(l2)
        # One more label than classes: the start of a sequence.
        self.embedding = keras.layers.Embedding(
            n_classes + 1, label_units, embeddings_regularizer=penalty
        )
        self.lstm = keras.layers.LSTM(
            n_units,
            return_sequences=True,
            kernel_regularizer=penalty,
            recurrent_regularizer=penalty,
        )
        if attention:
            self.query = keras.layers.Dense(n_units, use_bias=False, kernel_regularizer=penalty)
            self.combine = keras.layers.Dense(
                n_units, activation="tanh", kernel_regularizer=penalty
            )
        self.classify = keras.layers.Dense(
            n_classes, activation="softmax", kernel_regularizer=penalty
        )

    def build(self, input_shape: Any) -> None:
        """Make the weights."""
        self.embedding.build((None, None))
        self.lstm.build((None, None, self.label_units))
        if self.attention:
            self.query.build((None, None, self.n_units))
            self.combine.build((None, None, 2 * self.n_units))
            self.nearness = self.add_weight(name="nearness", shape=(), initializer="ones")
        self.classify.build((None, None, self.n_units))

    def call(self, inputs: Any, labels: Any = None, training: bool = False) -> tuple[Any, Any]:
        """Decode; `labels` are the true ones, not yet shifted."""
        encoded, *state = inputs
        start = ops.full_like(state[0][:, 0], self.n_classes, dtype="int32")
        beats = ops.arange(ops.shape(encoded)[1])
        if training and labels is not None:
            before = ops.concatenate([start[:, None], labels[:, :-1]], axis=1)
            recurrent = self.lstm(self.embedding(before), initial_state=state)
        else:
            recurrent = self._decode_greedily(encoded, state, start, beats)
        hidden = self._attend(recurrent, encoded, beats)
        return hidden, self.classify(hidden)

    def _decode_greedily(self, encoded: Any, state: Any, start: Any, beats: Any) -> Any:
        def step(carry: Any, beat: Any) -> Any:
            label, *state = carry
            recurrent, state = self.lstm.cell(self.embedding(label), state)
            hidden = self._attend(recurrent[:, None], encoded, beat[None])
            label = ops.cast(ops.argmax(self.classify(hidden)[:, 0], axis=-1), "int32")
            carry = (label, *state)
            return carry, carry

        _, (_, recurrent, _) = ops.scan(step, (start, *state), beats)
        return ops.transpose(recurrent, (1, 0, 2))

    def _attend(self, recurrent: Any, encoded: Any, beats: Any) -> Any:
        """Add to the decoder's state at these beats what it finds in the encoder's outputs."""
        if not self.attention:
            return recurrent
        match = ops.matmul(self.query(recurrent), ops.transpose(encoded, (0, 2, 1)))
        match /= self.n_units**0.5
        distance = beats[:, None] - ops.arange(ops.shape(encoded)[1])
        # Labels and beats go side by side: the decoder need not learn to find its own beat.
        match -= ops.softplus(self.nearness) * ops.cast(distance**2, match.dtype)
        # Not ops.softmax, which warns where a sequence has one beat.
        weight = ops.exp(match - ops.logsumexp(match, axis=-1, keepdims=True))
        context = ops.matmul(weight, encoded)
        return self.combine(ops.concatenate([context, recurrent], axis=-1))

    def get_config(self) -> dict[str, Any]:
        """Give the parameters."""
        names = ("n_units", "n_classes", "label_units", "attention", "l2")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
