"""Update rules, from plain gradient descent to Adam.

Each is a pure function of weights, gradient and `state`, the optimiser's memory: a dict that starts
empty, `{}`. It returns new weights and a new state and changes nothing that it was given.
In all of them `weight_decay` λ adds λw to the gradient, as if the loss had gained ½λ‖w‖².
Pass λ for weights only: biases are not decayed.
"""

import numpy as np

from coursekit.numpy_ref import _check

State = dict[str, np.ndarray | int]


def sgd_weight_decay_step(
    w: np.ndarray, dw: np.ndarray, *, lr: float, weight_decay: float
) -> np.ndarray:
    """One step of gradient descent with weight decay: w ← w − lr·(dw + λw).

    Read as w ← (1 − lr·λ)·w − lr·dw it shows the name: before each step the weights shrink by
    a constant factor. The learning rate multiplies the data gradient and the decay alike.

    w, dw: any shape, the same for both; lr > 0; weight_decay λ ≥ 0. Returns the new w.
    Raises TypeError for arrays that are not floats, ValueError for other shapes or ranges.

    >>> sgd_weight_decay_step(np.array([1.0]), np.array([2.0]), lr=0.1, weight_decay=0.5)
    array([0.75])

    References: krogh1991, loshchilov2019
    """
    g, lr = _decayed("sgd_weight_decay_step", w, dw, lr, weight_decay)
    return w - lr * g


def sgd(
    w: np.ndarray, dw: np.ndarray, state: State, *, lr: float, weight_decay: float = 0.0
) -> tuple[np.ndarray, State]:
    """Gradient descent, the rule with no memory: g = dw + λw; w ← w − lr·g.

    w, dw: any shape, the same for both; state: a dict, here always empty; lr > 0; λ ≥ 0.
    Returns (w, state). Raises TypeError for arrays that are not floats or a state that is no
    dict, ValueError for other shapes or ranges.

    >>> w, state = sgd(np.array([1.0]), np.array([2.0]), {}, lr=0.1)
    >>> w, state
    (array([0.8]), {})

    References: robbins1951
    """
    g, lr = _decayed("sgd", w, dw, lr, weight_decay)
    _check.state("sgd", state, {})
    return w - lr * g, {}


def momentum(
    w: np.ndarray,
    dw: np.ndarray,
    state: State,
    *,
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> tuple[np.ndarray, State]:
    """Gradient descent with momentum μ: v ← μv + g; w ← w − lr·v, with g = dw + λw.

    The velocity v, zero at first, remembers past gradients: directions that keep their sign add
    up (to 1/(1 − μ) times the gradient), directions that flip cancel.

    w, dw: any shape, the same for both; state: {} or {"v": array}; lr > 0; μ in [0, 1); λ ≥ 0.
    Returns (w, state). Raises as `sgd` does.

    >>> w, state = momentum(np.array([1.0]), np.array([2.0]), {}, lr=0.1)
    >>> w, state = momentum(w, np.array([2.0]), state, lr=0.1)
    >>> w.round(2), state["v"].round(2)
    (array([0.42]), array([3.8]))

    References: polyak1964, sutskever2013
    """
    g, lr = _decayed("momentum", w, dw, lr, weight_decay)
    mu = _check.in_range("momentum", "momentum", momentum, "[0, 1)")
    _check.state("momentum", state, {"v": w.shape})
    v = mu * state.get("v", np.zeros_like(w)) + g
    return w - lr * v, {"v": v}


def adam(
    w: np.ndarray,
    dw: np.ndarray,
    state: State,
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[np.ndarray, State]:
    """Adam: momentum, and a step size of its own for every weight.

    With g = dw + λw, and t counting the steps from 1,

        m ← β₁m + (1 − β₁)g          v ← β₂v + (1 − β₂)g²
        w ← w − lr · m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)

    m and v start at zero, so they are too small at first; the two divisions correct that, and
    the first step is about lr in every direction. Here λw is scaled by 1/√v̂ like the rest of g:
    for Adam an L2 penalty is not the same as weight decay.

    w, dw: any shape, the same for both; state: {} or {"step": t, "m": array, "v": array};
    lr > 0; β₁, β₂ in [0, 1); ε > 0; λ ≥ 0. Returns (w, state). Raises as `sgd` does.

    >>> w, state = adam(np.array([1.0, 1.0]), np.array([5.0, -0.01]), {}, lr=0.1)
    >>> w.round(4), state["step"]
    (array([0.9, 1.1]), 1)

    References: kingma2015, loshchilov2019
    """
    g, lr = _decayed("adam", w, dw, lr, weight_decay)
    beta1 = _check.in_range("adam", "beta1", beta1, "[0, 1)")
    beta2 = _check.in_range("adam", "beta2", beta2, "[0, 1)")
    eps = _check.in_range("adam", "eps", eps, "(0, inf)")
    _check.state("adam", state, {"step": (), "m": w.shape, "v": w.shape})
    step = int(state.get("step", 0)) + 1
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(w)) + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"step": step, "m": m, "v": v}


def _decayed(op: str, w, dw, lr: float, weight_decay: float) -> tuple[np.ndarray, float]:
    """Check what all rules share; return the gradient with its decay, dw + λw, and lr."""
    _check.floats(op, w=w, dw=dw)
    _check.shape(op, "dw", dw, w.shape)
    lr = _check.in_range(op, "lr", lr, "(0, inf)")
    return dw + _check.in_range(op, "weight_decay", weight_decay, "[0, inf)") * w, lr
