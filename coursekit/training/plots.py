"""Figures of a run: its curves, and what callbacks measured in each layer."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coursekit.explore.picture import BLUE, INK, RED

if TYPE_CHECKING:
    from coursekit.training.callbacks import History

# Told apart by colour, by line and by their names in the legend.
SPLITS = {
    "train": {"color": BLUE, "linestyle": "-"},
    "validation": {"color": RED, "linestyle": "--"},
}


def plot_history(history: "History", *, log: bool = False) -> Figure:
    """Loss and accuracy by epoch, for training and validation.

    A column that was not measured, such as the accuracy of a regression, is left out.
    log: whether the loss has a logarithmic axis, on which exponential decay is a straight line.
    Returns a matplotlib Figure, unknown to pyplot. Raises ValueError before the first epoch.

    >>> from coursekit.training import History
    >>> history = History()
    >>> history.on_epoch({"epoch": 1, "train_loss": 2.3, "train_accuracy": 0.1})
    >>> [axes.get_ylabel() for axes in plot_history(history).axes]
    ['loss', 'accuracy']
    """
    _check_begun("plot_history", history)
    kinds = [kind for kind in ("loss", "accuracy") if _curves(history, kind)] or ["loss"]
    figure = Figure(figsize=(4.8 * len(kinds), 3.2), layout="constrained")
    for position, kind in enumerate(kinds, start=1):
        axes = _axes(figure, (1, len(kinds), position), kind)
        for split, curve in _curves(history, kind).items():
            _line(axes, history, curve, label=split, **SPLITS[split])
        if kind == "loss" and log:
            _log(axes)
    return figure


def plot_layers(history: "History", what: str, *, log: bool = False) -> Figure:
    """What a callback measured, by epoch: one line for each column `what/LAYER`.

    The first layers are dark, the last ones light.
    what: such as "update_ratio", "gradient_norm", "activation_std", "dead_units"; log: whether
    the axis is logarithmic.
    Returns a matplotlib Figure, unknown to pyplot.
    Raises ValueError before the first epoch, KeyError if there is no such column.

    >>> from coursekit.training import History
    >>> history = History()
    >>> history.on_epoch({"epoch": 1, "dead_units/1": 3, "dead_units/3": 0})
    >>> len(plot_layers(history, "dead_units").axes[0].lines)
    2
    """
    from matplotlib import colormaps

    _check_begun("plot_layers", history)
    columns = [name for name in history.names() if name.startswith(f"{what}/")]
    if not columns:
        known = sorted({name.split("/")[0] for name in history.names() if "/" in name})
        raise KeyError(f"plot_layers: no column '{what}/...'. Expected one of {known}.")
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = _axes(figure, (1, 1, 1), what.replace("_", " "))
    for place, column in zip(np.linspace(0, 0.85, len(columns)), columns, strict=True):
        layer = column.removeprefix(f"{what}/")
        _line(axes, history, history.column(column), label=layer, color=colormaps["viridis"](place))
    axes.legend(frameon=False, bbox_to_anchor=(1, 1), loc="upper left")
    if log:
        _log(axes)
    return figure


def _check_begun(op: str, history: "History") -> None:
    if not hasattr(history, "records"):
        got = type(history).__name__
        raise TypeError(f"{op}: this is no history. Expected what Trainer.fit returned, got {got}.")
    if not history.records:
        raise ValueError(f"{op}: there is nothing to draw. Expected one epoch or more, got none.")


def _curves(history: "History", kind: str) -> dict[str, np.ndarray]:
    """The columns of a kind that have numbers in them: split -> (E,)."""
    names = {split: f"{split}_{kind}" for split in SPLITS}
    known = {s: history.column(name) for s, name in names.items() if name in history.names()}
    return {split: curve for split, curve in known.items() if np.isfinite(curve).any()}


def _axes(figure: Figure, place: tuple[int, int, int], ylabel: str) -> Axes:
    axes = figure.add_subplot(*place)
    axes.set_xlabel("epoch", color=INK)
    axes.set_ylabel(ylabel, color=INK)
    axes.tick_params(colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return axes


def _line(axes: Axes, history: "History", curve: np.ndarray, **style) -> None:
    """A line over the epochs; a lonely point is a dot. The legend grows with it."""
    axes.plot(history.column("epoch"), curve, marker="." if len(curve) < 20 else "", **style)
    axes.legend(frameon=False)


def _log(axes: Axes) -> None:
    """Make the axis logarithmic, if it has anything that a logarithmic axis can show."""
    curves = [np.asarray(line.get_ydata()) for line in axes.lines]
    if any((np.isfinite(curve) & (curve > 0)).any() for curve in curves):
        axes.set_yscale("log", nonpositive="mask")
