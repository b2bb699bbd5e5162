"""The twins of `numpy_ref.activations`."""

# isort: off
from coursekit.torch_ref.activations.sigmoids import sigmoid_forward, tanh_forward
from coursekit.torch_ref.activations.rectifiers import (
    elu_forward,
    leaky_relu_forward,
    prelu_forward,
    relu_forward,
)
from coursekit.torch_ref.activations.gated import gelu_forward, silu_forward
from coursekit.torch_ref.activations.maxout import maxout_forward
# isort: on

__all__ = [  # noqa: RUF022 - in rising order of complexity
    "sigmoid_forward",
    "tanh_forward",
    "relu_forward",
    "leaky_relu_forward",
    "prelu_forward",
    "elu_forward",
    "silu_forward",
    "gelu_forward",
    "maxout_forward",
]
