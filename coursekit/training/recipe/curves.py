"""The figures by which the curves of a run are judged."""

from dataclasses import dataclass

import numpy as np

from coursekit.training.callbacks import History

TINY = 1e-12  # instead of a zero in a denominator


@dataclass(frozen=True)
class Curves:
    """The columns of a history that tell how a run went; None for those it does not have.

    loss: mean over each epoch's batches; train, validation: the losses after each epoch;
    train_accuracy, validation_accuracy; all (E,). In the comments, end means the last third.

    >>> slow = np.linspace(2.0, 1.0, 9)  # a straight line
    >>> curves = Curves(slow, slow)
    >>> round(curves.drop, 2), round(curves.pace, 2), round(curves.wobble, 2)
    (0.44, 0.43, 0.0)
    """

    loss: np.ndarray
    train: np.ndarray
    validation: np.ndarray | None = None
    train_accuracy: np.ndarray | None = None
    validation_accuracy: np.ndarray | None = None

    @property
    def start(self) -> float:
        """The loss that the run came from.

        An epoch's mean loss lies above the loss after it, for the network learns meanwhile; but
        also because a penalty or dropout is in it, which the last epoch shows.
        """
        extra = max(self.loss[-1] - self.train[-1], 0.0)
        return float(max(self.loss[0] - extra, self.train[0]))

    @property
    def middle(self) -> float:
        """The mean train loss of the middle third."""
        return float(np.array_split(self.train, 3)[1].mean())

    @property
    def end(self) -> float:
        """The mean train loss of the end."""
        return end_of(self.train)

    @property
    def drop(self) -> float:
        """How far the train loss came down, as a share of where it started."""
        return (self.start - self.end) / max(self.start, TINY)

    @property
    def pace(self) -> float:
        """The share of the drop that came late, from the middle third to the end.

        A straight line has 0.4, a curve that falls steeply and then levels out nearly 0.
        """
        return (self.middle - self.end) / max(self.start - self.end, TINY)

    @property
    def late(self) -> np.ndarray:
        """The train losses without the first third, in which all runs are in motion."""
        return self.train[len(self.train) // 3 :]

    @property
    def falls(self) -> float:
        """The share of late epochs in which the train loss fell: 1 for a smooth descent."""
        return float(np.mean(np.diff(self.late) < 0))

    @property
    def wobble(self) -> float:
        """How far a late train loss lies from the mean of its two neighbours: the median.

        Nearly 0 for a smooth curve, about σ for one with noise of deviation σ.
        """
        late = self.late
        return float(np.median(np.abs(late[1:-1] - (late[:-2] + late[2:]) / 2)))

    @property
    def accuracy(self) -> float | None:
        """The train accuracy of the end."""
        return None if self.train_accuracy is None else end_of(self.train_accuracy)

    @property
    def gap(self) -> float | None:
        """Train accuracy less validation accuracy, at the end."""
        if self.accuracy is None or self.validation_accuracy is None:
            return None
        return self.accuracy - end_of(self.validation_accuracy)

    @property
    def rise(self) -> float | None:
        """How many times its earlier minimum the validation loss is at the end."""
        if self.validation is None:
            return None
        early = self.validation[: -len(self.validation) // 3]
        return end_of(self.validation) / max(float(early.min()), TINY)


def end_of(column: np.ndarray) -> float:
    """The mean of the last third."""
    return float(np.array_split(column, 3)[2].mean())


def read(history: History) -> Curves:
    """The curves of a history with at least one row; without train_loss, loss stands for it."""
    columns = {name: _numbers(history, name) for name in history.records[0]}
    train = columns.get("train_loss")
    loss = columns.get("loss", train)
    if loss is None:
        raise ValueError(
            "diagnose: the history has no loss. Expected a column 'loss' or 'train_loss', "
            f"got {list(columns)}."
        )
    others = ("validation_loss", "train_accuracy", "validation_accuracy")
    return Curves(loss, loss if train is None else train, *map(columns.get, others))


def _numbers(history: History, name: str) -> np.ndarray | None:
    """A column; None if it holds NaN only, as accuracies do in a regression."""
    column = np.array([record.get(name, np.nan) for record in history.records])
    numbers = column.dtype.kind in "fiu"
    is_loss = name.endswith("loss")
    return column.astype(float) if numbers and (is_loss or np.isfinite(column).all()) else None
