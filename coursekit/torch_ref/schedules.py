"""Learning-rate schedules: the rate that `torch.optim.lr_scheduler` has after so many steps.

PyTorch's schedulers change the rate of an optimiser step by step, so each function here makes one
and steps it. That is slow, and meant for comparison; train with the scheduler itself.
"""

import math
from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch.optim import lr_scheduler

from coursekit.numpy_ref import _check


def constant(step: int, *, lr: float) -> float:
    """The same rate at every step, by `ConstantLR`.

    step ≥ 0; lr > 0. Returns the rate.
    Raises TypeError for other types, ValueError for other ranges.

    >>> constant(1000, lr=0.1)
    0.1

    References: robbins1951
    """
    t, lr = _step("constant", step), _lr("constant", lr)
    return _after(t, lr, lambda sgd: lr_scheduler.ConstantLR(sgd, factor=1.0))


def step(step: int, *, lr: float, every: int, lr_factor: float = 0.1) -> float:
    """Down the stairs, by `StepLR`.

    step ≥ 0; lr > 0; every ≥ 1 steps the rate is multiplied by lr_factor in (0, 1].
    Returns the rate. Raises TypeError for other types, ValueError for other ranges.

    >>> [step(t, lr=1.0, every=2, lr_factor=0.5) for t in range(6)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]

    References: krizhevsky2012
    """
    t, lr, every = _step("step", step), _lr("step", lr), _check.count("step", "every", every)
    gamma = _check.in_range("step", "lr_factor", lr_factor, "(0, 1]")
    return _after(t, lr, lambda sgd: lr_scheduler.StepLR(sgd, every, gamma))


def exponential(step: int, *, lr: float, lr_decay: float) -> float:
    """Exponential decay, by `ExponentialLR`, whose factor a step is e^(−k).

    step ≥ 0; lr > 0; lr_decay: k ≥ 0. Returns the rate.
    Raises TypeError for other types, ValueError for other ranges.

    >>> round(exponential(100, lr=0.1, lr_decay=0.01), 6)
    0.036788

    References: senior2013
    """
    t, lr = _step("exponential", step), _lr("exponential", lr)
    k = _check.in_range("exponential", "lr_decay", lr_decay, "[0, inf)")
    return _after(t, lr, lambda sgd: lr_scheduler.ExponentialLR(sgd, math.exp(-k)))


def sqrt_decay(step: int, *, lr: float, total: int) -> float:
    """Square root decay, by `PolynomialLR` with the power ½.

    step ≥ 0; lr > 0; total ≥ 1 steps. Returns the rate: 0 from step `total` on.
    Raises TypeError for other types, ValueError for other ranges.

    >>> round(sqrt_decay(75, lr=0.1, total=100), 6)
    0.05

    References: mishkin2017
    """
    t, lr = _step("sqrt_decay", step), _lr("sqrt_decay", lr)
    total = _check.count("sqrt_decay", "total", total)
    return _after(t, lr, lambda sgd: lr_scheduler.PolynomialLR(sgd, total, power=0.5))


def stagewise(step: int, *, stages: Sequence[tuple[float, int]]) -> float:
    """Constant rates, one after the other, by `SequentialLR` over a `LambdaLR` for each.

    step ≥ 0; stages: ((lr, steps), ...), one or more, lr > 0 and steps ≥ 1. Returns the rate.
    Raises TypeError for other types, ValueError for other ranges.

    >>> [stagewise(t, stages=((1.0, 1), (0.5, 2))) for t in range(5)]
    [1.0, 0.5, 0.5, 0.5, 0.5]

    References: yuan2019
    """
    t, checked = _step("stagewise", step), _check.stages("stagewise", stages)
    ends = [sum(steps for _, steps in checked[:n]) for n in range(1, len(checked))]

    def scheduler(sgd: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
        parts: list[lr_scheduler.LRScheduler]
        parts = [lr_scheduler.LambdaLR(sgd, lambda _, lr=lr: lr) for lr, _ in checked]
        return lr_scheduler.SequentialLR(sgd, parts, milestones=ends)

    return _after(t, 1.0, scheduler)


def warmup(step: int, *, schedule: Callable[[int], float], warmup: int) -> float:
    """Warm-up for any schedule: its rate, times what `LinearLR` makes of 1.

    step ≥ 0; schedule: a function step -> lr, lr ≥ 0; warmup ≥ 0 steps. Returns the rate.
    Raises TypeError for other types, ValueError for other ranges.

    >>> from functools import partial
    >>> [warmup(t, schedule=partial(constant, lr=1.0), warmup=3) for t in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]

    References: goyal2017
    """
    t = _step("warmup", step)
    _check.function("warmup", "schedule", schedule)
    warmup = _check.count("warmup", "warmup", warmup, at_least=0)
    lr = _check.in_range("warmup", "schedule(step)", schedule(t), "[0, inf)")
    return lr * _after(t, 1.0, lambda sgd: _rise(sgd, warmup))


def cosine(step: int, *, total: int, warmup: int = 0, lr_max: float, lr_min: float = 0.0) -> float:
    """Half a cosine, by `LinearLR` for the warm-up and then `CosineAnnealingLR`.

    step ≥ 0; total ≥ 1; warmup in 0 ... total − 1; lr_max > 0; lr_min in [0, lr_max].
    Returns the rate: lr_max at step `warmup`, and lr_min from step `total` on.
    Raises TypeError for other types, ValueError for other ranges.

    >>> [round(cosine(t, total=5, warmup=1, lr_max=1.0), 4) for t in range(7)]
    [0.5, 1.0, 0.8536, 0.5, 0.1464, 0.0, 0.0]

    References: loshchilov2017, goyal2017
    """
    t, total = _step("cosine", step), _check.count("cosine", "total", total)
    warmup = _check.count("cosine", "warmup", warmup, at_least=0)
    lr_min, lr_max = _check.lr_bounds("cosine", lr_min, lr_max)
    if warmup >= total:
        expected = f"warmup below total, {total}"
        raise ValueError(_check.message("cosine", "warmup is too long", expected, warmup))

    def scheduler(sgd: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
        parts = [
            _rise(sgd, warmup),
            lr_scheduler.CosineAnnealingLR(sgd, total - warmup, eta_min=lr_min),
        ]
        return lr_scheduler.SequentialLR(sgd, parts, milestones=[warmup]) if warmup else parts[1]

    return _after(min(t, total), lr_max, scheduler)  # PyTorch's would rise again


def cosine_restarts(
    step: int, *, period: int, growth: int = 1, lr_max: float, lr_min: float = 0.0
) -> float:
    """SGDR, by `CosineAnnealingWarmRestarts`.

    step ≥ 0; period, growth ≥ 1; lr_max > 0; lr_min in [0, lr_max]. Returns the rate.
    Raises TypeError for other types, ValueError for other ranges.

    >>> [round(cosine_restarts(t, period=2, growth=2, lr_max=1.0), 4) for t in range(7)]
    [1.0, 0.5, 1.0, 0.8536, 0.5, 0.1464, 1.0]

    References: loshchilov2017
    """
    t = _step("cosine_restarts", step)
    period = _check.count("cosine_restarts", "period", period)
    growth = _check.count("cosine_restarts", "growth", growth)
    lr_min, lr_max = _check.lr_bounds("cosine_restarts", lr_min, lr_max)
    return _after(
        t,
        lr_max,
        lambda sgd: lr_scheduler.CosineAnnealingWarmRestarts(sgd, period, growth, eta_min=lr_min),
    )


def cyclical(step: int, *, period: int, lr_max: float, lr_min: float = 0.0) -> float:
    """Triangles, by `CyclicLR`.

    step ≥ 0; period ≥ 1 steps, up and down; lr_max > 0; lr_min in [0, lr_max]. Returns the rate.
    Raises TypeError for other types, ValueError for other ranges.

    >>> [cyclical(t, period=4, lr_max=1.0) for t in range(6)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.5]

    References: smith2017
    """
    t, period = _step("cyclical", step), _check.count("cyclical", "period", period)
    lr_min, lr_max = _check.lr_bounds("cyclical", lr_min, lr_max)
    half = cast(int, period / 2)  # CyclicLR makes a float of it anyway
    return _after(
        t,
        lr_max,
        lambda sgd: lr_scheduler.CyclicLR(sgd, lr_min, lr_max, half, cycle_momentum=False),
    )


def _after(
    step: int,
    lr: float,
    schedule: Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler],
) -> float:
    """Start an optimiser at lr, step its scheduler so many times, and read the rate."""
    sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = schedule(sgd)
    for _ in range(step):
        sgd.step()
        scheduler.step()
    return float(scheduler.get_last_lr()[0])


def _rise(sgd: torch.optim.Optimizer, warmup: int) -> lr_scheduler.LinearLR:
    """From a part of the rate at step 0 to all of it at step `warmup`."""
    return lr_scheduler.LinearLR(sgd, start_factor=1 / (warmup + 1), total_iters=warmup)


def _step(op: str, step: object) -> int:
    return _check.count(op, "step", step, at_least=0)


def _lr(op: str, lr: object) -> float:
    return _check.in_range(op, "lr", lr, "(0, inf)")
