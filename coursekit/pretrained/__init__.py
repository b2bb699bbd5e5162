"""Networks that are trained already. Needs PyTorch."""

from coursekit.pretrained.imagenet import (
    efficientnet_lite0,
    imagenet_classes,
    preprocess,
    top_classes,
)
from coursekit.pretrained.shipped import cifar10_net, digits_net

__all__ = [
    "cifar10_net",
    "digits_net",
    "efficientnet_lite0",
    "imagenet_classes",
    "preprocess",
    "top_classes",
]
