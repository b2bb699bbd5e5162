"""Regularisers, by PyTorch; autograd gives what `numpy_ref` returns as dw."""

import torch

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats


def l2_penalty(w: torch.Tensor, *, weight_decay: float) -> torch.Tensor:
    """The L2 penalty ½ λ ‖w‖².

    w: any shape; weight_decay λ ≥ 0. Returns loss: ().
    Raises TypeError if w is not floats, ValueError for λ out of range.

    >>> l2_penalty(torch.tensor([3.0, -4.0]), weight_decay=0.1)
    tensor(1.2500)

    References: krogh1991
    """
    floats("l2_penalty", w=w)
    weight_decay = _check.in_range("l2_penalty", "weight_decay", weight_decay, "[0, inf)")
    return 0.5 * weight_decay * w.square().sum()


def l1_penalty(w: torch.Tensor, *, strength: float) -> torch.Tensor:
    """The L1 penalty λ Σ|w|.

    w: any shape; strength λ ≥ 0. Returns loss: ().
    Raises TypeError if w is not floats, ValueError for λ out of range.

    >>> l1_penalty(torch.tensor([3.0, 0.0, -4.0]), strength=0.5)
    tensor(3.5000)

    References: tibshirani1996
    """
    floats("l1_penalty", w=w)
    return _check.in_range("l1_penalty", "strength", strength, "[0, inf)") * w.abs().sum()


def elastic_net_penalty(w: torch.Tensor, *, l1: float, l2: float) -> torch.Tensor:
    """The elastic net λ₁ Σ|w| + λ₂ Σw².

    w: any shape; l1 λ₁ ≥ 0; l2 λ₂ ≥ 0. Returns loss: ().
    Raises TypeError if w is not floats, ValueError for λ₁ or λ₂ out of range.

    >>> elastic_net_penalty(torch.tensor([3.0, -4.0]), l1=1.0, l2=0.5)
    tensor(19.5000)

    References: zou2005
    """
    floats("elastic_net_penalty", w=w)
    l1 = _check.in_range("elastic_net_penalty", "l1", l1, "[0, inf)")
    l2 = _check.in_range("elastic_net_penalty", "l2", l2, "[0, inf)")
    return l1 * w.abs().sum() + l2 * w.square().sum()


def max_norm(w: torch.Tensor, *, c: float) -> torch.Tensor:
    """Max norm: each column of w rescaled to ‖column‖² ≤ c where it exceeds it.

    `torch.renorm` does this too, but divides by ‖column‖ + 1e-7, so it is off in the 7th digit.

    w: (D, M); c > 0 limits the *squared* norm. Returns a new w.
    Raises TypeError if w is not floats, ValueError if it is not 2-D or c is out of range.

    >>> max_norm(torch.tensor([[3.0, 0.1], [4.0, 0.2]]), c=1.0)
    tensor([[0.6000, 0.1000],
            [0.8000, 0.2000]])

    References: srebro2005, srivastava2014
    """
    floats("max_norm", w=w)
    _check.shape("max_norm", "w", w, ("D", "M"))
    c = _check.in_range("max_norm", "c", c, "(0, inf)")
    return w * torch.clamp(c**0.5 / torch.linalg.vector_norm(w, dim=0), max=1)
