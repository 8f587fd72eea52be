"""AdaBound, which Keras does not have."""

from typing import Any

from skecg.classifiers._keras import keras


@keras.saving.register_keras_serializable(package="skecg")
class AdaBound(keras.optimizers.Optimizer):
    """Adam with bounds on its step sizes that close in on those of SGD.

    Parameters
    ----------
    learning_rate : float or keras.optimizers.schedules.LearningRateSchedule, default=1e-3
        Adam's rate, at the start.
    final_learning_rate : float, default=0.1
        SGD's rate, in the end.
    gamma : float, default=1e-3
        How fast the bounds close, by step.
    beta_1, beta_2 : float, default=0.9, 0.999
        Decay of the moving averages of gradients and of their squares.
    epsilon : float, default=1e-8
        Added to the denominator.
    name : str, default="adabound"
        Of the optimizer.
    **kwargs
        Those of every Keras optimizer: ``weight_decay``, ``clipnorm``, ...

    References
    ----------
    .. [1] L. Luo, Y. Xiong, Y. Liu and X. Sun, "Adaptive gradient methods with dynamic bound
       of learning rate", ICLR 2019. :arxiv:`1902.09843` As in the authors' program, the bounds
       close with ``gamma``, and steps are not divided by the root of their number.

    Examples
    --------
    >>> from skecg import ECGConvNetClassifier
    >>> classifier = ECGConvNetClassifier(optimizer="adabound", optimizer__gamma=1e-2)
    """

    def __init__(
        self,
        learning_rate: Any = 1e-3,
        final_learning_rate: float = 0.1,
        gamma: float = 1e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        name: str = "adabound",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.final_learning_rate = final_learning_rate
        self.gamma = gamma
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def build(self, variables: list[Any]) -> None:
        """Make the moving averages.

        Parameters
        ----------
        variables : list of keras.Variable
            What is trained.
        """
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(
            variables, ["momentum", "velocity"]
        )

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable.

        Parameters
        ----------
        gradient : tensor
            Its gradient.
        variable : keras.Variable
            What is trained.
        learning_rate : tensor
            Of this step.
        """
        ops = keras.ops
        dtype = variable.dtype
        rate = ops.cast(learning_rate, dtype)
        gradient = ops.cast(gradient, dtype)
        step = ops.cast(self.iterations + 1, dtype)
        index = self._get_variable_index(variable)
        mean, square = self._momentums[index], self._velocities[index]

        self.assign_add(mean, (gradient - mean) * (1 - self.beta_1))
        self.assign_add(square, (ops.square(gradient) - square) * (1 - self.beta_2))

        bias_1 = 1 - ops.power(ops.cast(self.beta_1, dtype), step)
        bias_2 = 1 - ops.power(ops.cast(self.beta_2, dtype), step)
        size = rate * ops.sqrt(bias_2) / bias_1 / (ops.sqrt(square) + self.epsilon)
        lower = self.final_learning_rate * (1 - 1 / (self.gamma * step + 1))
        upper = self.final_learning_rate * (1 + 1 / (self.gamma * step))
        self.assign_sub(variable, ops.clip(size, lower, upper) * mean)

    def get_config(self) -> dict[str, Any]:
        """Give what makes an equal optimizer.

        Returns
        -------
        dict
            Arguments of the constructor.
        """
        own = ("final_learning_rate", "gamma", "beta_1", "beta_2", "epsilon")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
