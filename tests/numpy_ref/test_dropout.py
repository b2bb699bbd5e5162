"""What dropout promises, beyond the common tests."""

import itertools

import numpy as np
import pytest

from coursekit.numpy_ref import (
    dropout_backward,
    dropout_forward,
    mc_dropout_predict,
    vanilla_dropout_forward,
)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_keeps_the_expected_activation(p):
    x = np.full(200_000, 3.0)
    out, _ = dropout_forward(x, p=p, training=True, rng=np.random.default_rng(1))
    deviation = 3 * np.sqrt(p / (1 - p) / x.size)  # of the mean, for one value of size 3
    assert abs(out.mean() - 3) < 5 * deviation


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_drops_the_fraction_p(p):
    for forward in (dropout_forward, vanilla_dropout_forward):
        out, _ = forward(np.ones(200_000), p=p, training=True, rng=np.random.default_rng(2))
        assert abs((out == 0).mean() - p) < 5 * np.sqrt(p * (1 - p) / out.size)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_vanilla_dropout_in_evaluation_is_the_mean_of_training(p):
    x, rng = np.full(200_000, 3.0), np.random.default_rng(3)
    trained, _ = vanilla_dropout_forward(x, p=p, training=True, rng=rng)
    evaluated, _ = vanilla_dropout_forward(x, p=p, training=False, rng=None)
    np.testing.assert_allclose(evaluated, (1 - p) * x)
    assert abs(trained.mean() - evaluated.mean()) < 5 * 3 * np.sqrt(p * (1 - p) / x.size)


def test_four_masks_average_to_half_the_activation():
    """E[a] = ½ (w₁x + w₂y) for a = w₁x + w₂y, each input dropped with probability ½."""
    w, inputs = np.array([2.0, -3.0]), np.array([5.0, 7.0])
    masks = np.array(list(itertools.product([0.0, 1.0], repeat=2)))
    kept, _ = vanilla_dropout_forward(inputs, p=0.5, training=False, rng=None)
    assert (masks * inputs @ w).mean() == 0.5 * (w @ inputs) == w @ kept


def test_dropout_draws_each_of_the_four_masks_equally_often():
    out, _ = dropout_forward(
        np.ones((40_000, 2)), p=0.5, training=True, rng=np.random.default_rng(4)
    )
    masks, counts = np.unique(out, axis=0, return_counts=True)
    assert masks.tolist() == [[0, 0], [0, 2], [2, 0], [2, 2]]
    assert np.all(abs(counts - 10_000) < 5 * np.sqrt(40_000 * 0.25 * 0.75))


def test_dropout_in_evaluation_is_the_identity():
    x, rng = np.random.default_rng(5).standard_normal((4, 3)), np.random.default_rng(6)
    before = rng.bit_generator.state
    out, cache = dropout_forward(x, p=0.7, training=False, rng=rng)
    np.testing.assert_array_equal(out, x)
    np.testing.assert_array_equal(dropout_backward(x, cache), x)
    assert rng.bit_generator.state == before, "evaluation draws nothing"


def test_dropout_of_nothing_is_the_identity():
    x = np.random.default_rng(7).standard_normal((4, 3))
    for forward in (dropout_forward, vanilla_dropout_forward):
        out, _ = forward(x, p=0.0, training=True, rng=np.random.default_rng(8))
        np.testing.assert_array_equal(out, x)


def test_dropout_draws_a_new_mask_each_time_and_the_same_from_the_same_seed():
    x, rng = np.ones(50), np.random.default_rng(9)
    first, second = (dropout_forward(x, p=0.5, training=True, rng=rng)[0] for _ in range(2))
    again, _ = dropout_forward(x, p=0.5, training=True, rng=np.random.default_rng(9))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, again)


def test_dropout_draws_the_same_mask_in_float32():
    x = np.ones(50)
    double, single = (
        dropout_forward(x.astype(t), p=0.3, training=True, rng=np.random.default_rng(10))[0]
        for t in (np.float64, np.float32)
    )
    np.testing.assert_array_equal(double == 0, single == 0)


def test_mc_dropout_mean_and_spread_are_those_of_the_passes():
    x, rng = np.ones((2, 3)), np.random.default_rng(11)

    def forward(x, rng):
        return dropout_forward(x, p=0.5, training=True, rng=rng)[0]

    mean, std = mc_dropout_predict(forward, x, n_samples=7, rng=np.random.default_rng(11))
    passes = np.stack([forward(x, rng) for _ in range(7)])
    np.testing.assert_allclose(mean, passes.sum(axis=0) / 7)
    np.testing.assert_allclose(std**2, ((passes - mean) ** 2).sum(axis=0) / 7)


def test_mc_dropout_of_one_pass_has_no_spread():
    _, std = mc_dropout_predict(
        lambda x, rng: x + rng.random(), np.ones(3), n_samples=1, rng=np.random.default_rng(12)
    )
    np.testing.assert_array_equal(std, np.zeros(3))
