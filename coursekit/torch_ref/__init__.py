"""The twins of `numpy_ref` in PyTorch: the same file names, public names and keywords.

A twin takes tensors and returns the output alone. PyTorch keeps what the backward pass needs and
autograd derives the gradients, so nothing here is called `..._backward` and no loss returns one.
"""

# isort: off
from coursekit.torch_ref.linear import affine_forward
from coursekit.torch_ref.activations import relu_forward
from coursekit.torch_ref.losses import softmax_cross_entropy
from coursekit.torch_ref.regularizers import (
    elastic_net_penalty,
    l1_penalty,
    l2_penalty,
    max_norm,
)
from coursekit.torch_ref.dropout import (
    dropout_forward,
    mc_dropout_predict,
    vanilla_dropout_forward,
)
from coursekit.torch_ref.optim import adam, momentum, sgd, sgd_weight_decay_step
# isort: on

__all__ = [  # noqa: RUF022 - in rising order of complexity
    "affine_forward",
    "relu_forward",
    "softmax_cross_entropy",
    "l2_penalty",
    "l1_penalty",
    "elastic_net_penalty",
    "max_norm",
    "vanilla_dropout_forward",
    "dropout_forward",
    "mc_dropout_predict",
    "sgd_weight_decay_step",
    "sgd",
    "momentum",
    "adam",
]
