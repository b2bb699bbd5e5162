"""What networks cost, counted by `coursekit.training.summary`."""

import functools
from typing import Any

import numpy as np

from experiments.deck_numbers.number import EXACT, LAST_DIGIT, Number

RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")


@functools.cache
def counted(name: str) -> Any:
    """The summary of a network; on the device "meta", where it takes no memory."""
    import torch

    from coursekit.training import models
    from coursekit.training.summary import summary

    with torch.device("meta"):
        return summary(getattr(models, name)(rng=np.random.default_rng(0)))


def of_layers(name: str, count: str) -> list[int]:
    """`parameters` or `flops` of the layers that have any."""
    return [getattr(row, count) for row in counted(name).rows if row.multiply_adds]


def depth(name: str) -> int:
    """Layers with weights on the path from picture to scores; shortcuts stand beside it."""
    rows = counted(name).rows
    return sum(row.multiply_adds > 0 and "downsample" not in row.name for row in rows)


CUTS = "The deck rounds some and cuts others; ours count biases as well."

NUMBERS = (
    Number(
        "C2",
        "R, S",
        "AlexNet: weights of its eight layers",
        "35K, 307K, 885K, 663K, 442K, 38M, 17M, 4M",
        lambda: of_layers("alexnet", "parameters"),
        LAST_DIGIT,
        CUTS,
        form="{:,.0f}",
    ),
    Number(
        "C2",
        "R, S",
        "AlexNet: FLOPs of its eight layers",
        "211M, 448M, 299M, 224M, 150M, 75M, 34M, 8M",
        lambda: of_layers("alexnet", "flops"),
        LAST_DIGIT,
        "Two a multiply-add. The first layer has 55² windows: pictures of 227 pixels, not 224.",
        form="{:,.0f}",
    ),
    Number(
        "C2",
        "R, S",
        "AlexNet: all weights and FLOPs",
        "61M, 1.5B",
        lambda: (counted("alexnet").parameters, counted("alexnet").flops),
        LAST_DIGIT,
        CUTS,
        form="{:,.0f}",
    ),
    Number(
        "N2",
        "R",
        "weights of LeNet-300-100, LeNet-5, VGG16",
        "267K, 431K, 138M",
        lambda: [counted(name).parameters for name in ("lenet_300_100", "lenet5", "vgg16")],
        LAST_DIGIT,
        "LeNet-5 in the form of the pruning paper, with 20 and 50 filters.",
        form="{:,.0f}",
    ),
    Number(
        "C5",
        "S",
        "layers with weights of the five ResNets",
        "18, 34, 50, 101, 152",
        lambda: [depth(name) for name in RESNETS],
        EXACT,
        "1×1 convolutions of the shortcuts do not count.",
    ),
)
