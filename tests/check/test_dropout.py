"""Dropout's checks accept any mask from rng and any cache, and judge backward by its forward."""

import numpy as np
import pytest

from coursekit import check
from coursekit.check import CheckFailed, NotAttempted
from coursekit.numpy_ref import dropout_backward, dropout_forward


def _failure(call, *args) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        call(*args)
    return failure.value


def _unscaled(x, *, p, training, rng):
    mask = rng.random(x.shape) >= p if training else np.ones(x.shape)
    return x * mask, mask


def test_a_wrong_scale_in_forward_is_not_punished_in_backward():
    assert _failure(check.dropout_forward, _unscaled).misconception == "no_scale"
    check.dropout_backward(dropout_backward_of_mask, _unscaled)
    check.dropout_backward.hidden(dropout_backward_of_mask, _unscaled, seed=5)


def dropout_backward_of_mask(dout, cache):
    return dout * cache


def test_backward_with_out_instead_of_the_mask_is_named():
    def forward(x, *, p, training, rng):
        out = dropout_forward(x, p=p, training=training, rng=rng)[0]
        return out, out

    failure = _failure(check.dropout_backward, dropout_backward_of_mask, forward)
    assert failure.misconception == "multiplies_by_out"


def test_backward_that_scales_in_evaluation_is_named():
    def forward(x, *, p, training, rng):
        out, mask = dropout_forward(x, p=p, training=training, rng=rng)
        return out, (mask != 0, p)

    failure = _failure(check.dropout_backward, lambda dout, c: dout * c[0] / (1 - c[1]), forward)
    assert failure.misconception == "scales_in_evaluation"


def test_backward_says_that_forward_is_missing():
    def stub(x, *, p, training, rng):
        raise NotImplementedError()

    failure = _failure(check.dropout_backward, dropout_backward, stub)
    assert isinstance(failure, NotAttempted)
    assert "dropout_forward" in str(failure) and "not implemented" in str(failure)


@pytest.mark.parametrize(
    "forward",
    [
        lambda x, p, training, rng: x / None,
        lambda x, p, training, rng: x,
        lambda x, p, training, rng: (x[:1, ..., :1].sum(), None),
        lambda x, p, training, rng: None,
    ],
)
def test_backward_says_that_forward_is_broken(forward):
    failure = _failure(check.dropout_backward, dropout_backward, forward)
    assert "your dropout_forward" in str(failure) and "mend it first" in str(failure)


@pytest.mark.parametrize("cache_of", [lambda m: (m,), lambda m: {"m": m}, lambda m: [m, None]])
def test_a_cache_may_be_anything(cache_of):
    def forward(x, *, p, training, rng):
        out, mask = dropout_forward(x, p=p, training=training, rng=rng)
        return out, cache_of(mask)

    def backward(dout, cache):
        return dout * (cache["m"] if isinstance(cache, dict) else cache[0])

    check.dropout_forward(forward)
    check.dropout_backward.hidden(backward, forward, seed=9)


def _of_one_mask(mask):
    def forward(x, *, p, training, rng):
        kept = mask(x, p, rng) if training else 1
        return x * kept / (1 - p if training else 1), kept

    return forward


@pytest.mark.parametrize(
    "mask",
    [
        lambda x, p, rng: rng.random(x.shape) >= round(p),
        lambda x, p, rng: rng.random(x.shape) >= p * p,
        lambda x, p, rng: rng.integers(0, 2, x.shape),
        lambda x, p, rng: np.zeros(x.shape),
        lambda x, p, rng: np.ones(x.shape),
        lambda x, p, rng: np.abs(x) > p,
        lambda x, p, rng: np.arange(x.size).reshape(x.shape) % 10 >= 10 * p,
        lambda x, p, rng: rng.permuted(np.arange(x.size)).reshape(x.shape) >= p * x.size,
        lambda x, p, rng: np.random.default_rng(int(100 * p)).random(x.shape) >= p,
        lambda x, p, rng: np.random.default_rng().random(x.shape) >= p,
        lambda x, p, rng: rng.random((*x.shape[:-1], 1)) >= p,
        lambda x, p, rng: rng.random(x.shape[-1]) >= p,
        lambda x, p, rng: rng.random(x.shape) * rng.random(x.shape) >= p,
        lambda x, p, rng: np.maximum(rng.random(x.shape) >= p, 0.5),
    ],
)
def test_masks_that_are_not_dropout_lose_their_points(mask):
    _failure(check.dropout_forward, _of_one_mask(mask))


@pytest.mark.parametrize(
    "gradient",
    [lambda dout, c: dout * c[1] / c[0], lambda dout, c: dout * (c[1] != 0) / (1 - c[2])],
    ids=["out_over_x", "out_is_not_zero"],
)
def test_backward_that_reads_the_mask_off_the_output_is_named(gradient):
    def forward(x, *, p, training, rng):
        out = dropout_forward(x, p=p, training=training, rng=rng)[0]
        return out, (x, out, p if training else 0.0)

    failure = _failure(check.dropout_backward, gradient, forward)
    assert failure.misconception == "mask_from_the_output"


def test_backward_with_a_mask_from_a_global_variable_is_named():
    last = []

    def forward(x, *, p, training, rng):
        out, mask = dropout_forward(x, p=p, training=training, rng=rng)
        last[:] = [mask]
        return out, None

    failure = _failure(check.dropout_backward, lambda dout, _: dout * last[0], forward)
    assert failure.misconception == "remembers_elsewhere"
