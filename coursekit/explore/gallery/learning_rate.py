"""How the learning rate shapes the loss curve: too low, good, too high, diverging."""

import functools

import numpy as np
from matplotlib.figure import Figure

from coursekit.data import digits
from coursekit.explore.explorer import Control, Explorer, Values
from coursekit.explore.picture import BLUE, GREY, RED, figure_with_axes
from coursekit.explore.sweep import sweep, two_layer_net
from coursekit.training.callbacks import diverges

RATES = tuple(float(f"{10 ** (-4 + k / 4):.2g}") for k in range(21))
COMPARED = (0.001, 0.01, 0.1)
EPOCHS, BATCH = 20, 50


@functools.cache
def losses() -> np.ndarray:
    """The loss of every mini-batch at every learning rate: (T, S), NaN once a run diverges."""
    loss = sweep(
        two_layer_net(64, 50, 10),
        digits("train", n=500),
        digits("validation"),
        lr=np.array(RATES),
        momentum=0.9,
        epochs=EPOCHS,
        batch_size=BATCH,
        evaluate_every=EPOCHS,
    ).step_loss
    first = float(loss[0, 0])
    gone = np.array([[diverges(value, first=first) for value in row] for row in loss.tolist()])
    loss[np.logical_or.accumulate(gone, axis=0)] = np.nan
    return loss


def verdict(lr: float) -> tuple[str, str]:
    """What to call this learning rate, in two words, and a sentence with its numbers."""
    loss = losses()[:, RATES.index(lr)]
    first, last = loss[0], loss[-10:].mean()
    if np.isnan(last):
        step = int(np.argmax(np.isnan(loss))) + 1
        return "diverges", f"The loss passes 3 times its first value, {first:.2f}, at step {step}."
    went = f"The loss goes from {first:.2f} to {last:.2f} in {len(loss)} steps"
    if last < first / 25:
        return "good", f"{went}."
    if lr < RATES[int(np.nanargmin(losses()[-10:].mean(axis=0)))]:
        return "too low", f"{went} and is still falling: the steps are too short."
    return "too high", f"{went}: the steps are so long that they jump about the minimum."


def draw(values: Values) -> Figure:
    """The loss curve at one learning rate, in front of a few others."""
    lr = values["lr"]
    name, _ = verdict(lr)
    figure, axes = figure_with_axes(
        title=f"learning rate {lr:.3g}: {name}",
        xlabel=f"step (mini-batch of {BATCH})",
        ylabel="training loss",
    )
    loss = losses()
    axes.plot(loss[:, [RATES.index(rate) for rate in COMPARED]], color=GREY, linewidth=0.8)
    colour = BLUE if name == "good" else RED
    curve = loss[:, RATES.index(lr)]
    axes.plot(curve, color=colour, linewidth=2)
    if name == "diverges":
        end = int(np.argmax(np.isnan(curve))) - 1
        top = min(curve[end], 4)
        axes.plot(end, top, "X", color=RED, markersize=11, clip_on=False, zorder=3)
    axes.set(xlim=(-2, len(loss)), ylim=(0, 4), yticks=range(5), xticks=range(0, 201, 50))
    return figure


def describe(values: Values) -> str:
    """The picture in words."""
    name, why = verdict(values["lr"])
    return f"Learning rate {values['lr']:.3g}: {name}. {why}"


EXPLORER = Explorer(
    name="learning_rate",
    title="Learning rate: the loss of a two-layer net on 500 digits; in grey 0.001, 0.01 and 0.1",
    controls=(Control("lr", "learning rate", RATES, 0.01, ".3g"),),
    draw=draw,
    describe=describe,
)
