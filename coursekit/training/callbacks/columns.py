"""What measures something at each epoch: more columns for the history."""

from typing import Any

from coursekit.training.callbacks.base import Callback, Record


class Columns(Callback):
    """A callback that adds columns to the history: `what`, or `what/layer` for each layer.

    Override `measured`. `columns` are those of the last epoch, `table()` shows them.

    >>> class Depths(Columns):
    ...     def measured(self):
    ...         return {"depth": 2, "depth/first": 0.5, "width/first": 9, "depth/last": 1}
    >>> depths, record = Depths(), {"epoch": 1}
    >>> depths.on_epoch(record)
    >>> record["depth/last"]
    1
    >>> print(depths.table())
           depth  width
    first    0.5      9
    last       1
    all        2
    """

    def __init__(self) -> None:
        self.columns: Record = {}

    def measured(self) -> Record:
        """The columns of the epoch that is over."""
        raise NotImplementedError(f"{type(self).__name__} defines no measured.")

    def on_epoch(self, record: Record) -> None:
        """Add the columns to the record."""
        self.columns = self.measured()
        record.update(self.columns)

    def state(self) -> Any:
        """The columns."""
        return {"columns": self.columns}

    def load_state(self, state: Any) -> None:
        """Go on with these."""
        self.columns = state["columns"]

    def table(self) -> str:
        """The columns of the last epoch as text: a line for each layer; "all" is the network."""
        cells = {}
        for column, value in self.columns.items():
            what, _, layer = column.partition("/")
            cells[layer or "all", what] = str(value) if isinstance(value, int) else f"{value:.3g}"
        names = list(dict.fromkeys(what for _, what in cells))
        layers = sorted(dict.fromkeys(layer for layer, _ in cells), key="all".__eq__)
        rows = [["", *names]]
        rows += [[layer, *(cells.get((layer, what), "") for what in names)] for layer in layers]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
            for row in rows
        )
