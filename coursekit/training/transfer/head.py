"""A new last layer for new classes."""

import copy
from typing import Any

import numpy as np

from coursekit.numpy_ref import Linear, Sequential, _check, normal
from coursekit.training.transfer.features import is_module, last_linear

STD = 0.01  # so small that all first scores are nearly equal


def replace_head(net: Any, num_classes: int, *, rng: np.random.Generator) -> Any:
    """A copy of a network with a new last linear layer, for other classes: 1000 → 2, say.

    All other layers keep their weights and averages. The new weights are N(0, 0.01²), the biases
    0, so that the first loss is near ln K; a larger head would at first send large gradients,
    which mean nothing, into layers that are good already.

    net: a `numpy_ref.Sequential` or a `torch.nn.Module`; it stays as it is. num_classes K ≥ 1;
    rng draws the weights. Returns the copy, which gives scores (N, K).
    Raises TypeError for another network or rng, ValueError if there is no linear layer.

    >>> rng = np.random.default_rng(0)
    >>> net = Sequential(Linear(4, 8, rng=rng), Linear(8, 1000, rng=rng))
    >>> replace_head(net, 2, rng=rng).forward(np.ones((3, 4)), training=False, rng=None).shape
    (3, 2)

    References: girshick2014, yosinski2014
    """
    k = _check.count("replace_head", "num_classes", num_classes)
    _check.generator("replace_head", rng)
    name = last_linear("replace_head", net)
    new = copy.deepcopy(net)
    if is_module(net):
        return _with_linear(new, name, k, rng)
    return _with_head(new, name, k, rng)


def _with_head(net: Sequential, name: str, k: int, rng: np.random.Generator) -> Sequential:
    """The same layers but for this one, which may be in a Sequential in the Sequential."""
    position, _, inner = name.partition(".")
    old: Any = net.children[position]
    if inner:
        new = _with_head(old, inner, k, rng)
    else:
        w = old.params["weight"]
        new = Linear(len(w), k, rng=rng, std=STD, dtype=w.dtype)
    return Sequential(*{**net.children, position: new}.values())


def _with_linear(net: Any, name: str, k: int, rng: np.random.Generator) -> Any:
    """Put a new torch.nn.Linear in the place of the old one."""
    import torch

    old = net.get_submodule(name)
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    head = torch.nn.Linear(old.in_features, k, **like)
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(normal((k, old.in_features), std=STD, rng=rng)))
        head.bias.zero_()
    if not name:  # the network is that layer and nothing else
        return head.train(old.training)
    parent, _, own_name = name.rpartition(".")
    setattr(net.get_submodule(parent), own_name, head.train(old.training))
    return net
