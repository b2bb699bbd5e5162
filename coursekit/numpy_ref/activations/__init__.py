"""Activations: the bend between two affine maps, without which they would be one.

All work value by value on arrays of any shape. With `dout`, the upstream gradient, each backward
function is dx = dout · f′(x): the slope f′ decides how much of the gradient comes through.
"""

# isort: off
from coursekit.numpy_ref.activations.sigmoids import (
    Sigmoid,
    Tanh,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)
from coursekit.numpy_ref.activations.rectifiers import (
    ELU,
    LeakyReLU,
    PReLU,
    ReLU,
    elu_backward,
    elu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    prelu_backward,
    prelu_forward,
    relu_backward,
    relu_forward,
)
from coursekit.numpy_ref.activations.gated import (
    GELU,
    SiLU,
    gelu_backward,
    gelu_forward,
    silu_backward,
    silu_forward,
)
from coursekit.numpy_ref.activations.maxout import Maxout, maxout_backward, maxout_forward
# isort: on

__all__ = [  # noqa: RUF022 - in rising order of complexity
    "sigmoid_forward",
    "sigmoid_backward",
    "tanh_forward",
    "tanh_backward",
    "Sigmoid",
    "Tanh",
    "relu_forward",
    "relu_backward",
    "leaky_relu_forward",
    "leaky_relu_backward",
    "prelu_forward",
    "prelu_backward",
    "elu_forward",
    "elu_backward",
    "ReLU",
    "LeakyReLU",
    "PReLU",
    "ELU",
    "silu_forward",
    "silu_backward",
    "gelu_forward",
    "gelu_backward",
    "SiLU",
    "GELU",
    "maxout_forward",
    "maxout_backward",
    "Maxout",
]
