"""Networks that made history, in PyTorch, and small ones for small pictures.

All are functions that return a module. Arguments are keywords; `rng`, a NumPy generator, draws the
weights: equal rngs give equal networks. To count without memory or arithmetic, build on the
device "meta":

>>> import numpy as np, torch
>>> from coursekit.training.models import resnet50
>>> from coursekit.training.summary import summary
>>> with torch.device("meta"):
...     net = resnet50(rng=np.random.default_rng(0))
>>> summary(net).parameters
25557032
"""

from coursekit.training.models.alexnet import alexnet
from coursekit.training.models.lenet import lenet5, lenet_300_100
from coursekit.training.models.network import Network, drawing_from, he_
from coursekit.training.models.plain import PlainBlock, ResidualBlock, plain_net, residual_net
from coursekit.training.models.resnet import (
    BasicBlock,
    Bottleneck,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
)
from coursekit.training.models.small import small_resnet
from coursekit.training.models.vgg import vgg16, vgg19

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "Network",
    "PlainBlock",
    "ResidualBlock",
    "alexnet",
    "drawing_from",
    "he_",
    "lenet5",
    "lenet_300_100",
    "plain_net",
    "residual_net",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "small_resnet",
    "vgg16",
    "vgg19",
]
