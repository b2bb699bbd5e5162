"""The run as a table."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coursekit.training.callbacks.base import Callback, Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class History(Callback):
    """The run as a tidy table: `records` has one row, a dict, for each epoch.

    Columns: epoch (from 1), step (updates so far), lr (of the last step), loss (the mean over the
    epoch's batches, with its penalty), and in evaluation mode, without the penalty: train_loss,
    train_accuracy, validation_loss, validation_accuracy; then what callbacks measured. `stopped`
    says why a run ended early, or is None. `pandas.DataFrame(history.records)` works.

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

    def names(self) -> list[str]:
        """The names of all columns, in order of their first appearance."""
        return list(dict.fromkeys(name for record in self.records for name in record))

    def column(self, name: str) -> np.ndarray:
        """One column over the epochs: (E,), NaN where an epoch does not have it.

        Raises KeyError, naming the columns there are.
        """
        known = self.names()
        if name not in known:
            raise KeyError(
                f"History.column: no column {name!r}. "
                f"Expected one of {known}, after {len(self.records)} epochs."
            )
        return np.array([record.get(name, np.nan) for record in self.records])

    def best(self, name: str, *, smallest: bool = False) -> float:
        """The largest value of a column over the epochs, or the smallest; NaN is neither."""
        column = self.column(name)
        numbers = column[~np.isnan(column)]
        if not len(numbers):
            return float("nan")
        return float(numbers.min() if smallest else numbers.max())

    def plot(self, *, log: bool = False) -> "Figure":
        """Loss and accuracy by epoch: a matplotlib Figure. log: of the loss axis.

        Raises ValueError before the first epoch.
        """
        from coursekit.training.plots import plot_history

        return plot_history(self, log=log)

    def to_csv(self, path: str | Path) -> None:
        """Write the table to a file: a line of names, then a line for each epoch.

        Where an epoch does not have a column, nothing stands between the commas.
        """
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, self.names())
            table.writeheader()
            table.writerows(self.records)

    def state(self) -> Any:
        """The rows."""
        return {"records": [dict(record) for record in self.records]}

    def load_state(self, state: Any) -> None:
        """Go on with these rows."""
        self.records = state["records"]
