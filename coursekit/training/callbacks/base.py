"""What a callback is: something that the Trainer tells what happens."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coursekit.training.run import Run

Record = dict[str, Any]


class Stop(Exception):
    """Raised by a callback to end a run early; its text says why."""


class Callback:
    """Something that the Trainer tells what happens. Override what you need; all do nothing here.

    To end the run, raise `Stop("why")` from `on_step` or `on_epoch`. A callback that remembers
    something from step to step gives it back in `state`, so that a run can be resumed. One that
    measures something writes it into the record, which the history keeps: a record of `on_step`
    is forgotten, a record of `on_epoch` becomes a row.

    >>> class Printer(Callback):
    ...     def on_epoch(self, record):
    ...         print(record["epoch"], record["validation_accuracy"])
    """

    def on_start(self, run: "Run") -> None:
        """A run begins, or goes on where a checkpoint ended.

        `run` has `model` (params, grads, ...), `settings` (the Trainer), `train` and `validation`
        (data sets), `total_steps`, `epoch` and `step`, live.
        """

    def on_step(self, record: Record) -> None:
        """One update is done; the record has epoch, step, loss and lr."""

    def on_epoch(self, record: Record) -> None:
        """One pass over the data is done; the record is a row of the history."""

    def on_end(self) -> None:
        """The run is over: complete, stopped or failed. The last callback hears it first."""

    def state(self) -> Any:
        """All that a resumed run needs: numbers, strings, arrays, lists and dicts of them."""
        return None

    def load_state(self, state: Any) -> None:
        """Go on from what `state` returned."""
