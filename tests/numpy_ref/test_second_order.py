"""What Newton's step and L-BFGS promise, beyond the common tests."""

import inspect
import sys

import numpy as np
import pytest
import torch

from coursekit import numpy_ref, torch_ref
from coursekit.numpy_ref import lbfgs, newton

H = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]])
GOAL = np.array([1.0, -2.0, 3.0])


def rosenbrock(w):
    """A curved valley with its minimum, 0, at (1, 1); for arrays and tensors alike."""
    a, b = w[0], w[1]
    stack = np.stack if isinstance(w, np.ndarray) else torch.stack
    loss = (1 - a) ** 2 + 100 * (b - a * a) ** 2
    return loss, stack([-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)])


def test_newton_reaches_the_minimum_of_a_quadratic_loss_in_one_step():
    start = np.array([10.0, 20.0, -30.0])
    w, state = newton(start, H @ (start - GOAL), {}, hessian=H)
    np.testing.assert_allclose(w, GOAL, rtol=1e-12)
    assert state == {}


def test_newton_does_not_mind_the_scale_of_the_weights():
    """In other units w = Su, with gradient Sg and Hessian SHS, it makes the same step."""
    start, scale = np.array([10.0, 20.0, -30.0]), np.diag([1.0, 1e3, 1e-3])
    g = np.array([1.0, 2.0, 3.0])
    w, _ = newton(start, g, {}, hessian=H)
    u = np.linalg.solve(scale, start)
    u, _ = newton(u, scale @ g, {}, hessian=scale @ H @ scale)
    np.testing.assert_allclose(scale @ u, w, rtol=1e-8)


def test_newton_counts_the_weights_of_a_matrix_row_by_row():
    w, dw = np.zeros((2, 2)), np.array([[1.0, 2.0], [3.0, 4.0]])
    hessian = np.diag([1.0, 2.0, 4.0, 8.0])
    out, _ = newton(w, dw, {}, hessian=hessian)
    np.testing.assert_array_equal(out, -np.array([[1.0, 1.0], [0.75, 0.5]]))
    flipped, _ = newton(w, np.asfortranarray(dw), {}, hessian=hessian)
    np.testing.assert_array_equal(flipped, out)


def test_newton_climbs_where_the_curvature_is_negative_unless_it_is_damped():
    w, dw, hessian = np.array([1.0]), np.array([-2.0]), np.array([[-2.0]])  # the loss −w²
    assert newton(w, dw, {}, hessian=hessian)[0] == 0
    assert newton(w, dw, {}, hessian=hessian, damping=3.0)[0] == 3


def test_newton_with_a_large_damping_is_gradient_descent():
    w, _ = newton(GOAL, np.ones(3), {}, hessian=H, damping=1e6)
    np.testing.assert_allclose(w - GOAL, -1e-6 * np.ones(3), rtol=1e-5)


@pytest.mark.parametrize("shape", [(), (0,), (1, 1)])
def test_newton_takes_arrays_without_axes_and_without_values(shape):
    w = np.ones(shape, np.float32)
    out, _ = newton(w, w, {}, hessian=2 * np.eye(w.size, dtype=np.float32), damping=0.5)
    assert isinstance(out, np.ndarray)
    assert (out.shape, out.dtype) == (shape, np.float32)
    np.testing.assert_allclose(out, 1 - 1 / 2.5, rtol=1e-6)


def test_newton_has_no_learning_rate_to_choose():
    defaults = {n: p.default for n, p in inspect.signature(newton).parameters.items()}
    assert (defaults["lr"], defaults["damping"]) == (1.0, 0.0)


def test_lbfgs_and_its_twin_reach_the_end_of_the_curved_valley():
    start = np.array([-1.2, 1.0])
    w, losses = lbfgs(rosenbrock, start, tolerance=1e-9)
    twin, twin_losses = torch_ref.lbfgs(rosenbrock, torch.from_numpy(start), tolerance=1e-9)
    np.testing.assert_allclose(w, [1, 1], atol=1e-8)
    np.testing.assert_allclose(twin, [1, 1], atol=1e-8)
    assert losses[0] == twin_losses[0] == rosenbrock(start)[0]
    assert losses[-1] < 1e-15 and twin_losses[-1] < 1e-15


def test_lbfgs_losses_fall_from_the_start_to_the_end():
    start = np.array([-1.2, 1.0])
    w, losses = lbfgs(rosenbrock, start)
    assert losses[0] == rosenbrock(start)[0] and losses[-1] == rosenbrock(w)[0]
    assert np.all(np.diff(losses) <= 0)


@pytest.mark.parametrize("module", [numpy_ref, torch_ref])
def test_lbfgs_stops_after_max_iterations_or_at_the_tolerance(module):
    start = np.array([-1.2, 1.0])
    if module is torch_ref:
        start = torch.from_numpy(start)
    lengths = [len(module.lbfgs(rosenbrock, start, max_iterations=n)[1]) for n in (1, 5)]
    assert lengths == [2, 6]
    w, losses = module.lbfgs(rosenbrock, start, tolerance=0.1)
    assert abs(rosenbrock(w)[1]).max() <= 0.1
    assert len(losses) < len(module.lbfgs(rosenbrock, start)[1])
    _, losses = module.lbfgs(rosenbrock, start, tolerance=1e9)
    assert len(losses) == 1, "the start is good enough"


@pytest.mark.parametrize("module", [numpy_ref, torch_ref])
def test_lbfgs_stops_after_a_hundred_iterations_or_a_gradient_of_a_hundred_thousandth(module):
    def far(w):
        """It falls for ever, more slowly all the time."""
        return 1 / (1 + w.sum()), -1 / (1 + w.sum()) ** 2 + 0 * w

    defaults = {n: p.default for n, p in inspect.signature(module.lbfgs).parameters.items()}
    assert (defaults["max_iterations"], defaults["tolerance"]) == (100, 1e-5)
    start = np.ones(1) if module is numpy_ref else torch.ones(1)
    w, _ = module.lbfgs(far, start, max_iterations=10_000)
    assert abs(far(w)[1]) <= 1e-5


def test_lbfgs_works_in_float64_and_keeps_shape_and_type():
    seen = []

    def f(w):
        seen.append((w.dtype, w.shape))
        w -= 1  # spoils its own copy only
        return float((w**2).sum()), 2 * w

    w, losses = lbfgs(f, np.zeros((2, 3), np.float32))
    assert set(seen) == {(np.dtype(float), (2, 3))}
    assert (w.dtype, w.shape, losses.dtype) == (np.float32, (2, 3), float)
    np.testing.assert_allclose(w, 1, rtol=1e-6)


def test_lbfgs_takes_an_array_without_axes():
    for make in (np.asarray, np.float64):  # NumPy makes scalars of arrays without axes
        w, _ = lbfgs(lambda w, make=make: (w * w, make(2 * w)), np.array(3.0))
        assert w.shape == () and abs(w) < 1e-5


def test_lbfgs_takes_a_loss_that_is_a_whole_number():
    w, losses = lbfgs(lambda w: (3, 0 * w), np.ones(2))
    assert w.tolist() == [1.0, 1.0] and losses.tolist() == [3.0]


@pytest.mark.parametrize("module", [numpy_ref, torch_ref])
def test_lbfgs_gives_f_weights_of_its_own_to_keep(module):
    seen = []

    def f(w):
        seen.append(w)
        return rosenbrock(w)

    start = np.array([-1.2, 1.0])
    module.lbfgs(f, start if module is numpy_ref else torch.from_numpy(start), max_iterations=5)
    assert seen[0].tolist() == [-1.2, 1.0]
    assert seen[-1].tolist() != [-1.2, 1.0]


def test_lbfgs_says_when_scipy_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(ModuleNotFoundError, match="lbfgs: SciPy is missing") as caught:
        lbfgs(rosenbrock, np.zeros(2))
    assert "Try pip install scipy." in str(caught.value)
