"""Two small classics for handwritten digits, in the form that papers on pruning compress."""

from collections import OrderedDict

import numpy as np
from torch import nn

from coursekit.numpy_ref import _check, output_size
from coursekit.training.models.network import Network, drawing_from, he_

Shape = tuple[int, int, int]


def lenet_300_100(
    *, input_shape: Shape = (1, 28, 28), num_classes: int = 10, rng: np.random.Generator
) -> Network:
    """LeNet-300-100: no convolution at all, two hidden layers of 300 and of 100 units.

        784 → 300 → 100 → 10:   784·300 + 300 + 300·100 + 100 + 100·10 + 10 = 266,610 parameters

    input_shape: (C, H, W), any; num_classes K; rng draws the weights (He's rule).
    Takes x: (N, C, H, W), gives scores (N, K).
    Raises TypeError or ValueError for sizes that are no whole numbers of at least 1.

    >>> net = lenet_300_100(rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    266610

    References: lecunbottou1998, han2015
    """
    c, height, width = _checked_shape("lenet_300_100", input_shape)
    with drawing_from("lenet_300_100", rng, num_classes=num_classes):
        layers = OrderedDict[str, nn.Module](
            flatten=nn.Flatten(),
            fc1=nn.Linear(c * height * width, 300),
            relu1=nn.ReLU(),
            fc2=nn.Linear(300, 100),
            relu2=nn.ReLU(),
            fc3=nn.Linear(100, num_classes),
        )
        net = Network(layers).takes("lenet_300_100", (c, height, width))
        he_(net)
    return net


def lenet5(
    *, input_shape: Shape = (1, 28, 28), num_classes: int = 10, rng: np.random.Generator
) -> Network:
    """LeNet-5 as in Caffe: two convolutions, each with max pooling behind it, and 500 units.

        conv 20 (5×5) – pool – conv 50 (5×5) – pool – 500 – 10:   431,080 parameters

    The only ReLU is that of the 500 units: behind the convolutions, max pooling is what is not
    linear. LeCun's own net of 1998 is smaller and has tanh.

    input_shape: (C, H, W), H and W at least 16; num_classes K; rng draws the weights (He's rule).
    Takes x: (N, C, H, W), gives scores (N, K).
    Raises TypeError or ValueError for sizes that are no whole numbers, or too small.

    >>> net = lenet5(rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    431080

    References: lecunbottou1998, han2015, jia2014
    """
    c, height, width = _checked_shape("lenet5", input_shape, smallest=16)
    places = 1
    for size in (height, width):
        for kernel, stride in [(5, 1), (2, 2), (5, 1), (2, 2)]:
            size = output_size(size, kernel=kernel, stride=stride)
        places *= size
    with drawing_from("lenet5", rng, num_classes=num_classes):
        layers = OrderedDict[str, nn.Module](
            conv1=nn.Conv2d(c, 20, 5),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(20, 50, 5),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc1=nn.Linear(50 * places, 500),
            relu1=nn.ReLU(),
            fc2=nn.Linear(500, num_classes),
        )
        net = Network(layers).takes("lenet5", (c, height, width))
        he_(net)
    return net


def _checked_shape(op: str, input_shape: Shape, *, smallest: int = 1) -> Shape:
    """Return (C, H, W), or raise unless it is such, with H and W at least `smallest`."""
    expected = "a tuple (C, H, W)"
    if not isinstance(input_shape, tuple):
        got = type(input_shape).__name__
        raise TypeError(_check.message(op, "input_shape is not a tuple", expected, got))
    if len(input_shape) != 3:
        wrong = "input_shape has not three numbers"
        raise ValueError(_check.message(op, wrong, expected, input_shape))
    c, height, width = input_shape
    return (
        _check.count(op, "input_shape[0]", c),
        _check.count(op, "input_shape[1]", height, smallest),
        _check.count(op, "input_shape[2]", width, smallest),
    )
