"""Pruning, by `torch.nn.utils.prune`."""

from collections.abc import Mapping

import torch
from torch.nn.utils import prune

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats

Weights = Mapping[str, torch.Tensor]


def sparsity(w: torch.Tensor) -> torch.Tensor:
    """The share of weights that are exactly zero.

    w: any shape, one value or more. Returns a tensor of one number in [0, 1]. Raises TypeError
    if w is not floats, ValueError if it is empty or holds NaN.

    >>> sparsity(torch.tensor([[0.0, 2.0], [-1.0, 3.0]]))
    tensor(0.2500, dtype=torch.float64)

    References: han2015
    """
    _check_numbers("sparsity", "w", w)
    _check.not_empty("sparsity", "w", w)
    return 1 - w.count_nonzero().double() / w.numel()


def magnitude_mask(w: torch.Tensor, *, sparsity: float) -> torch.Tensor:
    """The mask of `prune.l1_unstructured`: 0 for the round(sparsity · size) smallest |w|.

    Which of some equal weights are pruned, PyTorch does not say.

    w: any shape; sparsity in [0, 1]. Returns the mask, of the shape and dtype of w.
    Raises TypeError if w is not floats, ValueError for sparsity or if w holds NaN.

    >>> magnitude_mask(torch.tensor([0.5, -3.0, 1.0, -0.1]), sparsity=0.5)
    tensor([0., 1., 1., 0.])

    References: han2015, lecun1990
    """
    _check_numbers("magnitude_mask", "w", w)
    share = _check.in_range("magnitude_mask", "sparsity", sparsity, "[0, 1]")
    return _mask(w, share)


def layer_magnitude_masks(weights: Weights, *, sparsity: float) -> dict[str, torch.Tensor]:
    """The masks of `prune.l1_unstructured` for each layer alone.

    weights: a dict name -> tensor, one or more; sparsity in [0, 1]. Returns a dict name -> mask.
    Raises TypeError if weights is no dict of tensors of floats, ValueError as `magnitude_mask`.

    >>> weights = {"first": torch.tensor([1.0, 2.0]), "second": torch.tensor([30.0, 40.0])}
    >>> layer_magnitude_masks(weights, sparsity=0.5)
    {'first': tensor([0., 1.]), 'second': tensor([0., 1.])}

    References: han2015
    """
    _check_weights("layer_magnitude_masks", weights)
    share = _check.in_range("layer_magnitude_masks", "sparsity", sparsity, "[0, 1]")
    return {name: _mask(w, share) for name, w in weights.items()}


def global_magnitude_masks(weights: Weights, *, sparsity: float) -> dict[str, torch.Tensor]:
    """The masks of `prune.global_unstructured`: the smallest |w| of all layers are pruned.

    weights: a dict name -> tensor, one or more; sparsity in [0, 1]. Returns a dict name -> mask.
    Raises TypeError if weights is no dict of tensors of floats, ValueError as `magnitude_mask`.

    >>> weights = {"first": torch.tensor([1.0, 2.0]), "second": torch.tensor([30.0, 40.0])}
    >>> global_magnitude_masks(weights, sparsity=0.5)
    {'first': tensor([0., 0.]), 'second': tensor([1., 1.])}

    References: han2015
    """
    _check_weights("global_magnitude_masks", weights)
    share = _check.in_range("global_magnitude_masks", "sparsity", sparsity, "[0, 1]")
    layers = {name: _layer(w) for name, w in weights.items()}
    prune.global_unstructured(
        [(layer, "weight") for layer in layers.values()],
        pruning_method=prune.L1Unstructured,
        amount=share,
    )
    return {name: layer.get_buffer("weight_mask") for name, layer in layers.items()}


def _mask(w: torch.Tensor, sparsity: float) -> torch.Tensor:
    """The mask that PyTorch makes for the weight of one layer."""
    return prune.l1_unstructured(_layer(w), "weight", sparsity).get_buffer("weight_mask")


def _layer(w: torch.Tensor) -> torch.nn.Module:
    """A layer that has nothing but a weight."""
    layer = torch.nn.Module()
    layer.register_parameter("weight", torch.nn.Parameter(w.detach().clone()))
    return layer


def _check_numbers(op: str, name: str, w: torch.Tensor) -> None:
    """Raise unless w is a tensor of floats without NaN."""
    floats(op, **{name: w})
    if w.isnan().any():
        got = f"{w.isnan().sum()} NaN"
        raise ValueError(_check.message(op, f"{name} holds NaN", "numbers only", got))


def _check_weights(op: str, weights: Weights) -> None:
    """Raise unless `weights` is a dict with one tensor of floats without NaN, or more."""
    if not isinstance(weights, Mapping):
        got = type(weights).__name__
        raise TypeError(_check.message(op, "weights is not a dict", "a dict name -> tensor", got))
    if not weights:
        raise ValueError(_check.message(op, "weights is empty", "one tensor or more", "{}"))
    for name, w in weights.items():
        _check_numbers(op, f"weights['{name}']", w)
