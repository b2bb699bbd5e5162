"""How dropout holds back overfitting, and how too much of it holds back learning."""

import functools

import numpy as np
from matplotlib.figure import Figure

from coursekit.data import Dataset, digits
from coursekit.explore.explorer import Control, Explorer, Values
from coursekit.explore.picture import BLUE, RED, figure_with_axes
from coursekit.explore.sweep import Sweep, sweep, two_layer_net

RATES = tuple(k / 10 for k in range(10))
EPOCHS = 60
SPLITS = [("validation", "validation", RED), ("train", "training", BLUE)]


def mislabelled_digits(n: int = 200, *, wrong: float = 0.2) -> Dataset:
    """The first n training digits, a fraction of them with a wrong label: something to overfit.

    >>> data = mislabelled_digits(50)
    >>> int((data.y != digits("train", n=50).y).sum())
    10
    """
    data, rng = digits("train", n=n), np.random.default_rng(0)
    y = data.y.copy()
    chosen = rng.permutation(n)[: round(wrong * n)]
    y[chosen] = (y[chosen] + rng.integers(1, 10, len(chosen))) % 10
    return Dataset(data.x, y, data.class_names, data.split)


@functools.cache
def runs() -> Sweep:
    """One run for each dropout rate."""
    return sweep(
        two_layer_net(64, 100, 10),
        mislabelled_digits(),
        digits("validation"),
        p=np.array(RATES),
        lr=0.05,
        momentum=0.9,
        epochs=EPOCHS,
        batch_size=50,
    )


def draw(values: Values) -> Figure:
    """Training and validation loss by epoch, at one dropout rate."""
    stop, curves = RATES.index(values["p"]), runs().curves
    figure, axes = figure_with_axes(
        title=f"dropout p = {values['p']:.1f}", xlabel="epoch", ylabel="loss, dropout off"
    )
    for line, (split, name, colour) in enumerate(SPLITS):
        loss, accuracy = (curves[f"{split}_{what}"][:, stop] for what in ("loss", "accuracy"))
        axes.plot(runs().epochs, loss, color=colour, linewidth=2)
        words = f"{name}: loss {loss[-1]:.2f}, {accuracy[-1]:.0%} right"
        axes.text(EPOCHS, 2.3 - 0.2 * line, words, color=colour, ha="right", va="center")
    axes.set(xlim=(0, EPOCHS + 1), ylim=(0, 2.5), xticks=range(0, EPOCHS + 1, 20))
    return figure


def describe(values: Values) -> str:
    """The picture in words."""
    stop, curves = RATES.index(values["p"]), runs().curves
    validation = curves["validation_loss"][:, stop]
    return (
        f"Dropout p = {values['p']:.1f}: after {EPOCHS} epochs the training loss is "
        f"{curves['train_loss'][-1, stop]:.2f} and the validation loss {validation[-1]:.2f}; "
        f"its best was {validation.min():.2f}, at epoch {runs().epochs[validation.argmin()]}. "
        f"Training accuracy {curves['train_accuracy'][-1, stop]:.0%}, "
        f"validation accuracy {curves['validation_accuracy'][-1, stop]:.0%}."
    )


EXPLORER = Explorer(
    name="dropout_rate",
    title="Dropout rate: a two-layer net on 200 digits, one label in five wrong",
    controls=(Control("p", "dropout p", RATES, 0.0, ".1f"),),
    draw=draw,
    describe=describe,
)
