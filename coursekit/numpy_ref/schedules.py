"""Learning-rate schedules: pure functions of the step, which counts updates from 0.

Bind the rest with `functools.partial`, and the Trainer has its `lr`: a function step -> lr. What is
meant to happen at each epoch happens every so many steps: ×0.97 an epoch is `step` with
`every` = the number of steps in an epoch and `lr_factor=0.97`.

>>> from functools import partial
>>> lr = partial(cosine, total=100, lr_max=0.1)
>>> lr(0), round(lr(50), 6), lr(100)
(0.1, 0.05, 0.0)
"""

import math
from collections.abc import Callable, Sequence

from coursekit.numpy_ref import _check


def constant(step: int, *, lr: float) -> float:
    """The same learning rate at every step.

    step ≥ 0; lr > 0. Returns lr.
    Raises TypeError for other types, ValueError for other ranges.

    >>> constant(1000, lr=0.1)
    0.1

    References: robbins1951
    """
    _step("constant", step)
    return _lr("constant", lr)


def linear_scaling(*, lr: float, batch_size: int, base_batch_size: int = 256) -> float:
    """The learning rate of a batch k times as large is k times as large: lr · batch / base.

    k small steps go about as far as one step of k times the rate, as long as the gradient changes
    little on the way. It changes a lot in the first epochs: scale with a `warmup`.

    lr > 0, good for batches of base_batch_size; batch_size, base_batch_size ≥ 1.
    Returns the rate for batches of batch_size.
    Raises TypeError for other types, ValueError for other ranges.

    >>> linear_scaling(lr=0.1, batch_size=8192)
    3.2

    References: goyal2017
    """
    lr = _lr("linear_scaling", lr)
    batch_size = _check.count("linear_scaling", "batch_size", batch_size)
    return lr * batch_size / _check.count("linear_scaling", "base_batch_size", base_batch_size)


def step(step: int, *, lr: float, every: int, lr_factor: float = 0.1) -> float:
    """Down the stairs: lr · factor^⌊step / every⌋.

    Large steps explore; noise keeps them from settling, until a smaller rate lets the loss drop.

    step ≥ 0; lr > 0; every ≥ 1 steps the rate is multiplied by lr_factor in (0, 1].
    Returns the rate; it goes on falling for as long as there are steps.
    Raises TypeError for other types, ValueError for other ranges.

    >>> [step(t, lr=1.0, every=2, lr_factor=0.5) for t in range(6)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]

    References: krizhevsky2012
    """
    t, lr, every = _step("step", step), _lr("step", lr), _check.count("step", "every", every)
    return lr * _check.in_range("step", "lr_factor", lr_factor, "(0, 1]") ** (t // every)


def exponential(step: int, *, lr: float, lr_decay: float) -> float:
    """Exponential decay: lr · e^(−k·step).

    The rates of all steps to come add up to lr / k or so: what lies further away than that times
    the gradient is never reached.

    step ≥ 0; lr > 0; lr_decay: k ≥ 0. Returns the rate; it falls forever.
    Raises TypeError for other types, ValueError for other ranges.

    >>> round(exponential(100, lr=0.1, lr_decay=0.01), 6)
    0.036788

    References: senior2013
    """
    t, lr, k = _step("exponential", step), _lr("exponential", lr), _decay("exponential", lr_decay)
    return lr * math.exp(-k * t)


def inverse_time(step: int, *, lr: float, lr_decay: float) -> float:
    """Inverse time decay: lr / (1 + k·step).

    Like 1/t, the classic rate, in the long run, without its huge first steps.

    step ≥ 0; lr > 0; lr_decay: k ≥ 0. Returns the rate; it falls forever.
    Raises TypeError for other types, ValueError for other ranges.

    >>> inverse_time(100, lr=0.1, lr_decay=0.01)
    0.05

    References: bottou2012
    """
    t, lr = _step("inverse_time", step), _lr("inverse_time", lr)
    return lr / (1 + _decay("inverse_time", lr_decay) * t)


def reciprocal(step: int, *, lr: float) -> float:
    """One over the number of the update: lr / t, t = step + 1.

    Robbins and Monro proved that noisy steps converge if their rates add up to infinity, and the
    squares of the rates do not. 1/t is the example.

    step ≥ 0; lr > 0. Returns the rate; it falls forever.
    Raises TypeError for other types, ValueError for other ranges.

    >>> [reciprocal(t, lr=1.0) for t in range(4)]
    [1.0, 0.5, 0.3333333333333333, 0.25]

    References: robbins1951
    """
    return _lr("reciprocal", lr) / (_step("reciprocal", step) + 1)


def sqrt_decay(step: int, *, lr: float, total: int) -> float:
    """Square root decay: lr · √(1 − step / total), slow at first and fast at the end.

    step ≥ 0; lr > 0; total ≥ 1 steps. Returns the rate: 0 from step `total` on.
    Raises TypeError for other types, ValueError for other ranges.

    >>> sqrt_decay(75, lr=0.1, total=100)
    0.05

    References: mishkin2017
    """
    t, lr = _step("sqrt_decay", step), _lr("sqrt_decay", lr)
    total = _check.count("sqrt_decay", "total", total)
    return lr * math.sqrt(max(0.0, 1 - t / total))


def stagewise(step: int, *, stages: Sequence[tuple[float, int]]) -> float:
    """Two loops: an outer one over stages, and in it SGD at a constant rate for so many steps.

    Usually each stage has a smaller rate and more steps than the one before, such as half and
    twice as many: theory then gives a faster rate of convergence than one decay in one loop.

    step ≥ 0; stages: ((lr, steps), ...), one or more, lr > 0 and steps ≥ 1.
    Returns the rate of the stage that step is in; after the last one, still the last one's.
    Raises TypeError for other types, ValueError for other ranges.

    >>> [stagewise(t, stages=((1.0, 1), (0.5, 2))) for t in range(5)]
    [1.0, 0.5, 0.5, 0.5, 0.5]

    References: yuan2019
    """
    t, checked = _step("stagewise", step), _check.stages("stagewise", stages)
    for lr, steps in checked:
        if t < steps:
            return lr
        t -= steps
    return checked[-1][0]


def warmup(step: int, *, schedule: Callable[[int], float], warmup: int) -> float:
    """Warm-up for any schedule: in the first `warmup` steps, a growing part of its rate.

        schedule(step) · min(1, (step + 1) / (warmup + 1))

    So a constant rate rises in equal parts, of which step 0 gets one, and is there at step
    `warmup`. At first the loss is steep and bent, and a rate that is right later would throw the
    weights far away. The schedule counts on meanwhile: its own drops come when they would.

    step ≥ 0; schedule: a function step -> lr, lr ≥ 0; warmup ≥ 0 steps. Returns the rate.
    Raises TypeError for other types, ValueError for other ranges.

    >>> from functools import partial
    >>> [warmup(t, schedule=partial(constant, lr=1.0), warmup=3) for t in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]

    References: goyal2017
    """
    t = _step("warmup", step)
    _check.function("warmup", "schedule", schedule)
    rise = _check.count("warmup", "warmup", warmup, at_least=0) + 1
    lr = _check.in_range("warmup", "schedule(step)", schedule(t), "[0, inf)")
    return lr * min(1.0, (t + 1) / rise)


def cosine(step: int, *, total: int, warmup: int = 0, lr_max: float, lr_min: float = 0.0) -> float:
    """Half a cosine: from lr_max down to lr_min in `total` steps, `warmup` of them upwards.

        step < warmup:  lr_max · (step + 1) / (warmup + 1)
        then:           lr_min + (lr_max − lr_min) · (1 + cos πs) / 2,
                        s = (step − warmup) / (total − warmup)

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
    if t < warmup:
        return lr_max * (t + 1) / (warmup + 1)
    return _half_cosine(min(1.0, (t - warmup) / (total - warmup)), lr_min, lr_max)


def cosine_restarts(
    step: int, *, period: int, growth: int = 1, lr_max: float, lr_min: float = 0.0
) -> float:
    """SGDR: a cosine from lr_max down towards lr_min, again and again, each time from the top.

    A restart throws the weights out of where they settled; the best of them, at the end of each
    period, are good members of an ensemble.

    step ≥ 0; period ≥ 1, the steps until the first restart; growth ≥ 1: each period is so many
    times as long as the one before; lr_max > 0; lr_min in [0, lr_max].
    Returns the rate; it goes on forever.
    Raises TypeError for other types, ValueError for other ranges.

    >>> [round(cosine_restarts(t, period=2, growth=2, lr_max=1.0), 4) for t in range(7)]
    [1.0, 0.5, 1.0, 0.8536, 0.5, 0.1464, 1.0]

    References: loshchilov2017
    """
    t = _step("cosine_restarts", step)
    period = _check.count("cosine_restarts", "period", period)
    growth = _check.count("cosine_restarts", "growth", growth)
    lr_min, lr_max = _check.lr_bounds("cosine_restarts", lr_min, lr_max)
    if growth == 1:
        t %= period  # all periods at once; the loop is quick only where they grow
    while t >= period:
        t, period = t - period, period * growth
    return _half_cosine(t / period, lr_min, lr_max)


def cyclical(step: int, *, period: int, lr_max: float, lr_min: float = 0.0) -> float:
    """Triangles: up from lr_min to lr_max in half a period, down again in the other half.

    step ≥ 0; period ≥ 1 steps, up and down; lr_max > 0; lr_min in [0, lr_max].
    Returns the rate; it goes on forever.
    Raises TypeError for other types, ValueError for other ranges.

    >>> [cyclical(t, period=4, lr_max=1.0) for t in range(6)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.5]

    References: smith2017
    """
    t, period = _step("cyclical", step), _check.count("cyclical", "period", period)
    lr_min, lr_max = _check.lr_bounds("cyclical", lr_min, lr_max)
    place = t % period / period
    return lr_min + (lr_max - lr_min) * (1 - abs(2 * place - 1))


def _half_cosine(s: float, lr_min: float, lr_max: float) -> float:
    """Fall from lr_max at s = 0 to lr_min at s = 1; exact at both ends."""
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * s)) / 2


def _step(op: str, step: object) -> int:
    return _check.count(op, "step", step, at_least=0)


def _lr(op: str, lr: object) -> float:
    return _check.in_range(op, "lr", lr, "(0, inf)")


def _decay(op: str, lr_decay: object) -> float:
    return _check.in_range(op, "lr_decay", lr_decay, "[0, inf)")
