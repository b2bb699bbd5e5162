"""The networks that the course trained itself and ships: small, and enough to transfer from."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from safetensors.torch import save as serialize

from coursekit.training.models import Network, small_resnet

WEIGHTS = Path(__file__).parent / "weights"


def cifar10_net() -> Network:
    """A `small_resnet`, trained on CIFAR-10: pictures (N, 3, 32, 32) in [0, 1] -> (N, 10) scores.

    In evaluation mode. Accuracy, recipe and licence stand in `weights/README.md`.

    >>> cifar10_net()(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 10])

    References: krizhevsky2009, he2016
    """
    return _load("cifar10", small_resnet(rng=np.random.default_rng(0), **CIFAR10))


def digits_net() -> Network:
    """A narrow `small_resnet`, trained on the digits 0 to 4: (N, 1, 8, 8) in [0, 1] -> (N, 5).

    In evaluation mode. It has never seen a 5, 6, 7, 8 or 9: what it learned can be carried over
    to them. Accuracy, recipe and licence stand in `weights/README.md`.

    >>> digits_net()(torch.zeros(1, 1, 8, 8)).shape
    torch.Size([1, 5])

    References: alpaydin1998, he2016
    """
    return _load("digits_0_to_4", small_resnet(rng=np.random.default_rng(0), **DIGITS))


# Mean and standard deviation of the training pictures, channel by channel.
CIFAR10: dict[str, Any] = {"mean": (0.4917, 0.4824, 0.4468), "std": (0.2455, 0.2431, 0.2610)}
DIGITS: dict[str, Any] = {
    "mean": (0.3058,),
    "std": (0.3785,),
    "widths": (8, 16, 32, 32),
    "num_classes": 5,
}


def save(net: torch.nn.Module, name: str) -> Path:
    """Write the weights of a network to be shipped, in half precision; return the file."""
    half = {
        key: tensor.half().contiguous() if tensor.is_floating_point() else tensor
        for key, tensor in net.state_dict().items()
    }
    path = WEIGHTS / f"{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(serialize(half))
    return path


def _load(name: str, net: Network) -> Network:
    net.load_state_dict(load_file(WEIGHTS / f"{name}.safetensors"))
    return net.eval()
