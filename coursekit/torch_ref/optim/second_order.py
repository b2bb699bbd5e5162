"""Second-order methods, by `torch.linalg` and `torch.optim.LBFGS`."""

from collections.abc import Callable
from typing import Any

import torch

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats

Objective = Callable[..., tuple[Any, Any]]  # w -> (loss, dw)


def newton(
    w: torch.Tensor,
    dw: torch.Tensor,
    state: dict,
    *,
    hessian: torch.Tensor,
    lr: float = 1.0,
    damping: float = 0.0,
) -> tuple[torch.Tensor, dict]:
    """Newton's step w ← w − lr·(H + damping·I)⁻¹ dw, by `torch.linalg.solve_ex`.

    w, dw: any shape, the same for both; hessian H: (D, D) with D = w.numel(); state: {};
    lr ≥ 0; damping ≥ 0. Returns (w, state). Raises TypeError for tensors that are not floats or
    differ in type, ValueError for other shapes or ranges, or if H + damping·I is singular.

    >>> w, dw = torch.tensor([3.0, 1.0]), torch.tensor([6.0, 10.0])
    >>> newton(w, dw, {}, hessian=torch.diag(torch.tensor([2.0, 10.0])))
    (tensor([0., 0.]), {})

    References: goodfellow2016
    """
    floats("newton", w=w, dw=dw, hessian=hessian)
    _check.same_type("newton", w=w, dw=dw, hessian=hessian)
    _check.shape("newton", "dw", dw, tuple(w.shape))
    _check.shape("newton", "hessian", hessian, (w.numel(), w.numel()))
    _check.state("newton", state, {})
    lr = _check.in_range("newton", "lr", lr, "[0, inf)")
    damping = _check.in_range("newton", "damping", damping, "[0, inf)")
    damped = hessian + damping * torch.eye(len(hessian)).to(w)
    step, info = torch.linalg.solve_ex(damped, dw.flatten())
    if info:
        expected, hint = "a matrix that can be inverted", "Try damping=1e-3."
        wrong, got = "hessian + damping·I is singular", f"no pivot in row {int(info)}"
        raise ValueError(_check.message("newton", wrong, expected, got, hint))
    return w - lr * step.reshape(w.shape), {}


def lbfgs(
    f: Objective, w: torch.Tensor, *, max_iterations: int = 100, tolerance: float = 1e-5
) -> tuple[torch.Tensor, torch.Tensor]:
    """Minimise a loss by `torch.optim.LBFGS` with its line search for the strong Wolfe conditions.

    f: a function f(w) -> (loss, dw) of tensors; w: any shape, where to start; at most
    max_iterations ≥ 1, fewer if no entry of dw is above tolerance ≥ 0 in size.
    Returns the w reached, and the losses: at the start and after each iteration.
    Raises TypeError or ValueError for arguments that do not fit.

    >>> w, losses = lbfgs(lambda w: (((w - 3) ** 2).sum(), 2 * (w - 3)), torch.zeros(2))
    >>> w.round(decimals=4), losses[0]
    (tensor([3., 3.]), tensor(18.))

    References: nocedal1980, liu1989
    """
    floats("lbfgs", w=w)
    _check.not_empty("lbfgs", "w", w)
    _check.function("lbfgs", "f", f)
    max_iterations = _check.count("lbfgs", "max_iterations", max_iterations)
    tolerance = _check.in_range("lbfgs", "tolerance", tolerance, "[0, inf)")
    parameter = w.detach().clone().requires_grad_()
    # One iteration a step: we decide when to stop.
    settings = {"max_iter": 1, "max_eval": 25, "tolerance_grad": 0.0, "tolerance_change": 0.0}
    optimizer = torch.optim.LBFGS([parameter], **settings, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        loss, parameter.grad = f(parameter.detach().clone())  # f may keep it, or change it
        return loss

    def is_steep() -> bool:
        return parameter.grad is not None and bool((parameter.grad.abs() > tolerance).any())

    losses = [closure()]
    while len(losses) <= max_iterations and is_steep():
        optimizer.step(closure)
        losses.append(closure())
    return parameter.detach(), torch.stack(losses)
