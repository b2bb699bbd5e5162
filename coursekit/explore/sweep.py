"""Train one two-layer net at every stop of a slider, all at once.

A slider must answer within 100 ms, and a training run takes longer. So all stops are trained
side by side on first use: every array gets a leading axis S, one slice a stop, and `np.matmul`
goes over it. Each slice computes what the `Trainer` would have computed for that stop, with the
same initial weights, batches and dropout draws; a test compares the two.
"""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from coursekit.data import Dataset
from coursekit.numpy_ref import Dropout, Linear, ReLU, Sequential
from coursekit.training.batches import batches


def two_layer_net(*sizes: int, p: float = 0.0, seed: int = 0) -> Sequential:
    """The net that explorers train: affine, ReLU, dropout, affine; float32.

    sizes: D inputs, H hidden units, K classes; p: dropout probability; seed: of the weights.

    >>> list(two_layer_net(2, 16, 2).params)
    ['0.weight', '0.bias', '3.weight', '3.bias']
    """
    d, h, k = sizes
    rng = np.random.default_rng(seed)
    first = Linear(d, h, rng=rng, dtype=np.float32)
    return Sequential(first, ReLU(), Dropout(p), Linear(h, k, rng=rng, dtype=np.float32))


@dataclass(frozen=True)
class Sweep:
    """What `sweep` returns, for S stops, T steps and E evaluations.

    step_loss: (T, S), each batch's loss with its penalty; epochs: (E,), when the curves were
    taken; curves: train_loss, train_accuracy, validation_loss and validation_accuracy, each
    (E, S), with dropout off; params: the final w1 (S, D, H), b1 (S, 1, H), w2 (S, H, K) and
    b2 (S, 1, K).
    """

    step_loss: np.ndarray
    epochs: np.ndarray
    curves: dict[str, np.ndarray]
    params: list[np.ndarray]

    def scores(self, stop: int, x: np.ndarray) -> np.ndarray:
        """What the net of one stop says about x: (N, D), as (N, K)."""
        return _forward([w[stop] for w in self.params], x)[1]

    def weight_norm(self, stop: int) -> float:
        """‖w‖ over both weights of one stop, without the biases."""
        return float(np.sqrt(sum(np.sum(w[stop] ** 2) for w in self.params[::2])))


def sweep(
    net: Sequential,
    train: Dataset,
    validation: Dataset,
    *,
    lr: float | np.ndarray,
    weight_decay: float | np.ndarray = 0.0,
    p: float | np.ndarray = 0.0,
    momentum: float = 0.0,
    epochs: int,
    batch_size: int | None = None,
    evaluate_every: int = 1,
    seed: int = 0,
) -> Sweep:
    """Train copies of a `two_layer_net`, one for each stop.

    lr, weight_decay and p: a number for all stops, or an array (S,) with one for each;
    evaluate_every: epochs between two points of the curves. Everything else is as in `Trainer`.
    Runs that diverge go on, as inf and NaN: see `training.callbacks.diverges`.

    >>> from coursekit.data import moons
    >>> rates = np.array([0.01, 0.1])
    >>> net = two_layer_net(2, 16, 2)
    >>> result = sweep(net, moons("train"), moons("validation"), lr=rates, epochs=5)
    >>> result.step_loss.shape, result.curves["train_accuracy"].shape
    ((5, 2), (5, 2))
    """
    stops = np.broadcast_shapes(np.shape(lr), np.shape(weight_decay), np.shape(p), (1,))
    lr, decay, p = (
        np.broadcast_to(value, stops).astype(np.float32)[:, None, None]
        for value in (lr, weight_decay, p)
    )
    params = [np.repeat(w.reshape(1, -1, w.shape[-1]), *stops, axis=0) for w in net.params.values()]
    velocities = [np.zeros_like(w) for w in params]
    shuffle, noise = np.random.default_rng(seed).spawn(2)
    losses, points = [], []
    x = train.x.reshape(len(train), -1)
    # These products are small: more threads would only wait for each other. And overflow is what
    # divergence looks like.
    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(1, epochs + 1):
            for batch in batches(shuffle.permutation(len(train)), batch_size):
                loss, grads = _gradients(params, x[batch], train.y[batch], decay, p, noise)
                losses.append(loss)
                velocities = [momentum * v + g for v, g in zip(velocities, grads, strict=True)]
                params = [w - lr * v for w, v in zip(params, velocities, strict=True)]
            if epoch % evaluate_every == 0:
                points.append((epoch, *_measure(params, train), *_measure(params, validation)))
    return Sweep(np.array(losses), *_curves(points), params)


def _curves(points: list[tuple]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The epochs of the measurements, and their columns by name."""
    epochs, *columns = (np.array(column) for column in zip(*points, strict=True))
    names = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
    return epochs, dict(zip(names, columns, strict=True))


def _forward(params, x, mask=1.0):
    """The hidden activations and the scores of all stops."""
    w1, b1, w2, b2 = params
    hidden = np.maximum(x @ w1 + b1, 0) * mask
    return hidden, hidden @ w2 + b2


def _cross_entropy(scores, y):
    """The loss of each stop, and its gradient at the scores."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    log_q = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    rows = np.arange(len(y))
    dscores = np.exp(log_q)
    dscores[:, rows, y] -= 1
    return -log_q[:, rows, y].mean(axis=-1), dscores / len(y)


def _gradients(params, x, y, decay, p, rng):
    """The loss with its penalty, (S,), and the gradient of each parameter."""
    w1, _, w2, _ = params
    # One draw for all stops, compared with each stop's p: what the Dropout layer draws.
    mask = ((rng.random((len(x), w1.shape[-1])) >= p) / (1 - p)).astype(x.dtype)
    hidden, scores = _forward(params, x, mask)
    loss, dscores = _cross_entropy(scores, y)
    dhidden = (dscores @ w2.transpose(0, 2, 1)) * mask * (hidden > 0)
    grads = [
        x.T @ dhidden + decay * w1,
        dhidden.sum(axis=1, keepdims=True),
        hidden.transpose(0, 2, 1) @ dscores + decay * w2,
        dscores.sum(axis=1, keepdims=True),
    ]
    penalty = decay[:, 0, 0] / 2 * (np.sum(w1**2, axis=(1, 2)) + np.sum(w2**2, axis=(1, 2)))
    return loss + penalty, grads


def _measure(params, data):
    """The loss and the accuracy of each stop, with dropout off."""
    scores = _forward(params, data.x.reshape(len(data), -1))[1]
    return _cross_entropy(scores, data.y)[0], (scores.argmax(axis=-1) == data.y).mean(axis=-1)
