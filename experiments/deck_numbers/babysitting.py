"""The first runs of the toy network: `experiments.babysitting`, and what needs no training."""

import functools
from typing import Any

import numpy as np

from coursekit.training import DivergenceGuard
from coursekit.training.toy import init_two_layer_model, two_layer_net
from experiments._run import load
from experiments.deck_numbers.number import EXACT, ONE_DRAW, Number, between

SOURCE = "babysitting"
OVERFIT = "overfit 20 of CIFAR-10, lr 0.001"


def results(run: str, source: str = SOURCE) -> list[dict[str, Any]]:
    """The results of a run's parts."""
    parts = load(source)["parts"].items()
    return [part["result"] for name, part in parts if name.startswith(f"{run}, ")]


def column(run: str, name: str) -> np.ndarray:
    """One result of all parts of a run: (draws,) or (draws, epochs)."""
    return np.array([result[name] for result in results(run)])


def change_of_cost() -> np.ndarray:
    """By how much the cost falls over ten epochs."""
    cost = column("lr 1e-6", "cost")
    return cost[:, 0] - cost[:, -1]


@functools.cache
def loss_with_much_regularisation() -> list[float]:
    """The first loss with reg = 1000; the pictures hardly matter, noise will do."""
    losses = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        x, y = rng.uniform(-128, 128, (20, 3072)), rng.integers(0, 10, 20)
        loss, _ = two_layer_net(x, init_two_layer_model(3072, 50, 10, rng=rng), y, reg=1e3)
        losses.append(loss)
    return losses


NUMBERS = (
    Number(
        "J1",
        "M, R",
        "first loss of 3072-50-10, weights 0.0001·N(0, 1), reg 0",
        "2.302603",
        lambda: column(OVERFIT, "first_cost"),
        ONE_DRAW,
        "ln 10 = 2.302585, and what so small weights make of it: the last two digits are chance.",
        source=SOURCE,
        seeds=True,
        form="{:.6f}",
    ),
    Number(
        "J2",
        "M, R",
        "the same with reg 1000",
        "3.07",
        loss_with_much_regularisation,
        ONE_DRAW,
        "ln 10 + ½·1000·10⁻⁸·(3072·50 + 50·10) = 3.0731: the deck's penalty has the ½.",
        seeds=True,
        form="{:.4f}",
    ),
    Number(
        "J3",
        "M, R",
        "20 pictures, 200 epochs of full-batch SGD, lr 0.001, reg 0: train accuracy",
        "1.0",
        lambda: column(OVERFIT, "train_accuracy"),
        EXACT,
        "In every draw of 20 pictures and weights.",
        source=SOURCE,
        seeds=True,
    ),
    Number(
        "J3",
        "M, R",
        "… and the cost in the end",
        "0.0026",
        lambda: column(OVERFIT, "last_cost"),
        ONE_DRAW,
        "The deck's 20 pictures are one draw; which ones matters more than which weights.",
        source=SOURCE,
        seeds=True,
        form="{:.4f}",
    ),
    Number(
        "J3",
        "M, R",
        "the same on 20 digits of 8 × 8 pixels, lr 0.005: train accuracy",
        "1.0",
        lambda: column("overfit 20 of digits, lr 0.005", "train_accuracy"),
        EXACT,
        "In every draw; what had to change is explained below.",
        source=SOURCE,
        seeds=True,
    ),
    Number(
        "J3",
        "M, R",
        "… and the cost in the end, on digits",
        "0.0026",
        lambda: column("overfit 20 of digits, lr 0.005", "last_cost"),
        between(0.0013, 0.0052, "a factor of 2 in every run"),
        "Other pictures, another rate: the same order is all that can be asked.",
        source=SOURCE,
        seeds=True,
        form="{:.4f}",
    ),
    Number(
        "J4",
        "M, R",
        "lr 10⁻⁶, 10 epochs: fall of the cost",
        "below 0.001",
        change_of_cost,
        between(0.0, 0.001, "0 to 0.001 in every run"),
        "A rate of 10⁻³ would be good; with a thousandth of it the weights stay where they were.",
        source=SOURCE,
        seeds=True,
        form="{:.5f}",
    ),
    Number(
        "J4",
        "M, R",
        "… and the validation accuracy in the end",
        "20%",
        lambda: 100 * column("lr 1e-6", "validation")[:, -1],
        between(15, 25, "15% to 25% in every run"),
        "About, in the deck. Which score is the largest decides, not by how much: the answer has "
        "a probability of hardly more than 0.1.",
        source=SOURCE,
        seeds=True,
        form="{:.1f}%",
    ),
    Number(
        "J5",
        "M, R",
        "lr 10⁶: updates until the loss is not finite",
        "NaN",
        lambda: column("CIFAR-10, lr 1e6", "not_finite_after"),
        between(1, 450, "within an epoch in every run"),
        "The deck shows it after an epoch. With a `DivergenceGuard` the run ends at the second "
        "update, with a sentence.",
        source=SOURCE,
        seeds=True,
        form="{:.0f}",
    ),
    Number(
        "J6",
        "M",
        "times the first loss at which a run is given up",
        "3",
        lambda: DivergenceGuard().factor,
        EXACT,
        "A choice of the deck, and our default.",
    ),
    Number(
        "J10",
        "R",
        "update/weight, mean of ten epochs with Adam's default rate",
        "about 0.001",
        lambda: [result["ratio"] for result in results("adam, lr 0.001", "update_ratio")],
        between(0.001 / 3, 0.003, "a factor of 3 in every run"),
        "Words in the deck, and a rule of thumb: the figure below has nets that learn as well "
        "with several times as much.",
        source="update_ratio",
        seeds=True,
        form="{:.5f}",
    ),
)
