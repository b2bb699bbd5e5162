"""Second-order methods: they know how the slope changes, and ask for the full batch.

Newton's step takes the curvature as it is, a D × D matrix for D weights; L-BFGS guesses it from
the last few gradients. Both are for problems with little noise and few weights.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.numpy_ref import _check

Objective = Callable[..., tuple[Any, Any]]  # w -> (loss, dw)


def newton(
    w: np.ndarray,
    dw: np.ndarray,
    state: dict,
    *,
    hessian: np.ndarray,
    lr: float = 1.0,
    damping: float = 0.0,
) -> tuple[np.ndarray, dict]:
    """Newton's step: w ← w − lr·(H + damping·I)⁻¹ dw.

    It jumps to the point where the quadratic Taylor polynomial at w has no slope: to the minimum
    in one step if the loss is quadratic, with no learning rate to choose. If H has a negative
    direction it climbs there, to a saddle or a maximum; a damping above the size of H's lowest
    eigenvalue prevents that, and a large one gives a small step of gradient descent. H takes
    D² numbers and the system about D³/3 multiplications: 10⁶ weights, 8 terabytes. The system is
    solved; the inverse would cost three times as much and be less exact.

    w, dw: any shape, the same for both; hessian H: (D, D) with D = w.size, its rows and columns
    in the order of `w.ravel()`; state: a dict, always empty; lr ≥ 0; damping ≥ 0.
    Returns (w, state). Raises TypeError for arrays that are not floats or differ in type,
    ValueError for other shapes or ranges, or if H + damping·I is singular.

    >>> w, dw, hessian = np.array([3.0, 1.0]), np.array([6.0, 10.0]), np.diag([2.0, 10.0])
    >>> newton(w, dw, {}, hessian=hessian)  # the loss w₀² + 5w₁²
    (array([0., 0.]), {})

    References: goodfellow2016
    """
    _check.floats("newton", w=w, dw=dw, hessian=hessian)
    _check.same_type("newton", w=w, dw=dw, hessian=hessian)
    _check.shape("newton", "dw", dw, w.shape)
    _check.shape("newton", "hessian", hessian, (w.size, w.size))
    _check.state("newton", state, {})
    lr = _check.in_range("newton", "lr", lr, "[0, inf)")
    damping = _check.in_range("newton", "damping", damping, "[0, inf)")
    try:
        step = np.linalg.solve(hessian + damping * np.eye(w.size, dtype=w.dtype), dw.ravel())
    except np.linalg.LinAlgError as error:
        expected, hint = "a matrix that can be inverted", "Try damping=1e-3."
        wrong = "hessian + damping·I is singular"
        raise ValueError(_check.message("newton", wrong, expected, error, hint)) from error
    return np.asarray(w - lr * step.reshape(w.shape)), {}


def lbfgs(
    f: Objective, w: np.ndarray, *, max_iterations: int = 100, tolerance: float = 1e-5
) -> tuple[np.ndarray, np.ndarray]:
    """Minimise a loss by L-BFGS: Newton's method with a curvature guessed from past steps.

    Two gradients and the step between them say how the slope changes along that step. From the
    last ten such pairs a direction close to Newton's is computed in O(D), with no matrix, and a
    line search finds how far to go. Noise would spoil the pairs: f must always be the same
    function, the loss of *all* the data, with no dropout.

    SciPy does the work, in float64: f is called with float64 arrays of the shape of w.

    f: a function f(w) -> (loss, dw); w: any shape, where to start; at most max_iterations ≥ 1,
    fewer if no entry of dw is above tolerance ≥ 0 in size.
    Returns the w reached, and the losses: at the start and after each iteration. To see every
    evaluation, write it down in f. Raises TypeError or ValueError for arguments that do not fit
    and for an f that returns something else, ModuleNotFoundError without SciPy.

    >>> def f(w):
    ...     return float(np.sum((w - 3) ** 2)), 2 * (w - 3)
    >>> w, losses = lbfgs(f, np.zeros(2))
    >>> w.round(6), losses[0]
    (array([3., 3.]), np.float64(18.0))

    References: nocedal1980, liu1989
    """
    _check.floats("lbfgs", w=w)
    _check.not_empty("lbfgs", "w", w)
    _check.function("lbfgs", "f", f)
    max_iterations = _check.count("lbfgs", "max_iterations", max_iterations)
    tolerance = _check.in_range("lbfgs", "tolerance", tolerance, "[0, inf)")
    minimize = _scipy_minimize()

    def flat(values: np.ndarray) -> tuple[float, np.ndarray]:
        loss, dw = _evaluated(f, values.reshape(w.shape))
        return loss, dw.ravel()

    start = w.astype(float).ravel()
    losses = [flat(start)[0]]
    result = minimize(
        flat,
        start,
        method="L-BFGS-B",
        jac=True,
        callback=lambda intermediate_result: losses.append(intermediate_result.fun),
        options={"maxiter": max_iterations, "gtol": tolerance, "ftol": 0.0},
    )
    return result.x.reshape(w.shape).astype(w.dtype), np.array(losses)


def _evaluated(f: Objective, w: np.ndarray) -> tuple[float, np.ndarray]:
    """Call f and check what it returns."""
    result = f(w.copy())
    if not (isinstance(result, tuple) and len(result) == 2):
        got = type(result).__name__
        raise TypeError(_check.message("lbfgs", "f(w) is not a pair", "f(w) -> (loss, dw)", got))
    loss, dw = np.asarray(result[0]), _check.as_array(result[1])
    _check.floats("lbfgs", dw=dw)
    _check.shape("lbfgs", "dw", dw, w.shape)
    if loss.shape != () or loss.dtype.kind not in "fiu":
        expected, got = "f(w) -> (loss, dw) with one loss", repr(result[0])
        raise ValueError(_check.message("lbfgs", "the loss is not a number", expected, got))
    return float(loss), dw


def _scipy_minimize():
    """SciPy's minimize: NumPy alone is enough for everything else, so it is imported here."""
    try:
        from scipy.optimize import minimize
    except ModuleNotFoundError as error:
        expected, hint = "scipy to be installed", "Try pip install scipy."
        message = _check.message("lbfgs", "SciPy is missing", expected, error, hint)
        raise ModuleNotFoundError(message) from error
    return minimize
