"""Step three: a network that cannot learn 20 examples by heart has a mistake in it."""

from collections import defaultdict
from typing import Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import _check, adam
from coursekit.training.callbacks import History
from coursekit.training.evaluate import Loss, cross_entropy, evaluate
from coursekit.training.recipe.borrow import borrowed, some
from coursekit.training.recipe.verdict import Verdict
from coursekit.training.trainer import Trainer

NEAR_ZERO = 0.05  # of the loss at the start
STILL_FALLING = 0.95  # the last quarter of the steps took the loss below this share


def overfit_small_sample(
    net: Any,
    data: Dataset,
    *,
    n: int = 20,
    steps: int = 200,
    lr: float = 1e-2,
    update: Any = adam,
    loss: Loss = cross_entropy,
    seed: int = 0,
) -> Verdict:
    """Can the network learn a few examples by heart: accuracy 1, and next to no loss?

    All of them in each step, no penalty, no augmentation: whatever stands in the way now is a
    mistake. The loss is near zero when it is below 5% of its start. In a regression, which has
    no accuracy, that alone counts.

    net: left as it is; data: N ≥ 1 examples, of which n ≥ 1 are drawn; steps ≥ 2 updates; lr,
    update, loss, seed: as in `Trainer`.
    Returns a verdict with the values start and loss (in evaluation mode), accuracy, and losses
    (steps,), those of the updates. Raises ValueError or TypeError for arguments that make no sense.

    >>> from coursekit.data import digits
    >>> from coursekit.numpy_ref import Linear, ReLU, Sequential
    >>> rng = np.random.default_rng(0)
    >>> net = Sequential(Linear(64, 50, rng=rng), ReLU(), Linear(50, 10, rng=rng))
    >>> print(overfit_small_sample(net, digits("train")))
    Good: In 200 steps on 20 examples the loss goes from 2.4 to 0.00071, the accuracy to 1.

    References: goodfellow2016
    """
    _check.count("overfit_small_sample", "steps", steps, at_least=2)
    sample = some("overfit_small_sample", data, n, seed=seed)
    settings = {"update": update, "lr": lr, "loss": loss, "seed": seed, "train_sample": 1}
    with borrowed(net) as model:
        start, _ = evaluate(model, sample, loss=loss)
        history = Trainer(net, epochs=steps, **settings).fit(sample)
        end, accuracy = evaluate(model, sample, loss=loss)
    classes = bool(sample.class_names)
    reason = (
        f"In {len(history.records)} steps on {len(sample)} examples the loss goes from "
        f"{start:.2g} to {end:.2g}" + (f", the accuracy to {accuracy:.2g}." if classes else ".")
    )
    wrong = _what_is_wrong(sample, history, start, end, accuracy)
    values: dict[str, Any] = {"start": start, "loss": end, "accuracy": accuracy}
    values["losses"] = history.column("loss") if history.records else np.array([])
    return Verdict(not wrong, f"{reason} {wrong}".rstrip(), values)


def _what_is_wrong(
    sample: Dataset, history: History, start: float, end: float, accuracy: float
) -> str:
    if history.stopped or not np.isfinite(end):
        return f"{history.stopped or 'That is no number: try a smaller lr.'}"
    if end <= NEAR_ZERO * start and not accuracy < 1:
        return ""
    losses = history.column("loss")
    if losses[-1] <= NEAR_ZERO * losses[0]:
        return (
            "With dropout and BatchNorm as in training the loss is near zero: what differs in "
            "evaluation mode? BatchNorm's running averages need more steps."
        )
    if losses[-1] < STILL_FALLING * losses[-1 - len(losses) // 4]:
        return "The loss still falls: try more steps, or a larger lr."
    if _contradictions(sample):
        return "Some of these examples are equal but for their labels: nobody can learn that."
    return (
        "The loss is stuck: try another lr, a larger network and less dropout; then look for "
        "gradients that are zero (dead units, frozen layers) or wrong, and for shuffled labels."
    )


def _contradictions(sample: Dataset) -> bool:
    """Whether equal x come with different y."""
    labels = defaultdict(set)
    for x, y in zip(sample.x, sample.y, strict=True):
        labels[x.tobytes()].add(y.item())
    return any(len(seen) > 1 for seen in labels.values())
