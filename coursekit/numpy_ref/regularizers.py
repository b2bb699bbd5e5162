"""Regularisers: what a loss pays for large weights, and a limit that they may not pass.

Each takes one array of weights; a network's penalty is the sum over its weights, without biases.
"""

import math

import numpy as np

from coursekit.numpy_ref import _check


def l2_penalty(w: np.ndarray, *, weight_decay: float) -> tuple[float, np.ndarray]:
    """The L2 penalty: loss = ½ λ ‖w‖², dw = λ w. It shrinks large weights most.

    The ½ is there to make the gradient λw, which is what `weight_decay` means everywhere here.

    w: any shape; weight_decay λ ≥ 0. Returns loss, a float, and dw of the shape of w.
    Raises TypeError if w is not floats, ValueError for λ out of range.

    >>> l2_penalty(np.array([3.0, -4.0]), weight_decay=0.1)
    (1.25, array([ 0.3, -0.4]))

    References: krogh1991
    """
    _check.floats("l2_penalty", w=w)
    weight_decay = _check.in_range("l2_penalty", "weight_decay", weight_decay, "[0, inf)")
    return float(0.5 * weight_decay * np.sum(w * w)), weight_decay * w


def l1_penalty(w: np.ndarray, *, strength: float) -> tuple[float, np.ndarray]:
    """The L1 penalty: loss = λ Σ|w|, dw = λ sign(w). It drives small weights to exactly 0.

    At w = 0 the slope is undefined; like PyTorch we take 0.

    w: any shape; strength λ ≥ 0. Returns loss, a float, and dw of the shape of w.
    Raises TypeError if w is not floats, ValueError for λ out of range.

    >>> l1_penalty(np.array([3.0, 0.0, -4.0]), strength=0.5)
    (3.5, array([ 0.5,  0. , -0.5]))

    References: tibshirani1996
    """
    _check.floats("l1_penalty", w=w)
    strength = _check.in_range("l1_penalty", "strength", strength, "[0, inf)")
    return float(strength * np.sum(np.abs(w))), strength * np.sign(w)


def elastic_net_penalty(w: np.ndarray, *, l1: float, l2: float) -> tuple[float, np.ndarray]:
    """The elastic net, both at once: loss = λ₁ Σ|w| + λ₂ Σw², dw = λ₁ sign(w) + 2 λ₂ w.

    There is no ½ in this one, as in the paper: λ₂ is half of a `weight_decay`.

    w: any shape; l1 λ₁ ≥ 0; l2 λ₂ ≥ 0. Returns loss, a float, and dw of the shape of w.
    Raises TypeError if w is not floats, ValueError for λ₁ or λ₂ out of range.

    >>> elastic_net_penalty(np.array([3.0, -4.0]), l1=1.0, l2=0.5)
    (19.5, array([ 4., -5.]))

    References: zou2005
    """
    _check.floats("elastic_net_penalty", w=w)
    l1 = _check.in_range("elastic_net_penalty", "l1", l1, "[0, inf)")
    l2 = _check.in_range("elastic_net_penalty", "l2", l2, "[0, inf)")
    loss = l1 * np.sum(np.abs(w)) + l2 * np.sum(w * w)
    return float(loss), l1 * np.sign(w) + 2 * l2 * w


def max_norm(w: np.ndarray, *, c: float) -> np.ndarray:
    """Max norm: rescale each column of w, the weights into one unit, to ‖column‖² ≤ c.

    A column within the limit stays as it is; a longer one is multiplied by √c / ‖column‖,
    which keeps its direction. Apply it after each update; unlike a penalty it has no gradient.

    w: (D, M); c > 0 limits the *squared* norm. Returns a new w.
    Raises TypeError if w is not floats, ValueError if it is not 2-D or c is out of range.

    >>> max_norm(np.array([[3.0, 0.1], [4.0, 0.2]]), c=1.0)
    array([[0.6, 0.1],
           [0.8, 0.2]])

    References: srebro2005, srivastava2014
    """
    _check.floats("max_norm", w=w)
    _check.shape("max_norm", "w", w, ("D", "M"))
    c = _check.in_range("max_norm", "c", c, "(0, inf)")
    limit = math.sqrt(c)
    norm = np.hypot.reduce(w, axis=0)  # √Σw², but squares of large weights would overflow
    return w * (limit / np.maximum(norm, limit))
