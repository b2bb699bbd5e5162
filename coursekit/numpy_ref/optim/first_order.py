"""Update rules, from plain gradient descent to AdamW.

Each is a pure function of weights, gradient and `state`, the optimiser's memory: a dict that starts
empty, `{}`. It returns new weights and a new state and changes nothing that it was given.
In all of them `weight_decay` λ adds λw to the gradient, as if the loss had gained ½λ‖w‖²; AdamW
alone takes λw from the weights directly. Pass λ for weights only: biases are not decayed.
A learning rate of 0, where schedules begin and end, moves nothing, but the state goes on.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.numpy_ref import _check

State = dict[str, Any]

_BLOCK = 2**16  # values


def sgd_weight_decay_step(
    w: np.ndarray, dw: np.ndarray, *, lr: float, weight_decay: float
) -> np.ndarray:
    """One step of gradient descent with weight decay: w ← w − lr·(dw + λw).

    Read as w ← (1 − lr·λ)·w − lr·dw it shows the name: before each step the weights shrink by
    a constant factor. The learning rate multiplies the data gradient and the decay alike.

    w, dw: any shape, the same for both; lr ≥ 0; weight_decay λ ≥ 0. Returns the new w.
    Raises TypeError for arrays that are not floats or differ in type, ValueError for other shapes
    or ranges.

    >>> sgd_weight_decay_step(np.array([1.0]), np.array([2.0]), lr=0.1, weight_decay=0.5)
    array([0.75])

    References: krogh1991, loshchilov2019
    """
    g, lr = _decayed("sgd_weight_decay_step", w, dw, lr, weight_decay)
    return np.asarray(w - lr * g)


def sgd(
    w: np.ndarray, dw: np.ndarray, state: State, *, lr: float, weight_decay: float = 0.0
) -> tuple[np.ndarray, State]:
    """Gradient descent, the rule with no memory: g = dw + λw; w ← w − lr·g.

    w, dw: any shape, the same for both; state: a dict, here always empty; lr ≥ 0; λ ≥ 0.
    Returns (w, state). Raises TypeError for arrays that are not floats or differ in type and a
    state that is no dict, ValueError for other shapes or ranges.

    >>> w, state = sgd(np.array([1.0]), np.array([2.0]), {}, lr=0.1)
    >>> w, state
    (array([0.8]), {})

    References: robbins1951
    """
    g, lr = _decayed("sgd", w, dw, lr, weight_decay)
    _memory("sgd", state, w)
    return _result(w - lr * g)


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

    w, dw: any shape, the same for both; state: {} or {"v": array}; lr ≥ 0; μ in [0, 1); λ ≥ 0.
    Returns (w, state). Raises as `sgd` does.

    >>> w, state = momentum(np.array([1.0]), np.array([2.0]), {}, lr=0.1)
    >>> w, state = momentum(w, np.array([2.0]), state, lr=0.1)
    >>> w.round(2), state["v"].round(2)
    (array([0.42]), array([3.8]))

    References: polyak1964, sutskever2013
    """
    g, lr = _decayed("momentum", w, dw, lr, weight_decay)
    mu = _check.in_range("momentum", "momentum", momentum, "[0, 1)")
    (v,) = _memory("momentum", state, w, "v")
    v = mu * v + g
    return _result(w - lr * v, v=v)


def momentum_velocity(
    w: np.ndarray,
    dw: np.ndarray,
    state: State,
    *,
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> tuple[np.ndarray, State]:
    """Momentum as physics writes it: v ← μv − lr·g; w ← w + v, with g = dw + λw.

    Here v is the step itself and not a sum of gradients. While lr is constant, w takes the path of
    `momentum`. When lr changes the two part: this rule remembers steps, each with the rate of its
    own day built in; `momentum` remembers gradients and scales them all with today's rate.

    w, dw: any shape, the same for both; state: {} or {"v": array}; lr ≥ 0; μ in [0, 1); λ ≥ 0.
    Returns (w, state). Raises as `sgd` does.

    >>> w, state = momentum_velocity(np.array([1.0]), np.array([2.0]), {}, lr=0.1)
    >>> w, state = momentum_velocity(w, np.array([2.0]), state, lr=0.1)
    >>> w.round(2), state["v"].round(2)
    (array([0.42]), array([-0.38]))

    References: polyak1964, sutskever2013
    """
    g, lr = _decayed("momentum_velocity", w, dw, lr, weight_decay)
    mu = _check.in_range("momentum_velocity", "momentum", momentum, "[0, 1)")
    (v,) = _memory("momentum_velocity", state, w, "v")
    v = mu * v - lr * g
    return _result(w + v, v=v)


def nesterov_lookahead(
    w: np.ndarray,
    dw: Callable[[np.ndarray], np.ndarray],
    state: State,
    *,
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> tuple[np.ndarray, State]:
    """Nesterov's momentum as published: look where the velocity leads, take the gradient there.

        ahead = w + μv;   v ← μv − lr·g(ahead);   w ← w + v,   with g(w) = dw(w) + λw

    The velocity will carry w to about w + μv whatever the gradient says, so that is where the
    gradient is worth knowing: a step that goes too far is corrected one step earlier.

    w: any shape; dw: a *function*, dw(w) -> gradient, since the rule chooses the point;
    state: {} or {"v": array}; lr ≥ 0; μ in [0, 1); λ ≥ 0. Returns (w, state). Raises as `sgd`
    does, and TypeError if dw is no function.

    >>> w, state = nesterov_lookahead(np.array([1.0]), lambda w: 2 * w, {}, lr=0.1)
    >>> w, state = nesterov_lookahead(w, lambda w: 2 * w, state, lr=0.1)
    >>> w.round(3), state["v"].round(3)
    (array([0.496]), array([-0.304]))

    References: nesterov1983, sutskever2013
    """
    op = "nesterov_lookahead"
    _check.floats(op, w=w)
    _check.function(op, "dw", dw)
    mu = _check.in_range(op, "momentum", momentum, "[0, 1)")
    (v,) = _memory(op, state, w, "v")
    ahead = np.asarray(w + mu * v)
    g, lr = _decayed(op, ahead, _check.as_array(dw(ahead)), lr, weight_decay)
    v = mu * v - lr * g
    return _result(w + v, v=v)


def nesterov(
    w: np.ndarray,
    dw: np.ndarray,
    state: State,
    *,
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> tuple[np.ndarray, State]:
    """Nesterov's momentum after a change of variables, as libraries have it.

        v ← μv + g;   w ← w − lr·(g + μv),   with g = dw + λw

    This w is the point `ahead` of `nesterov_lookahead`, renamed: so the gradient is needed at the
    weights that the network has, and the rule fits where every other rule fits. At constant lr
    both walk the same path.

    w, dw: any shape, the same for both; state: {} or {"v": array}; lr ≥ 0; μ in [0, 1); λ ≥ 0.
    Returns (w, state). Raises as `sgd` does.

    >>> w, state = nesterov(np.array([1.0]), np.array([2.0]), {}, lr=0.1)
    >>> w.round(2), state["v"]
    (array([0.62]), array([2.]))

    References: nesterov1983, bengio2013
    """
    g, lr = _decayed("nesterov", w, dw, lr, weight_decay)
    mu = _check.in_range("nesterov", "momentum", momentum, "[0, 1)")
    (v,) = _memory("nesterov", state, w, "v")
    v = mu * v + g
    return _result(w - lr * (g + mu * v), v=v)


def adagrad(
    w: np.ndarray,
    dw: np.ndarray,
    state: State,
    *,
    lr: float,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[np.ndarray, State]:
    """AdaGrad: every weight has its own step size, which only shrinks.

        s ← s + g²;   w ← w − lr · g / (√s + ε),   with g = dw + λw

    Steep directions get small steps and flat ones large steps. But s, the sum of all g² so far,
    only grows: after t gradients of one size the step is lr/√t, and training dies out.

    w, dw: any shape, the same for both; state: {} or {"s": array}; lr ≥ 0; ε > 0; λ ≥ 0.
    Returns (w, state). Raises as `sgd` does.

    >>> w, state = adagrad(np.array([1.0, 1.0]), np.array([3.0, -0.01]), {}, lr=0.1)
    >>> w.round(4), state["s"].round(4)
    (array([0.9, 1.1]), array([9.e+00, 1.e-04]))

    References: duchi2011
    """
    g, lr = _decayed("adagrad", w, dw, lr, weight_decay)
    eps = _check.in_range("adagrad", "eps", eps, "(0, inf)")
    (s,) = _memory("adagrad", state, w, "s")
    s = s + g * g
    return _result(w - lr * g / (np.sqrt(s) + eps), s=s)


def rmsprop(
    w: np.ndarray,
    dw: np.ndarray,
    state: State,
    *,
    lr: float,
    decay_rate: float = 0.9,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[np.ndarray, State]:
    """RMSProp: AdaGrad that forgets, so its steps need not die out.

        s ← ρs + (1 − ρ)g²;   w ← w − lr · g / (√s + ε),   with g = dw + λw

    s is a running mean where AdaGrad has a sum: the decay rate ρ says how much of it is kept.
    It starts at zero and is too small at first: the first step is lr/√(1 − ρ) in every direction.

    w, dw: any shape, the same for both; state: {} or {"s": array}; lr ≥ 0; ρ in [0, 1); ε > 0;
    λ ≥ 0. Returns (w, state). Raises as `sgd` does.

    >>> w, state = rmsprop(np.array([1.0]), np.array([2.0]), {}, lr=0.1)
    >>> w.round(4), state["s"].round(4)
    (array([0.6838]), array([0.4]))

    References: tieleman2012
    """
    g, lr = _decayed("rmsprop", w, dw, lr, weight_decay)
    rho = _check.in_range("rmsprop", "decay_rate", decay_rate, "[0, 1)")
    eps = _check.in_range("rmsprop", "eps", eps, "(0, inf)")
    (s,) = _memory("rmsprop", state, w, "s")
    s = rho * s + (1 - rho) * g * g
    return _result(w - lr * g / (np.sqrt(s) + eps), s=s)


def adam(
    w: np.ndarray,
    dw: np.ndarray,
    state: State,
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    bias_correction: bool = True,
    weight_decay: float = 0.0,
) -> tuple[np.ndarray, State]:
    """Adam: momentum, and RMSProp's step size of its own for every weight.

    With g = dw + λw, and t counting the steps from 1,

        m ← β₁m + (1 − β₁)g          v ← β₂v + (1 − β₂)g²
        w ← w − lr · m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)

    m and v start at zero, so they are too small at first; the two divisions correct that, and
    the first step is about lr in every direction. bias_correction=False leaves them out, m̂ = m
    and v̂ = v: then the first step is (1 − β₁)/√(1 − β₂) times that, 3.2 times with the defaults.
    Here λw is scaled by 1/√v̂ like the rest of g: for Adam an L2 penalty is not the same as weight
    decay, see `adamw`.

    w, dw: any shape, the same for both; state: {} or {"step": t, "m": array, "v": array};
    lr ≥ 0; β₁, β₂ in [0, 1); ε > 0; λ ≥ 0. Returns (w, state). Raises as `sgd` does.

    >>> w, state = adam(np.array([1.0, 1.0]), np.array([5.0, -0.01]), {}, lr=0.1)
    >>> w.round(4), state["step"]
    (array([0.9, 1.1]), 1)

    References: kingma2015, loshchilov2019
    """
    g, lr = _decayed("adam", w, dw, lr, weight_decay)
    _check.flag("adam", "bias_correction", bias_correction)
    return _adam("adam", w, g, state, lr, (beta1, beta2), eps, bias_correction)


def adamw(
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
    """Adam with decoupled weight decay: w ← (1 − lr·λ)·w, then Adam's step for dw alone.

    In `adam` the decay λw is divided by √v̂: weights with large gradients hardly decay. Here all
    weights shrink by the same factor, as with `sgd`.

    w, dw: any shape, the same for both; state: {} or {"step": t, "m": array, "v": array};
    lr ≥ 0; β₁, β₂ in [0, 1); ε > 0; λ ≥ 0. Returns (w, state). Raises as `sgd` does.

    >>> w, state = adamw(np.array([1.0, 1.0]), np.array([5.0, 0.0]), {}, lr=0.1, weight_decay=0.5)
    >>> w.round(4)
    array([0.85, 0.95])

    References: loshchilov2019
    """
    g, lr = _decayed("adamw", w, dw, lr, 0.0)
    decay = _check.in_range("adamw", "weight_decay", weight_decay, "[0, inf)")
    shrunk = np.asarray((1 - lr * decay) * w)
    return _adam("adamw", shrunk, g, state, lr, (beta1, beta2), eps, True)


def _decayed(op: str, w, dw, lr: float, weight_decay: float) -> tuple[np.ndarray, float]:
    """Check what all rules share; return the gradient with its decay, dw + λw, and lr."""
    _check.floats(op, w=w, dw=dw)
    _check.same_type(op, w=w, dw=dw)
    _check.shape(op, "dw", dw, w.shape)
    lr = _check.in_range(op, "lr", lr, "[0, inf)")
    decay = _check.in_range(op, "weight_decay", weight_decay, "[0, inf)")
    return (dw + decay * w if decay else dw), lr


def _memory(op: str, state: State, w: np.ndarray, *names: str, counts: bool = False):
    """Check the state; return its arrays of these names, zeros before the first step."""
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(names, w.shape)
    _check.state(op, state, {**shapes, "step": ()} if counts else shapes)
    if not state:
        return [np.zeros_like(w) for _ in names]
    _check.floats(op, **{f"state['{name}']": state[name] for name in names})
    return [state[name] for name in names]


def _result(w, **memory) -> tuple[np.ndarray, State]:
    """What a rule returns: arrays again where NumPy made scalars of arrays without axes."""
    return np.asarray(w), {name: np.asarray(value) for name, value in memory.items()}


def _adam(op: str, w, g, state: State, lr: float, betas, eps: float, bias_correction: bool):
    """Adam's step for a gradient g that holds its decay already.

    With a = √(1 − β₂ᵗ) the step is lr·a/(1 − β₁ᵗ) · m/(√v + a·ε): both corrections in two numbers.
    """
    beta1 = _check.in_range(op, "beta1", betas[0], "[0, 1)")
    beta2 = _check.in_range(op, "beta2", betas[1], "[0, 1)")
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    m, v = _memory(op, state, w, "m", "v", counts=True)
    step = _check.counted(op, state, "step") + 1
    root = (1 - beta2**step) ** 0.5 if bias_correction else 1.0
    rate = lr * root / (1 - beta1**step) if bias_correction else lr

    def update(w, g, m, v, new_w, new_m, new_v):
        scratch = new_w  # until the last lines
        np.multiply(1 - beta1, g, out=scratch)
        np.multiply(beta1, m, out=new_m)
        new_m += scratch
        np.multiply(g, g, out=scratch)
        scratch *= 1 - beta2
        np.multiply(beta2, v, out=new_v)
        new_v += scratch
        np.sqrt(new_v, out=new_w)
        new_w += root * eps
        np.divide(new_m, new_w, out=new_w)
        new_w *= -rate
        new_w += w

    w, m, v = _in_blocks(update, (w, g, m, v), results=3)
    return w, {"step": step, "m": m, "v": v}


def _in_blocks(formula: Callable[..., None], arrays, results: int) -> list[np.ndarray]:
    """Let an element-wise formula fill new arrays, one block of all arrays after the other.

    A block stays in the processor's cache from the first operation to the last. Whole arrays
    of a million values would travel from memory and back for each of them.
    """
    given = [np.ravel(array) for array in arrays]
    new = [np.empty(given[0].size, np.result_type(*given)) for _ in range(results)]
    for start in range(0, given[0].size, _BLOCK):
        formula(*(array[start : start + _BLOCK] for array in (*given, *new)))
    return [array.reshape(np.shape(arrays[0])) for array in new]
