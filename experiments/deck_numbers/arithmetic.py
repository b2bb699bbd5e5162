"""Numbers that need no data: shapes, counts, and what one can work out by hand."""

import itertools

import numpy as np

from coursekit.numpy_ref import (
    conv2d_forward,
    conv_parameters,
    local_response_norm_forward,
    receptive_field,
    vanilla_dropout_forward,
)
from experiments.deck_numbers.number import EXACT, Number


def convolved_shape() -> tuple[int, ...]:
    """The shape of one picture after the convolution."""
    out, _ = conv2d_forward(np.zeros((1, 3, 32, 32)), np.zeros((6, 3, 5, 5)), np.zeros(6))
    return out.shape[1:]


def normalized() -> float:
    """The value 1 between two neighbours of 2."""
    x = np.array([2.0, 1.0, 2.0]).reshape(1, 3, 1, 1)
    out, _ = local_response_norm_forward(x, n=3, k=0, alpha=1, beta=1)
    return out[0, 1, 0, 0]


def mean_over_masks() -> float:
    """The mean of a = w₁x + w₂y over the four masks of (x, y), as a share of a itself."""
    w, x = np.array([2.0, -3.0]), np.array([5.0, 7.0])
    masks = np.array([*itertools.product((0, 1), repeat=2)])
    return (masks * x @ w).mean() / (x @ w)


def at_test_time() -> float:
    """What vanilla dropout with p = ½ gives for a at test time, as a share of a."""
    w, x = np.array([2.0, -3.0]), np.array([[5.0, 7.0]])
    out, _ = vanilla_dropout_forward(x, p=0.5, training=False, rng=None)
    return (out @ w / (x @ w)).item()


def weights_per_square(kernel: int, layers: int, channels: int = 64) -> float:
    """The weights of some layers with C channels in and out, divided by C²."""
    one = conv_parameters(channels, channels, kernel=kernel, bias=False)
    return layers * one / channels**2


NUMBERS = (
    Number(
        "B1",
        "S",
        "shape of a 3×32×32 picture after six 5×5 filters",
        "6×28×28",
        convolved_shape,
        EXACT,
        "32 − 5 + 1 = 28 windows fit along an axis.",
    ),
    Number(
        "B1",
        "S",
        "parameters of these filters",
        "456",
        lambda: conv_parameters(3, 6, kernel=5),
        EXACT,
        "Six times 5·5·3 weights and a bias.",
    ),
    Number(
        "B15",
        "P",
        "local response normalisation: 1 between 2 and 2, with k = 0, α = β = 1",
        "1/9",
        normalized,
        EXACT,
        "1/(0 + 4 + 1 + 4).",
    ),
    Number(
        "C3",
        "S",
        "pixels that a unit sees through three 3×3 layers",
        "7",
        lambda: receptive_field([3, 3, 3]),
        EXACT,
        "Each layer adds one pixel on each side.",
    ),
    Number(
        "C3",
        "S",
        "weights of three 3×3 layers, and of one 7×7 layer, divided by C²",
        "27, 49",
        lambda: (weights_per_square(3, layers=3), weights_per_square(7, layers=1)),
        EXACT,
        "Without biases, as in the deck.",
    ),
    Number(
        "I8",
        "M, R, T, S",
        "E[a]/(w₁x + w₂y) over the four masks of two inputs; what dropout gives at test time",
        "1/2, 1/2",
        lambda: (mean_over_masks(), at_test_time()),
        EXACT,
        "Each input is kept in half of the masks; scaling by the keep probability gives the same.",
    ),
    Number(
        "I8",
        "M, R",
        "log₁₀ of the number of masks of 4096 units, 2⁴⁰⁹⁶, rounded down",
        "1233",
        lambda: len(str(2**4096)) - 1,
        EXACT,
        "2⁴⁰⁹⁶ has 1234 digits.",
    ),
)
