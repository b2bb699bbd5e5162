"""How large signals are behind initial weights: `experiments.signal_sizes`."""

import math

import numpy as np

from experiments._run import load
from experiments.deck_numbers.number import ONE_DRAW, Number, between


def stds(net: str) -> np.ndarray:
    """The standard deviation of each layer's activations: (seeds, layers)."""
    parts = load("signal_sizes")["parts"].items()
    return np.array([part["result"] for name, part in parts if name.startswith(f"{net}, seed")])


def a_layer(net: str) -> np.ndarray:
    """By how much a layer multiplies the size, on average from the first to the last: (seeds,)."""
    sizes = stds(net)
    return (sizes[:, -1] / sizes[:, 0]) ** (1 / (sizes.shape[1] - 1))


def factor(topic: str, decks: str, net: str, deck: str, expected: float, why: str) -> Number:
    """A row about growth or decay, whose theory is known."""
    return Number(
        topic,
        decks,
        f"{net}: factor a layer",
        deck,
        lambda: a_layer(net),
        between(0.95 * expected, 1.05 * expected, f"5% of {expected:.3f} in every run"),
        why,
        source="signal_sizes",
        seeds=True,
        form="{:.3f}",
    )


NUMBERS = (
    Number(
        "F2",
        "R",
        "tanh, 10 × 500, std 0.01: standard deviation after each layer",
        "0.213081, 0.047551, 0.010630, 0.002378, 0.000532, 0.000119, 0.000026, 0.000006, "
        "0.000001, 0.000000",
        lambda: stds("tanh, 10 × 500, std 0.01"),
        ONE_DRAW,
        "The deck shows one draw of what we draw ten times. Chance adds up from layer to layer: "
        "the spread is largest at the last.",
        source="signal_sizes",
        seeds=True,
        form="{:.6f}",
    ),
    Number(
        "F4",
        "R, T",
        "tanh, 10 × 500, Xavier: standard deviation after the last layer",
        "holds",
        lambda: stds("tanh, 10 × 500, Xavier")[:, -1],
        between(0.2, 0.3, "0.2 to 0.3 in every run"),
        "Words in the deck. It holds, nearly: each layer squashes a little, and the next gets less "
        "to squash. With std 0.01 less than a millionth is left.",
        source="signal_sizes",
        seeds=True,
        form="{:.3f}",
    ),
    factor(
        "F4",
        "R, T",
        "ReLU, 10 × 500, Xavier",
        "dies out",
        math.sqrt(1 / 2),
        "Words in the decks. ReLU takes half of Σx² away, so √½ is left of the size.",
    ),
    factor(
        "F5",
        "R, T, S",
        "ReLU, 10 × 500, He",
        "holds",
        1.0,
        "Words in the decks. The factor 2 in the variance makes up for it.",
    ),
    factor(
        "F3",
        "S",
        "ReLU, 6 × 4096, std 0.01",
        "too small",
        0.01 * math.sqrt(4096 / 2),
        "A figure in the deck. std·√(D/2) a layer: after six layers less than 1% is left.",
    ),
    factor(
        "F3",
        "S",
        "ReLU, 6 × 4096, std 0.05",
        "too large",
        0.05 * math.sqrt(4096 / 2),
        "A figure in the deck. The same with five times the weights: it blows up.",
    ),
    factor(
        "F3",
        "S",
        "ReLU, 6 × 4096, √(2/D)",
        "just right",
        1.0,
        "A figure in the deck. √(2/D)·√(D/2) = 1.",
    ),
)
