"""Reference layers and algorithms in NumPy alone, one concept a file, in rising complexity."""

# isort: off
from coursekit.numpy_ref.linear import Linear, affine_backward, affine_forward
from coursekit.numpy_ref.activations import ReLU, relu_backward, relu_forward
from coursekit.numpy_ref.losses import softmax_cross_entropy
from coursekit.numpy_ref.gradient_check import numerical_gradient, relative_error
from coursekit.numpy_ref.regularizers import (
    elastic_net_penalty,
    l1_penalty,
    l2_penalty,
    max_norm,
)
from coursekit.numpy_ref.dropout import (
    Dropout,
    dropout_backward,
    dropout_forward,
    mc_dropout_predict,
    vanilla_dropout_backward,
    vanilla_dropout_forward,
)
from coursekit.numpy_ref.optim import adam, momentum, sgd, sgd_weight_decay_step
from coursekit.numpy_ref.layers import Container, Flatten, Layer, Residual, Sequential
# isort: on

__all__ = [  # noqa: RUF022 - in rising order of complexity
    "affine_forward",
    "affine_backward",
    "relu_forward",
    "relu_backward",
    "softmax_cross_entropy",
    "numerical_gradient",
    "relative_error",
    "l2_penalty",
    "l1_penalty",
    "elastic_net_penalty",
    "max_norm",
    "vanilla_dropout_forward",
    "vanilla_dropout_backward",
    "dropout_forward",
    "dropout_backward",
    "mc_dropout_predict",
    "sgd_weight_decay_step",
    "sgd",
    "momentum",
    "adam",
    "Layer",
    "Linear",
    "ReLU",
    "Dropout",
    "Flatten",
    "Container",
    "Sequential",
    "Residual",
]
