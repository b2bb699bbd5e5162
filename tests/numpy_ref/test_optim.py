"""What update rules promise, beyond the common tests."""

import inspect

import numpy as np
import pytest
import torch

from coursekit import numpy_ref
from coursekit.numpy_ref import (
    adagrad,
    adam,
    adamw,
    momentum,
    momentum_velocity,
    nesterov,
    nesterov_lookahead,
    rmsprop,
    sgd,
    sgd_weight_decay_step,
)

RULES = {
    rule.__name__: rule
    for rule in (sgd, momentum, momentum_velocity, nesterov, adagrad, rmsprop, adam, adamw)
}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
CURVATURE = np.array([1.0, 5.0, 0.2])
START = np.array([3.0, -1.0, 2.0])


def slope(w):
    """The gradient of a bowl, ½ Σ curvature·w²."""
    return CURVATURE * w


def walk(rule, rates, w=START, **settings):
    """The weights after each step on the bowl, and the last state."""
    state, path = {}, []
    for lr in rates:
        gradient = slope if rule is nesterov_lookahead else slope(w)
        w, state = rule(w, gradient, state, lr=lr, **settings)
        path.append(w)
    return np.array(path), state


@every_rule
def test_rules_share_their_defaults(rule):
    shared = {
        "momentum": 0.9,
        "decay_rate": 0.9,
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "weight_decay": 0.0,
        "bias_correction": True,
    }
    parameters = inspect.signature(rule).parameters
    assert list(parameters)[:4] == ["w", "dw", "state", "lr"]
    for name in list(parameters)[4:]:
        assert parameters[name].default == shared[name]


@every_rule
def test_rules_go_downhill(rule):
    path, _ = walk(rule, [0.05] * 100)
    assert CURVATURE @ path[-1] ** 2 < 0.5 * CURVATURE @ START**2


@every_rule
def test_rules_with_a_learning_rate_of_zero_move_nothing_and_remember(rule):
    w, state = rule(START, slope(START), {}, lr=0.0, weight_decay=0.1)
    np.testing.assert_array_equal(w, START)
    if rule is not momentum_velocity:  # its memory is the last step
        assert all(np.any(memory) for memory in state.values())


@every_rule
@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (1,)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rules_take_arrays_without_axes_and_without_values(rule, shape, dtype):
    w, state = np.full(shape, 2, dtype), {}
    for _ in range(3):
        w, state = rule(w, np.ones(shape, dtype), state, lr=0.1, weight_decay=0.1)
        for array in (w, *(value for name, value in state.items() if name != "step")):
            assert isinstance(array, np.ndarray)
            assert (array.shape, array.dtype) == (shape, dtype)
    assert np.all(w < 2)
    if rule is sgd:
        assert isinstance(sgd_weight_decay_step(w, w, lr=0.1, weight_decay=0.0), np.ndarray)


@every_rule
def test_rules_treat_a_large_array_as_its_parts(rule):
    """Some rules go through the weights in blocks: each value must get its own gradient."""
    rng = np.random.default_rng(0)
    w, dw = rng.standard_normal((2, 331, 401))  # two blocks and a bit
    large, large_state = rule(*rule(w, dw, {}, lr=0.1)[:1], dw, {}, lr=0.1)
    rows = [slice(0, 1), slice(163, 165), slice(330, 331)]
    for row in rows:
        part, state = rule(*rule(w[row], dw[row], {}, lr=0.1)[:1], dw[row], {}, lr=0.1)
        np.testing.assert_allclose(large[row], part, rtol=1e-14)
        for name in state.keys() - {"step"}:
            np.testing.assert_allclose(large_state[name][row], state[name], rtol=1e-14)


@every_rule
def test_rules_without_decay_leave_infinite_weights_infinite(rule):
    w, _ = rule(np.array([np.inf, 1.0]), np.array([1.0, 1.0]), {}, lr=0.1)
    assert w[0] == np.inf and np.isfinite(w[1])


def test_momentum_and_its_velocity_form_agree_while_lr_is_constant():
    ours, state = walk(momentum, [0.1] * 20)
    velocity, velocity_state = walk(momentum_velocity, [0.1] * 20)
    np.testing.assert_allclose(velocity, ours, rtol=1e-12)
    np.testing.assert_allclose(velocity_state["v"], -0.1 * state["v"], rtol=1e-12)


def test_momentum_and_its_velocity_form_part_when_lr_changes():
    """A rate of 0 stops the one at once; the other rolls on with the steps it remembers."""
    ours, _ = walk(momentum, [0.1, 0.0])
    velocity, _ = walk(momentum_velocity, [0.1, 0.0])
    np.testing.assert_array_equal(ours[1], ours[0])
    np.testing.assert_allclose(velocity[1] - velocity[0], 0.9 * (velocity[0] - START))


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_nesterov_is_the_look_ahead_form_after_a_change_of_variables(weight_decay):
    """The w of one is the point w + μv of the other, at every step."""
    w, state = START, {}
    path, _ = walk(nesterov, [0.1] * 20, momentum=0.8, weight_decay=weight_decay)
    for there in path:
        w, state = nesterov_lookahead(
            w, slope, state, lr=0.1, momentum=0.8, weight_decay=weight_decay
        )
        np.testing.assert_allclose(w + 0.8 * state["v"], there, rtol=1e-10, atol=1e-12)


def test_nesterov_lookahead_differs_from_momentum_only_in_where_it_looks():
    settings = {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.3}
    state = {"v": np.array([0.1, 0.2, 0.3])}
    w, new = nesterov_lookahead(START, slope, state, **settings)
    ahead = START + 0.8 * state["v"]
    np.testing.assert_allclose(new["v"], 0.8 * state["v"] - 0.1 * (slope(ahead) + 0.3 * ahead))
    np.testing.assert_allclose(w, START + new["v"])
    blind, _ = momentum_velocity(START, slope(ahead) + 0.3 * 0.8 * state["v"], state, **settings)
    np.testing.assert_allclose(w, blind)


def test_nesterov_lookahead_asks_for_a_function_and_for_floats():
    with pytest.raises(TypeError, match="nesterov_lookahead: dw is not a function"):
        nesterov_lookahead(START, START, {}, lr=0.1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"dw of shape \(3,\), got \(2,\)"):
        nesterov_lookahead(START, lambda w: w[:2], {}, lr=0.1)


def test_nesterov_lookahead_takes_arrays_without_axes():
    w, state = nesterov_lookahead(np.array(1.0), lambda w: 2 * w, {}, lr=0.1)  # 2w is a scalar
    assert isinstance(w, np.ndarray) and w == 0.8
    assert state["v"].shape == ()


def test_nesterov_lookahead_has_the_defaults_of_momentum():
    parameters = inspect.signature(nesterov_lookahead).parameters
    assert parameters["momentum"].default == 0.9
    assert parameters["weight_decay"].default == 0.0


@pytest.mark.parametrize("rule", [momentum_velocity, nesterov_lookahead])
def test_forms_that_pytorch_lacks_agree_with_its_sgd(rule):
    parameter = torch.tensor(START, requires_grad=True)
    nesterov_form = rule is nesterov_lookahead
    optimizer = torch.optim.SGD([parameter], lr=0.1, momentum=0.9, nesterov=nesterov_form)
    path, state = walk(rule, [0.1] * 10)
    for _ in path:
        parameter.grad = torch.tensor(slope(parameter.detach().numpy()))
        optimizer.step()
    ours = path[-1] + 0.9 * state["v"] if nesterov_form else path[-1]
    np.testing.assert_allclose(ours, parameter.detach().numpy(), rtol=1e-10)


def test_adagrad_steps_shrink_like_one_over_the_square_root_of_time():
    w, state, steps = np.zeros(1), {}, []
    for _ in range(100):
        new, state = adagrad(w, np.array([5.0]), state, lr=0.1)
        steps.append((w - new)[0])
        w = new
    np.testing.assert_allclose(steps, 0.1 / np.sqrt(np.arange(1, 101)), rtol=1e-6)


def test_rmsprop_steps_do_not_die_out():
    w, state, steps = np.zeros(1), {}, []
    for _ in range(200):
        new, state = rmsprop(w, np.array([5.0]), state, lr=0.1)
        steps.append((w - new)[0])
        w = new
    np.testing.assert_allclose(steps[0], 0.1 / np.sqrt(0.1), rtol=1e-6)
    np.testing.assert_allclose(steps[-1], 0.1, rtol=1e-6)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_adam_first_step_is_lr_or_without_correction_about_three_times_that(size):
    dw = size * np.array([1.0, -1.0])
    corrected, _ = adam(np.zeros(2), dw, {}, lr=0.01)
    plain, state = adam(np.zeros(2), dw, {}, lr=0.01, bias_correction=False)
    np.testing.assert_allclose(corrected, [-0.01, 0.01], rtol=1e-3)
    np.testing.assert_allclose(plain, 0.1 / np.sqrt(0.001) * corrected, rtol=1e-3)
    np.testing.assert_allclose(state["m"], 0.1 * dw)
    np.testing.assert_allclose(state["v"], 0.001 * dw**2)


def test_adam_follows_its_formula_with_a_large_eps():
    """Written out, with both corrections, for two steps."""
    beta1, beta2, eps, lr, g = 0.6, 0.8, 0.5, 0.1, np.array([2.0, -3.0])
    w, state = np.zeros(2), {}
    m = v = expected = np.zeros(2)
    for t in (1, 2, 3):
        w, state = adam(w, g, state, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        expected = expected - lr * m_hat / (np.sqrt(v_hat) + eps)
        np.testing.assert_allclose(w, expected, rtol=1e-12)
        np.testing.assert_allclose([state["m"], state["v"]], [m, v], rtol=1e-12)
        assert state["step"] == t


def test_adam_takes_a_step_that_was_saved_as_an_array():
    state = {"m": np.array([1.0]), "v": np.array([2.0])}
    number, array = (
        adam(np.zeros(1), np.ones(1), {**state, "step": step}, lr=0.1) for step in (3, np.array(3))
    )
    np.testing.assert_array_equal(number[0], array[0])
    assert number[1]["step"] == array[1]["step"] == 4


def test_adam_needs_no_correction_after_many_steps():
    state = {"step": 20_000, "m": np.array([1.0]), "v": np.array([2.0])}
    steps = [
        adam(np.zeros(1), np.ones(1), state, lr=0.1, bias_correction=correct)[0]
        for correct in (True, False)
    ]
    np.testing.assert_allclose(*steps, rtol=1e-8)


def test_adamw_shrinks_all_weights_alike_and_adam_does_not():
    w, dw = np.array([1.0, 1.0]), np.array([100.0, 0.01])
    for rule, alike in ((adamw, True), (adam, False)):
        state = {"step": 1000, "m": np.zeros(2), "v": dw**2}
        decayed, _ = rule(w, np.zeros(2), state, lr=0.1, weight_decay=0.1)
        plain, _ = rule(w, np.zeros(2), state, lr=0.1)
        lost = plain - decayed
        assert np.isclose(*lost) == alike
    np.testing.assert_allclose(adamw(w, 0 * w, {}, lr=0.1, weight_decay=0.1)[0], 0.99 * w)


def test_adamw_without_decay_is_adam():
    ours, state = walk(adamw, [0.1, 0.2, 0.05], beta1=0.5, beta2=0.9, eps=0.1)
    theirs, same = walk(adam, [0.1, 0.2, 0.05], beta1=0.5, beta2=0.9, eps=0.1)
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(state["v"], same["v"])


def test_momentum_dampens_the_zigzag_of_a_narrow_valley():
    """At a rate near the limit of the steep direction, momentum is ahead in the flat one."""
    plain, _ = walk(sgd, [0.3] * 20)
    rolling, _ = walk(momentum, [0.3] * 20, momentum=0.5)
    assert abs(rolling[-1][2]) < abs(plain[-1][2])


def test_rules_are_all_listed_here():
    rules = {
        name
        for name in numpy_ref.__all__
        if list(inspect.signature(getattr(numpy_ref, name)).parameters)[:3] == ["w", "dw", "state"]
    }
    assert rules == set(RULES) | {"nesterov_lookahead", "newton"}
