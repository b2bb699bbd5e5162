"""How the strength of an L2 penalty shapes a decision boundary."""

import functools

import numpy as np
from matplotlib.figure import Figure

from coursekit.data import Dataset, moons
from coursekit.explore.explorer import Control, Explorer, Values
from coursekit.explore.picture import BLUE, INK, RED, figure_with_axes
from coursekit.explore.sweep import Sweep, sweep, two_layer_net

STRENGTHS = tuple(float(f"{10 ** (-4 + k / 4):.2g}") for k in range(17))
X, Y = (-2.2, 3.2), (-1.5, 2.0)  # the part of the plane that is drawn
STEPS = 1500


def points(split: str) -> Dataset:
    """60 points to train on and 300 to validate, too noisy to be told apart without error."""
    return moons(split, n=60 if split == "train" else 300, noise=0.3, seed=1)


@functools.cache
def runs() -> Sweep:
    """One run for each strength: full-batch gradient descent with momentum."""
    return sweep(
        two_layer_net(2, 64, 2),
        points("train"),
        points("validation"),
        weight_decay=np.array(STRENGTHS),
        lr=0.3,
        momentum=0.9,
        epochs=STEPS,
        evaluate_every=STEPS,
    )


@functools.cache
def _plane() -> np.ndarray:
    """The points where the decision is drawn: 108 columns by 70 rows."""
    grid = np.meshgrid(np.linspace(*X, 108), np.linspace(*Y, 70))
    return np.stack(grid, axis=-1).reshape(-1, 2).astype(np.float32)


def draw(values: Values) -> Figure:
    """The two decision regions, with the points."""
    stop = STRENGTHS.index(values["weight_decay"])
    scores = runs().scores(stop, _plane())
    margin = (scores[:, 1] - scores[:, 0]).reshape(70, 108)
    train, validation = _accuracies(stop)
    title = f"λ = {values['weight_decay']:.2g}:  training {train:.0%} right, " + (
        f"validation {validation:.0%},  ‖w‖ = {runs().weight_norm(stop):.1f}"
    )
    figure, axes = figure_with_axes(title=title, xlabel="x₁", ylabel="x₂")
    _paint(axes, (1 + np.tanh(margin / 2)) / 2)  # the softmax of two scores
    for split, size, alpha, edge in [("validation", 3, 0.45, "none"), ("train", 6.5, 1, "white")]:
        data = points(split)
        for k, (colour, marker) in enumerate([(BLUE, "o"), (RED, "^")]):
            style = {"color": colour, "marker": marker, "markersize": size, "alpha": alpha}
            axes.plot(*data.x[data.y == k].T, linestyle="none", markeredgecolor=edge, **style)
    axes.set(xlim=X, ylim=Y, xticks=(-2, 0, 2), yticks=(-1, 0, 1, 2))
    return figure


def describe(values: Values) -> str:
    """The picture in words."""
    strength = values["weight_decay"]
    stop = STRENGTHS.index(strength)
    train, validation = _accuracies(stop)
    norm = runs().weight_norm(stop)
    return f"λ = {strength:.2g}: {_shape(train, validation, norm)} " + (
        f"Training accuracy {train:.0%}, validation accuracy {validation:.0%}, ‖w‖ = {norm:.1f}. "
        "Large marks are training points, small ones validation points."
    )


def _accuracies(stop: int) -> tuple[float, float]:
    curves = runs().curves
    return curves["train_accuracy"][-1, stop], curves["validation_accuracy"][-1, stop]


def _shape(train: float, validation: float, norm: float) -> str:
    if norm < 0.05:
        return "the weights are all but zero, and the net says the same everywhere."
    if train < 0.9:
        return "the boundary is almost a straight line, too stiff for the moons."
    if train - validation > 0.1:
        return "the boundary bends around single training points: the net overfits."
    return "the boundary follows the moons and passes most stray points by."


@functools.cache
def _colours():
    """From class 0 over white to class 1."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("classes", ["#A9C3DD", "#FFFFFF", "#F7B9C1"])


def _paint(axes, probability: np.ndarray) -> None:
    """Colour the plane by the probability of class 1, with the boundary as a line."""
    extent = (*X, *Y)
    axes.imshow(
        probability,
        extent=extent,
        origin="lower",
        aspect="auto",
        cmap=_colours(),
        vmin=0,
        vmax=1,
        interpolation="bilinear",
    )
    if probability.min() < 0.5 < probability.max():
        axes.contour(
            probability, levels=[0.5], extent=extent, origin="lower", colors=INK, linewidths=1.5
        )


EXPLORER = Explorer(
    name="regularization_strength",
    title="Regularisation strength: a two-layer net on 60 noisy points, with an L2 penalty λ",
    controls=(Control("weight_decay", "strength λ", STRENGTHS, 0.001, ".2g"),),
    draw=draw,
    describe=describe,
)
