"""The decks' toy: a network of two layers, its parameters in a dict, and a line an epoch."""

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import (
    Linear,
    ReLU,
    Sequential,
    affine_backward,
    affine_forward,
    l2_penalty,
    normal,
    relu_backward,
    relu_forward,
    sgd,
    softmax_cross_entropy,
    step,
    zeros,
)
from coursekit.training.callbacks import Callback, DivergenceGuard, History
from coursekit.training.callbacks.base import Record
from coursekit.training.evaluate import check_data
from coursekit.training.trainer import Trainer

if TYPE_CHECKING:
    from coursekit.training.run import Run

Arrays = dict[str, np.ndarray]
LAYER_NAMES = {"W1": "0.weight", "b1": "0.bias", "W2": "2.weight", "b2": "2.bias"}


def init_two_layer_model(
    input_size: int,
    hidden_size: int,
    output_size: int,
    *,
    rng: np.random.Generator,
    std: float = 1e-4,
) -> Arrays:
    """The parameters of a net of two layers: weights normal with deviation `std`, biases 0.

    With weights as small as this all scores are nearly 0, and the loss starts at ln K.

    input_size D, hidden_size M, output_size K, all ≥ 1; std ≥ 0.
    Returns W1: (D, M), b1: (M,), W2: (M, K), b2: (K,), in a dict.
    Raises TypeError for other types, ValueError for other ranges.

    >>> model = init_two_layer_model(32 * 32 * 3, 50, 10, rng=np.random.default_rng(0))
    >>> {name: array.shape for name, array in model.items()}
    {'W1': (3072, 50), 'b1': (50,), 'W2': (50, 10), 'b2': (10,)}

    References: li2016
    """
    return {
        "W1": normal((input_size, hidden_size), std=std, rng=rng),
        "b1": zeros((hidden_size,)),
        "W2": normal((hidden_size, output_size), std=std, rng=rng),
        "b2": zeros((output_size,)),
    }


def two_layer_net(
    X: np.ndarray, model: Arrays, y: np.ndarray | None = None, reg: float = 0.0
) -> Any:
    """Affine, ReLU, affine, softmax: its loss and gradients, or without labels its scores.

        scores = max(0, X W1 + b1) W2 + b2
        loss = cross-entropy(scores, y) + ½ reg (‖W1‖² + ‖W2‖²)

    X: (N, D) or (N, ...); model: as from `init_two_layer_model`; y: (N,), class numbers; reg ≥ 0.
    Returns scores (N, K) if y is None; else the loss, a float, and the gradients by the names of
    the model. Raises ValueError or TypeError for arrays that do not fit.

    >>> model = init_two_layer_model(4, 3, 10, rng=np.random.default_rng(0))
    >>> loss, grads = two_layer_net(np.ones((5, 4)), model, np.arange(5))
    >>> round(loss, 6)
    2.302585

    References: goodfellow2016
    """
    if not isinstance(model, dict) or set(model) != set(LAYER_NAMES):
        got = sorted(model) if isinstance(model, dict) else type(model).__name__
        raise ValueError(
            f"two_layer_net: this is no model. Expected a dict of W1, b1, W2 and b2, got {got}. "
            "Try init_two_layer_model."
        )
    W1, b1, W2, b2 = (model[name] for name in LAYER_NAMES)
    hidden, cache1 = affine_forward(X, W1, b1)
    active, cache2 = relu_forward(hidden)
    scores, cache3 = affine_forward(active, W2, b2)
    if y is None:
        return scores
    data_loss, dscores = softmax_cross_entropy(scores, y)
    (loss1, dW1), (loss2, dW2) = (l2_penalty(W, weight_decay=reg) for W in (W1, W2))
    dactive, dW2_data, db2 = affine_backward(dscores, cache3)
    _, dW1_data, db1 = affine_backward(relu_backward(dactive, cache2), cache1)
    grads = {"W1": dW1_data + dW1, "b1": db1, "W2": dW2_data + dW2, "b2": db2}
    return data_loss + loss1 + loss2, grads


def train_two_layer_net(
    model: Arrays,
    train: Dataset,
    validation: Dataset,
    *,
    update: Callable[..., Any] = sgd,
    lr: float = 1e-3,
    lr_decay: float = 1.0,
    epochs: int = 10,
    reg: float = 0.0,
    batch_size: int | None = None,
    train_sample: int | None = None,
    seed: int = 0,
    verbose: bool = True,
) -> History:
    """Train the toy in place, and say after each epoch how it goes.

    Cost is the mean loss of the epoch's batches, each before its update; the accuracies are those
    after the epoch. A run that diverges is stopped, with a sentence that says so.

    model: as from `init_two_layer_model`; update: a rule, for instance
    `partial(momentum, momentum=0.95)`; lr > 0, times lr_decay in (0, 1] after each epoch; reg: as
    in `two_layer_net`; batch_size and train_sample: as in `Trainer`, None for all; verbose:
    whether to print.
    Returns the history. Raises ValueError or TypeError for settings that make no sense.

    >>> from coursekit.data import digits
    >>> few = digits("train", n=20)
    >>> model = init_two_layer_model(64, 50, 10, rng=np.random.default_rng(0))
    >>> history = train_two_layer_net(model, few, few, lr=1e-3, epochs=1)
    Finished epoch 1 / 1: cost 2.302585, train: 0.050000, val 0.050000, lr 1.000000e-03

    References: li2016
    """
    for name, data in {"train": train, "validation": validation}.items():
        check_data("train_two_layer_net", name, data)
    two_layer_net(train.x[:1], model)  # complains of arrays that do not fit

    def schedule(t: int) -> float:
        steps_per_epoch = math.ceil(len(train) / (batch_size or len(train)))
        return step(t, lr=lr, every=steps_per_epoch, lr_factor=lr_decay)

    net = _layers(model)
    history = Trainer(
        net,
        update=update,
        lr=schedule,
        epochs=epochs,
        batch_size=batch_size,
        penalty=partial(l2_penalty, weight_decay=reg),
        seed=seed,
        callbacks=[DivergenceGuard(), *([PrintEpochs()] if verbose else [])],
        train_sample=train_sample,
    ).fit(train, validation)
    if history.stopped and verbose:
        print(history.stopped)
    model.update({name: net.params[layer_name] for name, layer_name in LAYER_NAMES.items()})
    return history


class PrintEpochs(Callback):
    """Print a line an epoch, in the form of the decks."""

    def on_start(self, run: "Run") -> None:
        """Remember how many epochs there will be."""
        self.epochs = run.settings.epochs

    def on_epoch(self, record: Record) -> None:
        """Print it."""
        print(
            f"Finished epoch {record['epoch']} / {self.epochs}: cost {record['loss']:f}, "
            f"train: {record['train_accuracy']:f}, val {record['validation_accuracy']:f}, "
            f"lr {record['lr']:e}"
        )


def _layers(model: Arrays) -> Sequential:
    """The toy as layers, which the Trainer takes."""
    rng = np.random.default_rng(0)  # draws weights that are replaced at once
    first, last = (Linear(*model[name].shape, rng=rng) for name in ("W1", "W2"))
    net = Sequential(first, ReLU(), last)
    net.params = {LAYER_NAMES[name]: array for name, array in model.items()}
    return net
