"""Networks that are trained already. Needs PyTorch."""

from coursekit.pretrained.imagenet import (
    efficientnet_lite0,
    imagenet_classes,
    preprocess,
    top_classes,
)

__all__ = ["efficientnet_lite0", "imagenet_classes", "preprocess", "top_classes"]
