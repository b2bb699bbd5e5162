"""Step two: a strong penalty must show in the loss."""

from functools import partial
from typing import Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import _check, l2_penalty
from coursekit.training.evaluate import Loss, cross_entropy
from coursekit.training.recipe.borrow import borrowed, some
from coursekit.training.recipe.verdict import Verdict
from coursekit.training.trainer import Penalty, Trainer, is_weight

TOLERANCE = 1e-3  # relative: the loss of a float32 network has seven digits, most of them ours
STRONG = partial(l2_penalty, weight_decay=1e3)


def crank_regularizer(
    net: Any,
    data: Dataset,
    *,
    penalty: Penalty = STRONG,
    loss: Loss = cross_entropy,
    n: int = 1000,
    seed: int = 0,
) -> Verdict:
    """Does the loss go up by the penalty, and the gradient go with it?

    A Trainer makes its first step without the penalty and with it. The second loss must be larger
    by Σ penalty(w) over the weights w; and along a random direction d the penalty must rise as
    its gradient says, [penalty(w + hd) − penalty(w − hd)] / 2h = dw · d. Who writes λ‖w‖² for the
    loss and λw for its gradient fails here and nowhere else.

    net: left as it is; data: N ≥ 1 examples, of which at most n are used; penalty:
    w -> (loss, dw), strong enough to be seen, by default L2 with λ = 1000; loss:
    (scores, y) -> (loss, dscores).
    Returns a verdict with the values without, with, penalty, slope and gradient.
    Raises ValueError or TypeError for arguments that make no sense.

    >>> from coursekit.data import digits
    >>> from coursekit.numpy_ref import Linear
    >>> line = Linear(64, 10, rng=np.random.default_rng(0), std=1e-2)
    >>> print(crank_regularizer(line, digits("train")))
    Good: The penalty of 32.03 takes the loss from 2.305 to 34.33.

    References: goodfellow2016
    """
    _check.function("crank_regularizer", "penalty", penalty)
    sample = some("crank_regularizer", data, n, seed=seed)
    settings = {"loss": loss, "steps": 1, "seed": seed, "callbacks": (), "lr": 1e-12}
    with borrowed(net) as model:
        weights = [w.astype(float) for name, w in model.params.items() if is_weight(name, w)]
        plain = Trainer(net, **settings).fit(sample).column("loss")[0]
    with borrowed(net):
        cranked = Trainer(net, penalty=penalty, **settings).fit(sample).column("loss")[0]
    extra = float(sum(penalty(w)[0] for w in weights))
    slope, gradient = _slopes(penalty, weights, np.random.default_rng(seed))
    reason = f"The penalty of {extra:.4g} takes the loss from {plain:.4g} to {cranked:.4g}."
    wrong = _wrong_loss(float(cranked - plain), extra, float(cranked)) or _wrong_gradient(
        slope, gradient
    )
    values = {"without": float(plain), "with": float(cranked), "penalty": extra}
    values |= {"slope": slope, "gradient": gradient}
    return Verdict(not wrong, f"{reason} {wrong}".rstrip(), values)


def _slopes(
    penalty: Penalty, weights: list[np.ndarray], rng: np.random.Generator
) -> tuple[float, float]:
    """How fast the penalty rises along a random direction: by its values, and by its gradient."""
    slope = gradient = 0.0
    for w in weights:
        direction = np.sign(w) * rng.random(w.shape)  # away from 0, where |w| has a kink
        h = 1e-4 * np.abs(w).max(initial=1e-8)
        slope += (penalty(w + h * direction)[0] - penalty(w - h * direction)[0]) / (2 * h)
        gradient += float(np.sum(penalty(w)[1] * direction))
    return float(slope), gradient


def _wrong_loss(rise: float, extra: float, cranked: float) -> str:
    if extra == 0:
        return "Nothing is penalised: the strength is 0, all weights are, or there are no weights."
    if not abs(rise - extra) <= TOLERANCE * abs(cranked):
        return f"It should go up by the penalty; it goes up by {rise:.4g}."
    return ""


def _wrong_gradient(slope: float, gradient: float) -> str:
    if abs(slope - gradient) <= TOLERANCE * abs(slope):
        return ""
    return (
        f"But where the penalty rises by {slope:.4g} its gradient says {gradient:.4g}: "
        "a factor of 2 may be missing."
    )
