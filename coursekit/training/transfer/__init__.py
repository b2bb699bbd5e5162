"""Transfer: begin with what a network has learned from other, and more, data.

The usual order, from the least data to the most:

1. `features` of the frozen network, and on top of them `nearest_neighbours` or a `linear_probe`;
2. `replace_head`, then `freeze` all but the last blocks, and train: fine-tuning;
3. `unfreeze` more of it, with a smaller learning rate for older layers: `layer_lr`.

>>> import numpy as np
>>> from coursekit.data import digits
>>> from coursekit.numpy_ref import Linear, ReLU, Sequential
>>> from coursekit.training import Trainer
>>> from coursekit.training.transfer import layer_lr, replace_head
>>> rng = np.random.default_rng(0)
>>> net = Sequential(Linear(64, 32, rng=rng), ReLU(), Linear(32, 1000, rng=rng))
>>> two_classes = replace_head(net, 2, rng=rng)
>>> two_classes.params["2.weight"].shape
(32, 2)
>>> trainer = Trainer(two_classes, lr=0.1, lr_scale=layer_lr(two_classes, decay=0.1))
"""

from coursekit.training.transfer.blocks import blocks, layer_lr
from coursekit.training.transfer.features import features
from coursekit.training.transfer.freezing import freeze, unfreeze
from coursekit.training.transfer.head import replace_head
from coursekit.training.transfer.neighbours import nearest_neighbours
from coursekit.training.transfer.probe import linear_probe

__all__ = [
    "blocks",
    "features",
    "freeze",
    "layer_lr",
    "linear_probe",
    "nearest_neighbours",
    "replace_head",
    "unfreeze",
]
