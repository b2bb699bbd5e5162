"""Update rules: `torch.optim`, behind the pure functions of `numpy_ref`.

The state that goes in and comes out holds PyTorch's own names, such as "momentum_buffer".
"""

import copy

import torch

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats

State = dict[str, torch.Tensor]


def sgd_weight_decay_step(
    w: torch.Tensor, dw: torch.Tensor, *, lr: float, weight_decay: float
) -> torch.Tensor:
    """One step of `torch.optim.SGD` with weight decay: w ← w − lr·(dw + λw).

    w, dw: any shape, the same for both; lr > 0; λ ≥ 0. Returns the new w.
    Raises TypeError for tensors that are not floats, ValueError for other shapes or ranges.

    >>> w, dw = torch.tensor([1.0]), torch.tensor([2.0])
    >>> sgd_weight_decay_step(w, dw, lr=0.1, weight_decay=0.5)
    tensor([0.7500])

    References: krogh1991, loshchilov2019
    """
    settings = _settings("sgd_weight_decay_step", w, dw, lr, weight_decay)
    return _step(torch.optim.SGD, w, dw, {}, **settings)[0]


def sgd(
    w: torch.Tensor, dw: torch.Tensor, state: State, *, lr: float, weight_decay: float = 0.0
) -> tuple[torch.Tensor, State]:
    """One step of `torch.optim.SGD`.

    w, dw: any shape, the same for both; state: {}; lr > 0; λ ≥ 0. Returns (w, state).
    Raises TypeError for tensors that are not floats or a state that is no dict, ValueError for
    other shapes or ranges.

    >>> sgd(torch.tensor([1.0]), torch.tensor([2.0]), {}, lr=0.1)
    (tensor([0.8000]), {})

    References: robbins1951
    """
    settings = _settings("sgd", w, dw, lr, weight_decay)
    _check.state("sgd", state, {})
    return _step(torch.optim.SGD, w, dw, state, **settings)


def momentum(
    w: torch.Tensor,
    dw: torch.Tensor,
    state: State,
    *,
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> tuple[torch.Tensor, State]:
    """One step of `torch.optim.SGD` with momentum μ.

    w, dw: any shape, the same for both; state: {} or as returned; lr > 0; μ in [0, 1); λ ≥ 0.
    Returns (w, state). Raises as `sgd` does.

    >>> w, state = momentum(torch.tensor([1.0]), torch.tensor([2.0]), {}, lr=0.1)
    >>> w, state = momentum(w, torch.tensor([2.0]), state, lr=0.1)
    >>> w, state
    (tensor([0.4200]), {'momentum_buffer': tensor([3.8000])})

    References: polyak1964, sutskever2013
    """
    settings = _settings("momentum", w, dw, lr, weight_decay)
    mu = _check.in_range("momentum", "momentum", momentum, "[0, 1)")
    _check.state("momentum", state, {"momentum_buffer": tuple(w.shape)} if mu else {})
    return _step(torch.optim.SGD, w, dw, state, momentum=mu, **settings)


def adam(
    w: torch.Tensor,
    dw: torch.Tensor,
    state: State,
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[torch.Tensor, State]:
    """One step of `torch.optim.Adam`; λw joins the gradient, so this is not AdamW.

    w, dw: any shape, the same for both; state: {} or as returned; lr > 0; β₁, β₂ in [0, 1);
    ε > 0; λ ≥ 0. Returns (w, state). Raises as `sgd` does.

    >>> w, dw = torch.tensor([1.0, 1.0]), torch.tensor([5.0, -0.01])
    >>> adam(w, dw, {}, lr=0.1)[0]
    tensor([0.9000, 1.1000])

    References: kingma2015, loshchilov2019
    """
    settings = _settings("adam", w, dw, lr, weight_decay)
    beta1 = _check.in_range("adam", "beta1", beta1, "[0, 1)")
    beta2 = _check.in_range("adam", "beta2", beta2, "[0, 1)")
    eps = _check.in_range("adam", "eps", eps, "(0, inf)")
    shape = tuple(w.shape)
    _check.state("adam", state, {"step": (), "exp_avg": shape, "exp_avg_sq": shape})
    return _step(torch.optim.Adam, w, dw, state, betas=(beta1, beta2), eps=eps, **settings)


def _settings(op: str, w, dw, lr: float, weight_decay: float) -> dict[str, float]:
    """Check what all rules share; return the settings that all optimisers of PyTorch take."""
    floats(op, w=w, dw=dw)
    _check.shape(op, "dw", dw, tuple(w.shape))
    return {
        "lr": _check.in_range(op, "lr", lr, "(0, inf)"),
        "weight_decay": _check.in_range(op, "weight_decay", weight_decay, "[0, inf)"),
    }


def _step(rule: type[torch.optim.Optimizer], w, dw, state: State, **settings):
    """Let an optimiser step once on a copy of w, from a copy of state."""
    parameter = w.detach().clone().requires_grad_()
    parameter.grad = dw.detach().clone()
    optimizer = rule([parameter], **settings)
    if state:
        optimizer.state[parameter] = copy.deepcopy(state)
    optimizer.step()
    return parameter.detach(), dict(optimizer.state.get(parameter, {}))
