"""What ends a run before its time: divergence, and no more progress."""

import math
from collections import deque
from typing import TYPE_CHECKING, Any

from coursekit.numpy_ref import _check
from coursekit.training.callbacks.base import Callback, Record, Stop
from coursekit.training.model import copies

if TYPE_CHECKING:
    from coursekit.training.run import Run

EXAMPLES = 10  # as many losses make a mean that can be trusted


class DivergenceGuard(Callback):
    """Stop a run whose loss is not finite, or larger than `factor` times the first loss.

    A loss that grows so much does not come back: better to stop and try a smaller step. The loss
    of one or two examples says little, though: where batches are small, it is the mean over as
    many of them as make 10 examples, at the beginning and now.

    factor > 1. Raises ValueError otherwise.

    >>> guard = DivergenceGuard()
    >>> guard.on_step({"step": 1, "loss": 2.3, "lr": 10.0})
    >>> guard.on_step({"step": 2, "loss": 81.0, "lr": 10.0})
    Traceback (most recent call last):
    coursekit.training.callbacks.base.Stop: The loss went from 2.3 to 81 by step 2: the run \
diverges, so try a smaller learning rate than 10.
    """

    def __init__(self, *, factor: float = 3.0) -> None:
        self.factor = _check.in_range("DivergenceGuard", "factor", factor, "(1, inf)")
        self._watch(1)

    def on_start(self, run: "Run") -> None:
        """Forget the run before."""
        self._watch(math.ceil(EXAMPLES / run.batch_size))

    def on_step(self, record: Record) -> None:
        """Raise Stop if the loss is out of bounds."""
        loss, limit = record["loss"], self.factor * (self.first or 0.0)
        if limit and self.recent.maxlen == 1 and -math.inf < loss <= limit:
            return  # most steps, and there are many
        self.recent.append(loss)
        loss = sum(self.recent) / len(self.recent)
        if math.isfinite(loss) and len(self.recent) < (self.recent.maxlen or 1):
            return
        first = self.first = loss if self.first is None else self.first
        if not math.isfinite(first):
            raise Stop(
                f"The loss is {first} from the first step on: look for NaN or infinity in the "
                "data and in the initial weights."
            )
        if diverges(loss, first=first, factor=self.factor):
            raise Stop(
                f"The loss went from {first:.3g} to {loss:.3g} by step {record['step']}: "
                f"the run diverges, so try a smaller learning rate than {record['lr']:.3g}."
            )

    def state(self) -> Any:
        """The first loss, and the last ones."""
        return {"first": self.first, "recent": list(self.recent)}

    def load_state(self, state: Any) -> None:
        """Go on from these."""
        self.first = state["first"]
        self.recent.extend(state["recent"])

    def _watch(self, batches: int) -> None:
        self.first: float | None = None
        self.recent: deque[float] = deque(maxlen=batches)


def diverges(loss: float, *, first: float, factor: float = 3.0) -> bool:
    """Whether a loss is not finite, or larger than `factor` times the first one, if that is > 0.

    >>> diverges(6.0, first=2.3), diverges(7.0, first=2.3), diverges(float("nan"), first=2.3)
    (False, True, True)
    """
    return not math.isfinite(loss) or loss > factor * first > 0


class EarlyStopping(Callback):
    """Stop when a column of the history has not improved for `patience` epochs.

    Improved means: better than the best so far by more than `min_delta`. What grows from better
    to worse, such as a loss, is asked for by `smallest=True`. `best_epoch` and `best` say where
    and how good the best was; with `restore=True` the network ends with its weights.

    patience ≥ 1, min_delta ≥ 0. Raises ValueError otherwise, KeyError if there is no such column.

    >>> stopping = EarlyStopping("validation_accuracy", patience=2, restore=False)
    >>> stopping.on_epoch({"epoch": 1, "validation_accuracy": 0.9})
    >>> stopping.on_epoch({"epoch": 2, "validation_accuracy": 0.8})
    >>> stopping.on_epoch({"epoch": 3, "validation_accuracy": 0.9})
    Traceback (most recent call last):
    coursekit.training.callbacks.base.Stop: validation_accuracy has not improved on 0.9 of epoch 1 \
for 2 epochs.

    References: prechelt1998
    """

    def __init__(
        self,
        column: str = "validation_loss",
        *,
        patience: int = 5,
        min_delta: float = 0.0,
        smallest: bool | None = None,
        restore: bool = True,
    ) -> None:
        self.column = column
        self.patience = _check.count("EarlyStopping", "patience", patience)
        self.min_delta = _check.in_range("EarlyStopping", "min_delta", min_delta, "[0, inf)")
        self.smallest = str(column).endswith("loss") if smallest is None else smallest
        self.restore = restore
        self._model: Any = None
        self._forget()

    def on_start(self, run: "Run") -> None:
        """Forget the run before."""
        self._model = run.model if self.restore else None
        self._forget()

    def on_epoch(self, record: Record) -> None:
        """Keep what is better; raise Stop after `patience` epochs without."""
        if self.column not in record:
            raise KeyError(
                f"EarlyStopping: no column {self.column!r}. Expected one of {list(record)}."
            )
        value, sign = record[self.column], -1 if self.smallest else 1
        first = self.best is None or math.isnan(self.best)
        if first or sign * (value - self.best) > self.min_delta:
            self.best, self.best_epoch = value, record["epoch"]
            if self._model is not None:
                self.weights = copies(self._model)
        elif record["epoch"] - self.best_epoch >= self.patience:
            raise Stop(
                f"{self.column} has not improved on {self.best:.4g} of epoch {self.best_epoch} "
                f"for {self.patience} epochs."
            )

    def on_end(self) -> None:
        """Put the best weights back."""
        if self._model is not None and self.weights is not None:
            self._model.load(self.weights["params"], self.weights["buffers"])

    def state(self) -> Any:
        """The best so far."""
        return {"best": self.best, "best_epoch": self.best_epoch, "weights": self.weights}

    def load_state(self, state: Any) -> None:
        """Go on from this best."""
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.weights = state["weights"]

    def _forget(self) -> None:
        self.best: float | None = None
        self.best_epoch = 0
        self.weights: dict[str, Any] | None = None
