"""The twins of `numpy_ref.optim`."""

# isort: off
from coursekit.torch_ref.optim.first_order import (
    adagrad,
    adam,
    adamw,
    momentum,
    nesterov,
    rmsprop,
    sgd,
    sgd_weight_decay_step,
)
from coursekit.torch_ref.optim.second_order import lbfgs, newton
# isort: on

__all__ = [  # noqa: RUF022 - in rising order of complexity
    "sgd_weight_decay_step",
    "sgd",
    "momentum",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adam",
    "adamw",
    "newton",
    "lbfgs",
]
