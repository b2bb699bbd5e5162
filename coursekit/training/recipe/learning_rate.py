"""Step four: a learning rate that makes the loss fall within about a hundred iterations."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import _check, sgd
from coursekit.training.callbacks import Callback, DivergenceGuard, Record
from coursekit.training.evaluate import Loss, cross_entropy
from coursekit.training.recipe.borrow import borrowed
from coursekit.training.recipe.verdict import Verdict
from coursekit.training.trainer import Penalty, Trainer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLEAR = 0.05  # the loss must fall by this share of its start, else the rates are no use
WINDOW = 20  # a loss is averaged with a twentieth of all losses on either side


@dataclass(frozen=True)
class LrCurve(Verdict):
    """What `find_lr` and `try_lrs` found: rates lrs, the losses they gave, and the lr to try.

    losses are smoothed; lr is NaN if none can be recommended.
    """

    lr: float = math.nan
    lrs: np.ndarray = field(default_factory=lambda: np.array([]), repr=False, compare=False)
    losses: np.ndarray = field(default_factory=lambda: np.array([]), repr=False, compare=False)

    def plot(self) -> "Figure":
        """The loss over the learning rate, on a logarithmic axis, the lr to try marked."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.add_subplot(xscale="log", xlabel="learning rate", ylabel="loss")
        axes.plot(self.lrs, self.losses, marker="." if len(self.lrs) < 20 else None)
        if math.isfinite(self.lr):
            axes.axvline(self.lr, color="#CC3311", linestyle="--", label=f"lr = {self.lr:.2g}")
            axes.legend()
        return figure


def find_lr(
    net: Any,
    data: Dataset,
    *,
    low: float = 1e-5,
    high: float = 1e-1,
    iterations: int = 100,
    batch_size: int = 50,
    update: Any = sgd,
    loss: Loss = cross_entropy,
    penalty: Penalty | None = None,
    seed: int = 0,
) -> LrCurve:
    """The range test: one short run in which every iteration has a larger learning rate.

        lrᵢ = low · (high / low)^(i / (iterations − 1)),   i = 0 ... iterations − 1

    At first nothing happens, then the loss falls, then it goes up or diverges, which ends the
    test. The lr to try is that at which the smoothed loss falls fastest over log lr. If the loss
    still falls at the end, it is the last one, and the verdict says that better ones may follow.

    net: left as it is; data: the training set; 0 < low < high; iterations ≥ 20; the others as in
    `Trainer`. Returns an LrCurve, a verdict with lr, lrs and losses.
    Raises ValueError or TypeError for arguments that make no sense.

    >>> from coursekit.data import digits
    >>> from coursekit.numpy_ref import Linear, ReLU, Sequential
    >>> rng = np.random.default_rng(0)
    >>> net = Sequential(Linear(64, 50, rng=rng), ReLU(), Linear(50, 10, rng=rng))
    >>> curve = find_lr(net, digits("train"), high=100.0)
    >>> curve.ok, 0.1 < curve.lr < 1
    (True, True)

    References: smith2017
    """
    high = _check.in_range("find_lr", "high", high, "(0, inf)")
    low = _check.in_range("find_lr", "low", low, f"(0, {high})")
    iterations = _check.count("find_lr", "iterations", iterations, at_least=20)

    def lr(step: int) -> float:
        return low * (high / low) ** (step / (iterations - 1))

    settings = {"update": update, "loss": loss, "penalty": penalty, "seed": seed}
    run = _short_run(net, data, lr, iterations, batch_size=batch_size, **settings)
    lrs, losses = np.array(run.lrs), smoothed(np.array(run.losses), iterations // WINDOW)
    return _judged(lrs, losses, diverged=len(lrs) < iterations)


def try_lrs(
    net: Any,
    data: Dataset,
    *,
    lrs: Sequence[float] = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5),
    iterations: int = 100,
    batch_size: int = 50,
    update: Any = sgd,
    loss: Loss = cross_entropy,
    penalty: Penalty | None = None,
    seed: int = 0,
) -> LrCurve:
    """A short run with each of a few learning rates, from the same weights; the lowest loss wins.

    The loss of a run is the mean over the last tenth of its iterations, infinite if it diverged.

    Arguments as for `find_lr`; lrs: two or more, all > 0. Returns an LrCurve; it is not ok if the
    best rate is the largest or the smallest, since better ones may lie beyond.
    Raises ValueError or TypeError for arguments that make no sense.

    >>> from coursekit.data import digits
    >>> from coursekit.numpy_ref import Linear, ReLU, Sequential
    >>> rng = np.random.default_rng(0)
    >>> net = Sequential(Linear(64, 50, rng=rng), ReLU(), Linear(50, 10, rng=rng))
    >>> print(try_lrs(net, digits("train"), lrs=(10, 1, 0.1, 0.01)))
    Good: The loss is lowest with lr = 1: 2.1 at 0.01, 0.676 at 0.1, 0.153 at 1, inf at 10.
    """
    rates = np.sort([_check.in_range("try_lrs", "lrs", lr, "(0, inf)") for lr in lrs])
    _check.count("try_lrs", "the number of lrs", len(rates), at_least=2)
    iterations = _check.count("try_lrs", "iterations", iterations, at_least=20)
    settings = {"update": update, "loss": loss, "penalty": penalty, "seed": seed}
    settings["batch_size"] = batch_size
    runs = [_short_run(net, data, float(lr), iterations, **settings) for lr in rates]
    last = iterations // 10
    losses = [
        np.mean(run.losses[-last:]) if len(run.losses) == iterations else np.inf for run in runs
    ]
    return _compared(rates, np.array(losses))


def _compared(rates: np.ndarray, losses: np.ndarray) -> LrCurve:
    """The verdict on a few rates."""
    best, found = int(np.argmin(losses)), dict[str, Any](lrs=rates, losses=losses)
    values = dict(zip(rates.tolist(), losses.tolist(), strict=True))
    if not np.isfinite(losses[best]):
        return LrCurve(False, "All runs diverge: try smaller rates.", values, **found)
    others = ", ".join(f"{loss:.3g} at {lr:g}" for lr, loss in values.items())
    reason = f"The loss is lowest with lr = {rates[best]:g}: {others}."
    edges = {0: "smaller", len(rates) - 1: "larger"}
    if best in edges:
        reason += f" Better ones may lie beyond: try {edges[best]} rates too."
    return LrCurve(best not in edges, reason, values, lr=float(rates[best]), **found)


def _judged(lrs: np.ndarray, losses: np.ndarray, *, diverged: bool) -> LrCurve:
    """The verdict on a range test."""
    found: dict[str, Any] = {"lrs": lrs, "losses": losses}
    lowest = int(np.argmin(losses)) if len(losses) else 0
    if lowest < 2 or losses[lowest] > (1 - CLEAR) * losses[0]:
        return LrCurve(False, _no_use(lrs, diverged), **found)
    ends = {"lowest": float(lrs[lowest])}
    if not diverged and losses[-1] < (1 + CLEAR) * losses[lowest]:
        reason = f"The loss still falls at {lrs[-1]:.2g}: try a larger high."
        return LrCurve(False, reason, ends, lr=float(lrs[lowest]), **found)
    slopes = np.gradient(losses[: lowest + 1], np.log10(lrs[: lowest + 1]))
    lr = float(lrs[np.argmin(slopes)])
    after = f"diverges at {lrs[-1]:.2g}" if diverged else "rises again"
    reason = f"The loss falls fastest near lr = {lr:.2g}, is lowest at {lrs[lowest]:.2g}, and "
    return LrCurve(True, f"{reason}{after}.", {"lr": lr, **ends}, lr=lr, **found)


def _no_use(lrs: np.ndarray, diverged: bool) -> str:
    if diverged:
        at = f" at {lrs[-1]:.2g}" if len(lrs) else ""
        return f"The loss never falls before it diverges{at}: try a smaller low."
    return f"The loss hardly falls up to lr = {lrs[-1]:.2g}: try a larger high, then other weights."


class _Recorder(Callback):
    """Keep lr and loss of every iteration."""

    def __init__(self) -> None:
        self.lrs: list[float] = []
        self.losses: list[float] = []

    def on_step(self, record: Record) -> None:
        if np.isfinite(record["loss"]):
            self.lrs.append(record["lr"])
            self.losses.append(record["loss"])


def _short_run(
    net: Any, data: Dataset, lr: float | Callable[[int], float], steps: int, **settings: Any
) -> _Recorder:
    """Train for so many steps, or until the run diverges, on a borrowed network."""
    recorder = _Recorder()
    with borrowed(net):
        callbacks = (recorder, DivergenceGuard())
        settings |= {"callbacks": callbacks, "train_sample": 1, "steps": steps, "lr": lr}
        Trainer(net, **settings).fit(data)
    return recorder


def smoothed(losses: np.ndarray, width: int) -> np.ndarray:
    """The mean of each value and its neighbours, `width` on either side; fewer at the ends.

    >>> smoothed(np.array([0.0, 0.0, 3.0, 0.0, 0.0]), 1)
    array([0., 1., 1., 1., 0.])
    """
    places = range(len(losses))
    return np.array([losses[max(0, i - width) : i + width + 1].mean() for i in places])
