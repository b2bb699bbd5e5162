"""Update rules: `torch.optim`, behind the pure functions of `numpy_ref`.

The state that goes in and comes out holds PyTorch's own names, such as "momentum_buffer".
"""

import copy
from typing import Any

import torch

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats

State = dict[str, torch.Tensor]


def sgd_weight_decay_step(
    w: torch.Tensor, dw: torch.Tensor, *, lr: float, weight_decay: float
) -> torch.Tensor:
    """One step of `torch.optim.SGD` with weight decay: w ← w − lr·(dw + λw).

    w, dw: any shape, the same for both; lr ≥ 0; λ ≥ 0. Returns the new w.
    Raises TypeError for tensors that are not floats or differ in type, ValueError for other shapes
    or ranges.

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

    w, dw: any shape, the same for both; state: {}; lr ≥ 0; λ ≥ 0. Returns (w, state).
    Raises TypeError for tensors that are not floats or differ in type and a state that is no dict,
    ValueError for other shapes or ranges.

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

    w, dw: any shape, the same for both; state: {} or as returned; lr ≥ 0; μ in [0, 1); λ ≥ 0.
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


def nesterov(
    w: torch.Tensor,
    dw: torch.Tensor,
    state: State,
    *,
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> tuple[torch.Tensor, State]:
    """One step of `torch.optim.SGD` with nesterov=True, which asks for a momentum μ > 0.

    w, dw: any shape, the same for both; state: {} or as returned; lr ≥ 0; μ in [0, 1); λ ≥ 0.
    Returns (w, state). Raises as `sgd` does.

    >>> nesterov(torch.tensor([1.0]), torch.tensor([2.0]), {}, lr=0.1)
    (tensor([0.6200]), {'momentum_buffer': tensor([2.])})

    References: nesterov1983, bengio2013
    """
    settings = _settings("nesterov", w, dw, lr, weight_decay)
    mu = _check.in_range("nesterov", "momentum", momentum, "[0, 1)")
    _check.state("nesterov", state, {"momentum_buffer": tuple(w.shape)} if mu else {})
    return _step(torch.optim.SGD, w, dw, state, momentum=mu, nesterov=mu > 0, **settings)


def adagrad(
    w: torch.Tensor,
    dw: torch.Tensor,
    state: State,
    *,
    lr: float,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[torch.Tensor, State]:
    """One step of `torch.optim.Adagrad`, whose own default for ε is 1e-10.

    w, dw: any shape, the same for both; state: {} or as returned; lr ≥ 0; ε > 0; λ ≥ 0.
    Returns (w, state). Raises as `sgd` does.

    >>> adagrad(torch.tensor([1.0, 1.0]), torch.tensor([3.0, -0.01]), {}, lr=0.1)[0]
    tensor([0.9000, 1.1000])

    References: duchi2011
    """
    settings = _settings("adagrad", w, dw, lr, weight_decay)
    eps = _check.in_range("adagrad", "eps", eps, "(0, inf)")
    _check.state("adagrad", state, {"step": (), "sum": tuple(w.shape)})
    return _step(torch.optim.Adagrad, w, dw, state, eps=eps, **settings)


def rmsprop(
    w: torch.Tensor,
    dw: torch.Tensor,
    state: State,
    *,
    lr: float,
    decay_rate: float = 0.9,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[torch.Tensor, State]:
    """One step of `torch.optim.RMSprop`, where the decay rate ρ is called alpha.

    w, dw: any shape, the same for both; state: {} or as returned; lr ≥ 0; ρ in [0, 1); ε > 0;
    λ ≥ 0. Returns (w, state). Raises as `sgd` does.

    >>> rmsprop(torch.tensor([1.0]), torch.tensor([2.0]), {}, lr=0.1)[0]
    tensor([0.6838])

    References: tieleman2012
    """
    settings = _settings("rmsprop", w, dw, lr, weight_decay)
    rho = _check.in_range("rmsprop", "decay_rate", decay_rate, "[0, 1)")
    eps = _check.in_range("rmsprop", "eps", eps, "(0, inf)")
    _check.state("rmsprop", state, {"step": (), "square_avg": tuple(w.shape)})
    return _step(torch.optim.RMSprop, w, dw, state, alpha=rho, eps=eps, **settings)


def adam(
    w: torch.Tensor,
    dw: torch.Tensor,
    state: State,
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    bias_correction: bool = True,
    weight_decay: float = 0.0,
) -> tuple[torch.Tensor, State]:
    """One step of `torch.optim.Adam`; λw joins the gradient, so this is not AdamW.

    PyTorch always corrects the bias. bias_correction=False undoes that with a rate and an ε of
    each step's own: lr·(1 − β₁ᵗ)/√(1 − β₂ᵗ) and ε/√(1 − β₂ᵗ).

    w, dw: any shape, the same for both; state: {} or as returned; lr ≥ 0; β₁, β₂ in [0, 1);
    ε > 0; λ ≥ 0. Returns (w, state). Raises as `sgd` does.

    >>> w, dw = torch.tensor([1.0, 1.0]), torch.tensor([5.0, -0.01])
    >>> adam(w, dw, {}, lr=0.1)[0]
    tensor([0.9000, 1.1000])

    References: kingma2015, loshchilov2019
    """
    settings = _settings("adam", w, dw, lr, weight_decay)
    settings |= _adam_settings("adam", w, state, (beta1, beta2), eps)
    _check.flag("adam", "bias_correction", bias_correction)
    if not bias_correction:
        step = int(state.get("step", 0)) + 1
        root = (1 - beta2**step) ** 0.5
        settings["lr"] *= (1 - beta1**step) / root
        settings["eps"] /= root
    return _step(torch.optim.Adam, w, dw, state, **settings)


def adamw(
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
    """One step of `torch.optim.AdamW`, whose own default for λ is 0.01.

    w, dw: any shape, the same for both; state: {} or as returned; lr ≥ 0; β₁, β₂ in [0, 1);
    ε > 0; λ ≥ 0. Returns (w, state). Raises as `sgd` does.

    >>> w, dw = torch.tensor([1.0, 1.0]), torch.tensor([5.0, 0.0])
    >>> adamw(w, dw, {}, lr=0.1, weight_decay=0.5)[0]
    tensor([0.8500, 0.9500])

    References: loshchilov2019
    """
    settings = _settings("adamw", w, dw, lr, weight_decay)
    settings |= _adam_settings("adamw", w, state, (beta1, beta2), eps)
    return _step(torch.optim.AdamW, w, dw, state, **settings)


def _settings(op: str, w, dw, lr: float, weight_decay: float) -> dict[str, Any]:
    """Check what all rules share; return the settings that all optimisers of PyTorch take."""
    floats(op, w=w, dw=dw)
    _check.same_type(op, w=w, dw=dw)
    _check.shape(op, "dw", dw, tuple(w.shape))
    return {
        "lr": _check.in_range(op, "lr", lr, "[0, inf)"),
        "weight_decay": _check.in_range(op, "weight_decay", weight_decay, "[0, inf)"),
    }


def _adam_settings(op: str, w, state: State, betas: tuple[float, float], eps: float) -> dict:
    """Check what Adam and AdamW share; return the settings that both take."""
    beta1 = _check.in_range(op, "beta1", betas[0], "[0, 1)")
    beta2 = _check.in_range(op, "beta2", betas[1], "[0, 1)")
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    shape = tuple(w.shape)
    _check.state(op, state, {"step": (), "exp_avg": shape, "exp_avg_sq": shape})
    return {"betas": (beta1, beta2), "eps": eps}


def _step(rule: type[torch.optim.Optimizer], w, dw, state: State, **settings):
    """Let an optimiser step once on a copy of w, from a copy of state."""
    parameter = w.detach().clone().requires_grad_()
    parameter.grad = dw.detach().clone()
    optimizer = rule([parameter], **settings)
    if state:
        optimizer.state[parameter] = copy.deepcopy(state)
    optimizer.step()
    return parameter.detach(), dict(optimizer.state.get(parameter, {}))
