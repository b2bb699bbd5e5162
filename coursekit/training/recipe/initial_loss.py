"""Step one: before it has learned anything, a network should be undecided."""

from typing import Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import _check
from coursekit.training.evaluate import Loss, cross_entropy
from coursekit.training.recipe.borrow import borrowed, some
from coursekit.training.recipe.verdict import Verdict
from coursekit.training.returned import loss_and_gradient

KNOWS = 0.5  # a network with so small a share of the undecided loss has seen the labels


def check_initial_loss(
    net: Any,
    data: Dataset,
    *,
    loss: Loss = cross_entropy,
    spread: float = 2.0,
    n: int = 1000,
    seed: int = 0,
) -> Verdict:
    """Is the loss of the untrained network that of a guess?

    Equal scores for all K classes cost ln K with the cross-entropy: 2.302585 for ten classes.
    Random weights give scores that differ a little, say with a standard deviation s within an
    example, and that costs about ½ s² more. He's weights on standardised inputs make s ≈ √2. So
    the loss is accepted up to that of normal random scores with s = `spread`. It is not accepted
    below half of that of equal scores: who guesses blindly is not that lucky.

    net: a NumPy network or a torch.nn.Module, left as it is; data: N ≥ 1 examples, of which at
    most n are used; loss: (scores, y) -> (loss, dscores); spread > 0.
    Returns a verdict with the values loss, expected (for equal scores), limit and spread.
    Raises ValueError or TypeError for arguments that make no sense, such as a regression.

    >>> from coursekit.data import digits
    >>> from coursekit.numpy_ref import Linear
    >>> line = Linear(64, 10, rng=np.random.default_rng(0), std=1e-4)
    >>> print(check_initial_loss(line, digits("train")))
    Good: The loss starts at 2.3026; equal scores for all classes would give 2.3026.

    References: bengio2012
    """
    op = "check_initial_loss"
    spread = _check.in_range(op, "spread", spread, "(0, inf)")
    sample = some(op, data, n, seed=seed)
    if not data.class_names:
        wrong, got = "the data set has no classes", "a regression"
        raise ValueError(_check.message(op, wrong, "two classes or more", got))

    def cost(scores: np.ndarray) -> float:
        return loss_and_gradient("loss", loss(scores, sample.y), dscores=scores)[0]

    rng = np.random.default_rng(seed)
    with borrowed(net) as model:
        scores = model.forward(sample.x, training=True, rng=rng)
        start = cost(scores)
        apart = float(np.std(scores - scores.mean(axis=1, keepdims=True)))
    undecided = cost(np.zeros_like(scores))
    noise = spread * rng.standard_normal(scores.shape)
    limit = cost(noise.astype(scores.dtype))
    reason = (
        f"The loss starts at {start:.5g}; equal scores for all classes would give {undecided:.5g}."
    )
    wrong = _what_is_wrong(start, undecided, limit, apart)
    values = {"loss": start, "expected": undecided, "limit": limit, "spread": apart}
    return Verdict(not wrong, f"{reason} {wrong}".rstrip(), values)


def _what_is_wrong(start: float, undecided: float, limit: float, apart: float) -> str:
    if not np.isfinite(start):
        return "That is no number: look for NaN or huge values in x, then in the weights."
    if start > limit:
        return (
            f"The scores of an example lie {apart:.3g} apart, so the network is sure of what it "
            "cannot know: its weights are too large, or x is not normalised (0 to 255?)."
        )
    if start < KNOWS * undecided:
        return (
            "An untrained network cannot know that much: it has been trained already, or "
            "the labels are in x."
        )
    return ""
