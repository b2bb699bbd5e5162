"""What penalties and max norm promise, beyond the common tests."""

import numpy as np

from coursekit.numpy_ref import (
    elastic_net_penalty,
    l1_penalty,
    l2_penalty,
    max_norm,
    sgd,
    sgd_weight_decay_step,
)

W = np.random.default_rng(0).standard_normal((6, 5))


def test_max_norm_leaves_small_columns_alone():
    c = np.median((W**2).sum(axis=0))
    small = (W**2).sum(axis=0) <= c
    assert small.any() and not small.all()
    np.testing.assert_array_equal(max_norm(W, c=c)[:, small], W[:, small])


def test_max_norm_brings_large_columns_to_the_limit_and_keeps_their_direction():
    out = max_norm(100 * W, c=2.0)
    np.testing.assert_allclose((out**2).sum(axis=0), 2.0)
    np.testing.assert_allclose(out / np.sqrt(2), W / np.linalg.norm(W, axis=0))


def test_max_norm_limits_columns_and_not_rows():
    out = max_norm(np.array([[3.0, 3.0], [0.0, 0.0]]), c=9.0)
    np.testing.assert_array_equal(out, [[3.0, 3.0], [0.0, 0.0]])


def test_max_norm_twice_is_max_norm_once():
    once = max_norm(W, c=1.0)
    np.testing.assert_allclose(max_norm(once, c=1.0), once)


def test_max_norm_keeps_a_column_of_zeros():
    np.testing.assert_array_equal(max_norm(np.zeros((3, 2)), c=1.0), np.zeros((3, 2)))


def test_l1_penalty_has_no_slope_at_zero():
    loss, dw = l1_penalty(np.zeros((2, 2)), strength=3.0)
    assert loss == 0 and not dw.any()


def test_elastic_net_is_an_l1_and_an_l2_penalty_of_twice_the_strength():
    loss, dw = elastic_net_penalty(W, l1=0.3, l2=0.2)
    loss1, dw1 = l1_penalty(W, strength=0.3)
    loss2, dw2 = l2_penalty(W, weight_decay=0.4)
    np.testing.assert_allclose(loss, loss1 + loss2)
    np.testing.assert_allclose(dw, dw1 + dw2)


def test_weight_decay_is_the_gradient_of_the_l2_penalty_for_sgd():
    dw = np.ones_like(W)
    _, decay = l2_penalty(W, weight_decay=0.1)
    with_penalty, _ = sgd(W, dw + decay, {}, lr=0.5)
    np.testing.assert_allclose(sgd_weight_decay_step(W, dw, lr=0.5, weight_decay=0.1), with_penalty)


def test_weight_decay_alone_shrinks_all_weights_by_one_factor():
    shrunk = sgd_weight_decay_step(W, np.zeros_like(W), lr=0.5, weight_decay=0.1)
    np.testing.assert_allclose(shrunk, 0.95 * W)


def test_max_norm_rescales_weights_whose_squares_overflow_or_vanish():
    for size in (1e30, 1e-30):
        w = size * np.array([[3.0, 0.0], [4.0, 0.0]], np.float32)
        out = max_norm(w, c=size**2 * 1e-4)
        np.testing.assert_allclose(out / size, [[0.006, 0.0], [0.008, 0.0]], rtol=1e-6)
