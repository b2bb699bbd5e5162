"""What single steps show: how large gradients are, and how far weights move."""

from typing import TYPE_CHECKING, Any

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.training.callbacks.base import Record
from coursekit.training.callbacks.columns import Columns
from coursekit.training.model import Arrays

if TYPE_CHECKING:
    from coursekit.training.run import Run


class StepColumns(Columns):
    """Measures steps 1, 1 + every, 1 + 2·every, ...; a column is their mean over the epoch.

    An epoch in which no step is measured repeats the columns of the one before.
    Override `measure`. every ≥ 1; raises TypeError or ValueError otherwise.
    """

    def __init__(self, *, every: int = 1) -> None:
        super().__init__()
        self.every = _check.count(type(self).__name__, "every", every)

    def measure(self) -> Record:
        """The columns of the step that was just made."""
        raise NotImplementedError(f"{type(self).__name__} defines no measure.")

    def on_start(self, run: "Run") -> None:
        """Forget the run before."""
        self.run = run
        self.columns, self.sums, self.count = {}, {}, 0

    def on_step(self, record: Record) -> None:
        """Measure, if it is time."""
        if (record["step"] - 1) % self.every == 0:
            for name, value in self.measure().items():
                self.sums[name] = self.sums.get(name, 0.0) + value
            self.count += 1

    def measured(self) -> Record:
        """The means over the epoch."""
        if not self.count:
            return self.columns
        means = {name: total / self.count for name, total in self.sums.items()}
        self.sums, self.count = {}, 0
        return means

    def state(self) -> Any:
        """The columns, and what makes the next ones."""
        return {**super().state(), "sums": self.sums, "count": self.count}

    def load_state(self, state: Any) -> None:
        """Go on from there."""
        super().load_state(state)
        self.sums, self.count = state["sums"], state["count"]

    def _weights(self, arrays: Arrays) -> Arrays:
        """Those of the arrays that belong to weights, not to biases, scales or shifts."""
        is_weight, params = self.run.settings.is_weight, self.run.model.params
        return {name: arrays[name] for name, w in params.items() if is_weight(name, w)}


class UpdateRatio(StepColumns):
    """How far a step moves the weights, measured by their size: about 1e-3 in a healthy run.

        ratio = ‖Δw‖ / ‖w‖        with w after the step

    A good run often begins well above and comes down to it, within a factor of five. Much less,
    and the learning rate is too small; much more, and it is too large. Columns:
    `update_ratio/NAME` for each weight, and `update_ratio`, their median, without those that do
    not move at all. It includes what momentum, decay and constraints do to w.

    every ≥ 1: measures one step in so many, which needs a copy of the weights from the step
    before, and a column is the mean over the epoch.
    Raises TypeError or ValueError for another `every`.

    >>> from coursekit.data import digits
    >>> from coursekit.numpy_ref import Linear
    >>> from coursekit.training import Trainer
    >>> line = Linear(64, 10, rng=np.random.default_rng(0))
    >>> ratio = UpdateRatio(every=5)
    >>> trainer = Trainer(line, lr=0.01, batch_size=50, epochs=4, callbacks=[ratio])
    >>> history = trainer.fit(digits("train"))
    >>> float(history.column("update_ratio/weight")[-1].round(4))
    0.0016

    References: li2016
    """

    before: Arrays | None = None  # the weights, if the next step is to be measured

    def on_start(self, run: "Run") -> None:
        """Keep the weights: the first step is measured."""
        super().on_start(run)
        self.before = self._copies()

    def on_step(self, record: Record) -> None:
        """Measure if it is time, and keep the weights if it will be."""
        super().on_step(record)
        self.before = self._copies() if record["step"] % self.every == 0 else None

    def measure(self) -> Record:
        """The ratios of this step."""
        after, before = self.run.model.params, self.before or {}
        ratios = {name: _ratio(w, after[name]) for name, w in before.items()}
        moving = [ratio for ratio in ratios.values() if ratio] or [0.0]
        columns = {f"update_ratio/{name}": ratio for name, ratio in ratios.items()}
        return {"update_ratio": float(np.median(moving)), **columns}

    def state(self) -> Any:
        """The columns, what makes the next ones, and the kept weights."""
        return {**super().state(), "before": self.before}

    def load_state(self, state: Any) -> None:
        """Go on from there."""
        super().load_state(state)
        self.before = state["before"]

    def _copies(self) -> Arrays:
        return {name: w.copy() for name, w in self._weights(self.run.model.params).items()}


class GradientStats(StepColumns):
    """How large the gradients are, layer by layer: do they vanish or explode on their way back?

    Columns: `gradient_norm/NAME`, ‖∂loss/∂w‖, and `gradient_std/NAME`, the standard deviation of
    its values, for each weight; `gradient_norm`, that of all parameters together. They belong to
    the loss of the batch; a penalty is not in it, unless a `torch.optim` class applies it.

    every ≥ 1: measures one step in so many; a column is the mean over the epoch.
    Raises TypeError or ValueError for another `every`.

    >>> from coursekit.data import digits
    >>> from coursekit.numpy_ref import Linear, Sequential, Sigmoid
    >>> from coursekit.training import Trainer
    >>> rng = np.random.default_rng(0)
    >>> layers = [Linear(64, 20, rng=rng), Sigmoid(), Linear(20, 20, rng=rng), Sigmoid()]
    >>> net, stats = Sequential(*layers, Linear(20, 10, rng=rng)), GradientStats()
    >>> history = Trainer(net, epochs=1, callbacks=[stats]).fit(digits("train"))
    >>> print(stats.table())
              gradient_norm  gradient_std
    0.weight          0.205       0.00537
    2.weight          0.404        0.0186
    4.weight          0.952        0.0673
    all                1.14

    References: glorot2010
    """

    def measure(self) -> Record:
        """Norms and deviations of this step's gradients."""
        grads = self.run.model.grads
        norms = {name: float(np.linalg.norm(dw)) for name, dw in grads.items()}
        columns: Record = {"gradient_norm": float(np.linalg.norm(list(norms.values())))}
        for name, dw in self._weights(grads).items():
            columns[f"gradient_norm/{name}"] = norms[name]
            columns[f"gradient_std/{name}"] = float(dw.std())
        return columns


def _ratio(before: np.ndarray, after: np.ndarray) -> float:
    """‖after − before‖ / ‖after‖; 0 where nothing moves, 1 where all is gone."""
    change, size = float(np.linalg.norm(after - before)), float(np.linalg.norm(after))
    return change / (size or change or 1.0)
