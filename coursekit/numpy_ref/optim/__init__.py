"""Update rules: first_order.py has what trains networks, second_order.py Newton and L-BFGS."""

# isort: off
from coursekit.numpy_ref.optim.first_order import (
    adagrad,
    adam,
    adamw,
    momentum,
    momentum_velocity,
    nesterov,
    nesterov_lookahead,
    rmsprop,
    sgd,
    sgd_weight_decay_step,
)
from coursekit.numpy_ref.optim.second_order import lbfgs, newton
# isort: on

__all__ = [  # noqa: RUF022 - in rising order of complexity
    "sgd_weight_decay_step",
    "sgd",
    "momentum",
    "momentum_velocity",
    "nesterov_lookahead",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adam",
    "adamw",
    "newton",
    "lbfgs",
]
