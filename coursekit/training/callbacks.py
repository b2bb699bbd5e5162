"""What can watch a run: its history, a progress bar, and a guard that stops it when it diverges."""

import math
from typing import Any

import numpy as np

Record = dict[str, Any]


class Stop(Exception):
    """Raised by a callback to end a run early; its text says why."""


class Callback:
    """Something that the Trainer tells what happens. Override what you need; all do nothing here.

    To end the run, raise `Stop("why")` from `on_step` or `on_epoch`.

    >>> class Printer(Callback):
    ...     def on_epoch(self, record):
    ...         print(record["epoch"], record["validation_accuracy"])
    """

    def on_start(self, total_steps: int) -> None:
        """A run of so many steps begins."""

    def on_step(self, record: Record) -> None:
        """One update is done; the record has epoch, step, loss and lr."""

    def on_epoch(self, record: Record) -> None:
        """One pass over the data is done; the record is a row of the history."""

    def on_end(self) -> None:
        """The run is over, whether complete, stopped or failed."""


class History(Callback):
    """The run as a tidy table: `records` has one row, a dict, for each epoch.

    Columns: epoch (from 1), step (updates so far), lr (of the last step), loss (the mean over the
    epoch's batches, with its penalty), and in evaluation mode, without the penalty: train_loss,
    train_accuracy, validation_loss, validation_accuracy. `stopped` says why a run ended early,
    or is None. `pandas.DataFrame(history.records)` works.

    >>> history = History()
    >>> history.on_epoch({"epoch": 1, "loss": 2.3})
    >>> history.on_epoch({"epoch": 2, "loss": 1.9})
    >>> history.column("loss"), history.best("loss", smallest=True)
    (array([2.3, 1.9]), 1.9)
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.stopped: str | None = None

    def on_epoch(self, record: Record) -> None:
        """Keep the row."""
        self.records.append(record)

    def column(self, name: str) -> np.ndarray:
        """One column over the epochs: (E,). Raises KeyError, naming the columns there are."""
        known = list(self.records[0]) if self.records else []
        if name not in known:
            raise KeyError(
                f"History.column: no column {name!r}. "
                f"Expected one of {known}, after {len(self.records)} epochs."
            )
        return np.array([record[name] for record in self.records])

    def best(self, name: str, *, smallest: bool = False) -> float:
        """The largest value of a column over the epochs, or the smallest."""
        column = self.column(name)
        return float(column.min() if smallest else column.max())


class ProgressBar(Callback):
    """A tqdm bar over the steps, with loss and accuracies after each epoch. Needs tqdm."""

    def on_start(self, total_steps: int) -> None:
        """Open the bar."""
        from tqdm.auto import tqdm

        self.bar = tqdm(total=total_steps, unit="step")

    def on_step(self, record: Record) -> None:
        """Move the bar."""
        self.bar.update()

    def on_epoch(self, record: Record) -> None:
        """Show how well it goes."""
        shown = ("loss", "train_accuracy", "validation_accuracy")
        self.bar.set_postfix({name: f"{record[name]:.3f}" for name in shown})

    def on_end(self) -> None:
        """Close the bar."""
        self.bar.close()


class DivergenceGuard(Callback):
    """Stop a run whose loss is not finite, or larger than `factor` times the first loss.

    A loss that grows so much does not come back: better to stop and try a smaller step.

    factor > 1. Raises ValueError otherwise.

    >>> guard = DivergenceGuard()
    >>> guard.on_start(100)
    >>> guard.on_step({"step": 1, "loss": 2.3, "lr": 10.0})
    >>> guard.on_step({"step": 2, "loss": 81.0, "lr": 10.0})
    Traceback (most recent call last):
    coursekit.training.callbacks.Stop: The loss went from 2.3 to 81 by step 2: the run diverges, \
so try a smaller learning rate than 10.
    """

    def __init__(self, *, factor: float = 3.0) -> None:
        if not factor > 1:
            raise ValueError(
                f"DivergenceGuard: factor is out of range. Expected factor > 1, got {factor}."
            )
        self.factor = factor

    def on_start(self, total_steps: int) -> None:
        """Forget the run before."""
        self.first: float | None = None

    def on_step(self, record: Record) -> None:
        """Raise Stop if the loss is out of bounds."""
        loss = record["loss"]
        first = self.first = loss if self.first is None else self.first
        if diverges(loss, first=first, factor=self.factor):
            raise Stop(
                f"The loss went from {first:.3g} to {loss:.3g} by step {record['step']}: "
                f"the run diverges, so try a smaller learning rate than {record['lr']:.3g}."
            )


def diverges(loss: float, *, first: float, factor: float = 3.0) -> bool:
    """Whether a loss is not finite, or larger than `factor` times the first one.

    >>> diverges(6.0, first=2.3), diverges(7.0, first=2.3), diverges(float("nan"), first=2.3)
    (False, True, True)
    """
    return not math.isfinite(loss) or loss > factor * first
