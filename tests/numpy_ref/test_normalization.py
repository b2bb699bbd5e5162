"""What is special to normalization: who shares a mean, running averages, digits, torch.nn."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from coursekit import numpy_ref
from coursekit.numpy_ref import (
    BatchNorm1d,
    BatchNorm2d,
    GroupNorm,
    InstanceNorm2d,
    Layer,
    LayerNorm,
    Sequential,
    batchnorm_backward,
    batchnorm_forward,
    groupnorm_backward,
    groupnorm_forward,
    instancenorm_backward,
    instancenorm_forward,
    layernorm_backward,
    layernorm_forward,
)


def _batch(x, gamma=None, beta=None, *, training=True, mean=None, var=None, **settings):
    """batchnorm_forward, with γ = 1, β = 0 and the running averages of a new layer."""
    c = x.shape[1]
    one, zero = np.ones(c, x.dtype), np.zeros(c, x.dtype)
    arrays = [
        default if array is None else array
        for array, default in [(gamma, one), (beta, zero), (mean, zero), (var, one)]
    ]
    return batchnorm_forward(x, *arrays, training=training, **settings)


def _of_pictures(op: str, x: np.ndarray, **settings):
    """Any of the four forward functions on (N, C, H, W), with γ = 1 and β = 0."""
    if op == "batchnorm":
        return _batch(x, **settings)[:2]
    shape = x.shape[1:] if op == "layernorm" else x.shape[1:2]
    extra = {"groups": 2} if op == "groupnorm" else {}
    one, zero = np.ones(shape, x.dtype), np.zeros(shape, x.dtype)
    return getattr(numpy_ref, f"{op}_forward")(x, one, zero, **extra, **settings)


every_op = pytest.mark.parametrize("op", ["batchnorm", "layernorm", "groupnorm", "instancenorm"])


def _pictures(seed: int, *, dtype: type = np.float64) -> np.ndarray:
    x = np.random.default_rng(seed).normal(3.0, 2.0, (5, 4, 3, 6))
    return x.astype(dtype)


def _channels_last(x: np.ndarray) -> np.ndarray:
    """The same values, but the channels of a pixel are neighbours in memory."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


# --- who shares a mean --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "axes"),
    [("batchnorm", (0, 2, 3)), ("layernorm", (1, 2, 3)), ("instancenorm", (2, 3))],
)
def test_normalization_gives_mean_zero_and_variance_one(op, axes):
    out, _ = _of_pictures(op, _pictures(0), eps=1e-12)
    np.testing.assert_allclose(out.mean(axis=axes), 0, atol=1e-12)
    np.testing.assert_allclose(out.var(axis=axes), 1, rtol=1e-10)


def test_groupnorm_of_one_group_is_layernorm_and_of_c_groups_instancenorm():
    x, dout = _pictures(1), _pictures(2)
    gamma, beta = np.arange(1.0, 5.0), np.arange(4.0)
    spread = np.ones((4, 3, 6))
    layer = layernorm_forward(x, gamma[:, None, None] * spread, beta[:, None, None] * spread)
    one = groupnorm_forward(x, gamma, beta, groups=1)
    np.testing.assert_allclose(one[0], layer[0], rtol=1e-12)
    dx = groupnorm_backward(dout, one[1])[0]
    np.testing.assert_allclose(dx, layernorm_backward(dout, layer[1])[0], rtol=1e-10, atol=1e-14)
    instance = instancenorm_forward(x, gamma, beta)
    each = groupnorm_forward(x, gamma, beta, groups=4)
    np.testing.assert_allclose(each[0], instance[0], rtol=1e-12)
    for a, b in zip(
        groupnorm_backward(dout, each[1]), instancenorm_backward(dout, instance[1]), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-14)


def test_groupnorm_puts_neighbouring_channels_in_a_group():
    x = _pictures(3)
    before, _ = _of_pictures("groupnorm", x)
    x[:, 0] *= 7  # of the channels 0, 1 | 2, 3
    after, _ = _of_pictures("groupnorm", x)
    changed = np.abs(after - before).max(axis=(0, 2, 3)) > 1e-3
    np.testing.assert_array_equal(changed, [True, True, False, False])


@pytest.mark.parametrize("op", ["layernorm", "groupnorm", "instancenorm"])
def test_a_sample_is_normalized_alone_except_by_batchnorm(op):
    x = _pictures(4)
    alone, _ = _of_pictures(op, x[:1])
    np.testing.assert_allclose(_of_pictures(op, x)[0][:1], alone, rtol=1e-12)
    assert np.abs(_batch(x)[0][:1] - _batch(x[:1])[0]).max() > 0.01


def test_batchnorm_in_evaluation_ignores_the_batch():
    x, mean, var = _pictures(5), np.arange(4.0), np.arange(1.0, 5.0)
    together = _batch(x, training=False, mean=mean, var=var)
    alone = [_batch(x[i : i + 1], training=False, mean=mean, var=var)[0] for i in range(len(x))]
    np.testing.assert_allclose(together[0], np.concatenate(alone), rtol=1e-12)
    np.testing.assert_array_equal(together[2], mean)
    np.testing.assert_array_equal(together[3], var)


def test_batchnorm_of_pictures_is_batchnorm_of_their_pixels():
    x, dout = _pictures(6), _pictures(7)

    def pixels(a):
        return a.transpose(0, 2, 3, 1).reshape(-1, 4)

    out, cache, *running = _batch(x)
    flat, flat_cache, *flat_running = _batch(pixels(x))
    np.testing.assert_allclose(pixels(out), flat, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(running, flat_running, rtol=1e-12)
    dx, flat_dx = (
        batchnorm_backward(dout, cache)[0],
        batchnorm_backward(pixels(dout), flat_cache)[0],
    )
    np.testing.assert_allclose(pixels(dx), flat_dx, rtol=1e-10, atol=1e-12)


# --- what γ and β can do ------------------------------------------------------------------------


def test_batchnorm_with_the_right_gamma_and_beta_is_the_identity():
    x, eps = _pictures(8), 0.1
    mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
    out, *_ = _batch(x, np.sqrt(var + eps), mean, eps=eps)
    np.testing.assert_allclose(out, x, rtol=1e-12)


def test_batchnorm_with_gamma_zero_gives_beta_and_learns_gamma():
    x, dout = _pictures(9), _pictures(10)
    out, cache, *_ = _batch(x, np.zeros(4), np.arange(4.0))
    np.testing.assert_array_equal(out, np.arange(4.0)[:, None, None] * np.ones_like(x))
    dx, dgamma, _ = batchnorm_backward(dout, cache)
    np.testing.assert_array_equal(dx, np.zeros_like(x))
    assert np.abs(dgamma).min() > 0


def test_batchnorm_backward_has_no_part_that_would_shift_or_scale_x():
    x, dout = _pictures(11), _pictures(12)
    _, cache, *_ = _batch(x, np.arange(1.0, 5.0), eps=1e-14)
    dx = batchnorm_backward(dout, cache)[0]
    np.testing.assert_allclose(dx.sum(axis=(0, 2, 3)), 0, atol=1e-11)
    np.testing.assert_allclose((dx * x).sum(axis=(0, 2, 3)), 0, atol=1e-10)


# --- running averages ---------------------------------------------------------------------------


def test_batchnorm_momentum_one_forgets_and_zero_stays():
    x, mean, var = _pictures(13), np.full(4, 9.0), np.full(4, 8.0)
    _, _, new_mean, new_var = _batch(x, mean=mean, var=var, momentum=1.0)
    np.testing.assert_allclose(new_mean, x.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(new_var, x.var(axis=(0, 2, 3), ddof=1), rtol=1e-12)
    _, _, new_mean, new_var = _batch(x, mean=mean, var=var, momentum=0.0)
    np.testing.assert_array_equal((new_mean, new_var), (mean, var))


def test_batchnorm_keeps_the_dtype_of_x_and_of_each_parameter():
    x, wide = _pictures(14, dtype=np.float32), np.ones(4)
    for training in (True, False):
        out, cache, mean, var = _batch(x, wide, wide, mean=wide, var=wide, training=training)
        dx, dgamma, dbeta = batchnorm_backward(out, cache)
        assert (out.dtype, dx.dtype) == (np.float32, np.float32)
        assert {a.dtype for a in (mean, var, dgamma, dbeta)} == {np.dtype(np.float64)}


def test_batchnorm_in_evaluation_takes_a_running_variance_of_zero():
    out, *_ = _batch(np.array([[2.0]]), training=False, var=np.zeros(1), eps=0.25)
    np.testing.assert_array_equal(out, [[4.0]])


# --- digits -------------------------------------------------------------------------------------


@every_op
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_constant_features_become_beta(op, dtype):
    out, _ = _of_pictures(op, np.full((16, 4, 8, 8), 3.7, dtype))
    assert np.abs(out).max() < 1e-3


@every_op
def test_huge_and_tiny_values_are_normalized_like_others(op):
    x = _pictures(15)
    usual, _ = _of_pictures(op, x, eps=1e-14)
    huge, _ = _of_pictures(op, x * 1e20)
    np.testing.assert_allclose(huge, usual, rtol=1e-10, atol=1e-10)
    tiny, _ = _of_pictures(op, x * 1e-20, eps=1e-54)
    np.testing.assert_allclose(tiny, usual, rtol=1e-10, atol=1e-10)
    below_eps, _ = _of_pictures(op, x * 1e-20)
    assert 0 < np.abs(below_eps).max() < 1e-16


@every_op
def test_values_whose_squares_overflow_are_refused(op):
    x = _pictures(16, dtype=np.float32) * np.float32(1e20)
    with pytest.raises(ValueError, match="overflows float32"):
        _of_pictures(op, x)


@every_op
def test_a_large_mean_costs_few_digits(op):
    x = _pictures(17)
    usual, _ = _of_pictures(op, x)
    shifted, _ = _of_pictures(op, x + 1e8)  # E[x²] − E[x]² would lose all 16 digits
    np.testing.assert_allclose(shifted, usual, atol=1e-6)


def test_batchnorm_in_float32_adds_up_many_values_well():
    x = np.random.default_rng(18).normal(300.0, 1.0, (32, 2, 64, 64)).astype(np.float32)
    exact = _batch(x.astype(np.float64))[0]
    for ordered in (x, _channels_last(x)):  # one long sum in float32 would be off by 3e-3
        assert np.abs(_batch(ordered)[0] - exact).max() < 2e-5


# --- memory -------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["batchnorm", "groupnorm", "instancenorm"])
def test_results_lie_in_memory_as_x_does(op):
    for x, dout in [(_pictures(19), _pictures(20)), (_channels_last(_pictures(19)),) * 2]:
        out, cache = _of_pictures(op, x)
        dx = getattr(numpy_ref, f"{op}_backward")(dout, cache)[0]
        assert out.strides == dx.strides == x.strides


# --- defaults and layers: torch.nn --------------------------------------------------------------


def test_defaults_are_those_of_pytorch():
    x = _pictures(21) * 1e-3  # so small that eps matters
    tensor, one, zero = torch.from_numpy(x), torch.ones(4).double(), torch.zeros(4).double()
    mean, var = zero.clone(), one.clone()
    for ours, theirs in [
        (_batch(x), (F.batch_norm(tensor, mean, var, one, zero, True), None, mean, var)),
        (_of_pictures("layernorm", x), (F.layer_norm(tensor, x.shape[1:]),)),
        (_of_pictures("groupnorm", x), (F.group_norm(tensor, 2),)),
        (_of_pictures("instancenorm", x), (F.instance_norm(tensor),)),
    ]:
        for a, b in zip(ours, theirs, strict=False):
            if b is not None:
                np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("layer", "twin", "shape"),
    [
        (BatchNorm1d(4), torch.nn.BatchNorm1d(4), (5, 4)),
        (BatchNorm2d(4), torch.nn.BatchNorm2d(4), (5, 4, 3, 2)),
        (BatchNorm2d(4, eps=0.1, momentum=0.3), torch.nn.BatchNorm2d(4, 0.1, 0.3), (5, 4, 3, 2)),
        (LayerNorm(6), torch.nn.LayerNorm(6), (5, 4, 6)),
        (LayerNorm((4, 3), eps=0.1), torch.nn.LayerNorm([4, 3], 0.1), (5, 4, 3)),
        (GroupNorm(2, 4), torch.nn.GroupNorm(2, 4), (5, 4, 3, 2)),
        (GroupNorm(2, 4, eps=0.1), torch.nn.GroupNorm(2, 4, 0.1), (5, 4, 3, 2)),
        (InstanceNorm2d(4), torch.nn.InstanceNorm2d(4, affine=True), (5, 4, 3, 2)),
        (InstanceNorm2d(4, eps=0.1), torch.nn.InstanceNorm2d(4, 0.1, affine=True), (5, 4, 3, 2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_layer_trains_and_evaluates_as_in_torch(layer: Layer, twin: torch.nn.Module, shape):
    rng = np.random.default_rng(22)
    layer.params = {name: rng.standard_normal(w.shape) for name, w in layer.params.items()}
    twin.double().load_state_dict(
        {name: torch.from_numpy(w) for name, w in layer.params.items()}, strict=False
    )
    for training in (True, True, True, False, True, False):
        x, dout = rng.standard_normal(shape) * 3e-3 + 1, rng.standard_normal(shape)
        tensor = torch.from_numpy(x).requires_grad_()
        expected = twin.train(training)(tensor)
        named = dict(twin.named_parameters())
        wanted = [tensor, *named.values()]
        dx, *grads = torch.autograd.grad(expected, wanted, torch.from_numpy(dout))
        out = layer.forward(x, training=training, rng=None)
        np.testing.assert_allclose(out, expected.detach(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(layer.backward(dout), dx, rtol=1e-8, atol=1e-8)
        assert list(layer.params) == list(layer.grads) == list(named)
        for name, grad in zip(named, grads, strict=True):
            np.testing.assert_allclose(layer.grads[name], grad, rtol=1e-9, atol=1e-9)
        buffers = {name: b for name, b in twin.named_buffers() if b.ndim}
        assert list(layer.buffers) == list(buffers)
        for name, buffer in buffers.items():
            np.testing.assert_allclose(layer.buffers[name], buffer, rtol=1e-12)


@pytest.mark.parametrize(
    "layer",
    [
        BatchNorm2d(4, dtype=np.float32),
        LayerNorm((4, 3, 6), dtype=np.float32),
        GroupNorm(2, 4, dtype=np.float32),
        InstanceNorm2d(4, dtype=np.float32),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_float32_layer_keeps_float32(layer: Layer):
    x = _pictures(23, dtype=np.float32)
    out = layer.forward(x, training=True, rng=None)
    arrays = [out, layer.backward(x)]
    for group in (layer.params, layer.grads, layer.buffers):
        arrays += group.values()
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_layers_start_with_weight_one_and_in_float64():
    for layer in (BatchNorm1d(3), BatchNorm2d(3), LayerNorm(3), GroupNorm(3, 3), InstanceNorm2d(3)):
        np.testing.assert_array_equal(layer.params["weight"], np.ones(3))
        np.testing.assert_array_equal(layer.params["bias"], np.zeros(3))
        assert {array.dtype for array in layer.params.values()} == {np.dtype(np.float64)}
        assert {array.dtype for array in layer.buffers.values()} <= {np.dtype(np.float64)}


def test_batchnorm_layer_may_start_with_gamma_zero():
    for layer, x in [
        (BatchNorm1d(4, gamma=0.0), _pictures(24)[:, :, 0, 0]),
        (BatchNorm2d(4, gamma=0.0), _pictures(24)),
    ]:
        out = layer.forward(x, training=True, rng=None)
        np.testing.assert_array_equal(out, np.zeros_like(x))
    np.testing.assert_array_equal(BatchNorm2d(2, gamma=-0.5).params["weight"], [-0.5, -0.5])


def test_batchnorm_buffers_are_loaded_and_named_in_a_net():
    net = Sequential(BatchNorm1d(2))
    assert list(net.buffers) == ["0.running_mean", "0.running_var"]
    mean, var = np.array([1.0, 2.0]), np.array([4.0, 9.0])
    net.load(net.params, {"0.running_mean": mean, "0.running_var": var})
    out = net.forward(np.array([[3.0, 5.0]]), training=False, rng=None)
    np.testing.assert_allclose(out, [[1.0, 1.0]], rtol=1e-5)


def test_batchnorm_in_evaluation_leaves_the_buffers():
    layer = BatchNorm2d(4)
    layer.forward(_pictures(25), training=False, rng=None)
    np.testing.assert_array_equal(layer.buffers["running_mean"], np.zeros(4))
    np.testing.assert_array_equal(layer.buffers["running_var"], np.ones(4))


@pytest.mark.parametrize(
    ("error", "words", "call"),
    [
        (ValueError, "BatchNorm1d: num_features of at least 1, got 0", lambda: BatchNorm1d(0)),
        (TypeError, "BatchNorm2d: num_features is not a whole", lambda: BatchNorm2d(2.0)),  # pyright: ignore
        (ValueError, "BatchNorm2d: eps in (0, inf), got 0.0", lambda: BatchNorm2d(2, eps=0)),
        (ValueError, "momentum in [0, 1], got 1.1", lambda: BatchNorm2d(2, momentum=1.1)),
        (ValueError, "momentum in [0, 1], got -0.1", lambda: BatchNorm2d(2, momentum=-0.1)),
        (ValueError, "BatchNorm2d: gamma is out of range", lambda: BatchNorm2d(2, gamma=np.inf)),
        (TypeError, "BatchNorm2d: weight is not", lambda: BatchNorm2d(2, dtype=int)),
        (ValueError, "LayerNorm: normalized_shape of at least 1", lambda: LayerNorm((2, 0))),
        (TypeError, "LayerNorm: normalized_shape is not a whole", lambda: LayerNorm([2])),  # pyright: ignore
        (ValueError, "LayerNorm: eps in (0, inf)", lambda: LayerNorm(2, eps=0)),
        (TypeError, "LayerNorm: weight is not", lambda: LayerNorm(2, dtype=int)),
        (ValueError, "GroupNorm: num_groups does not divide", lambda: GroupNorm(3, 4)),
        (ValueError, "GroupNorm: num_groups of at least 1", lambda: GroupNorm(0, 4)),
        (ValueError, "GroupNorm: num_channels of at least 1", lambda: GroupNorm(1, 0)),
        (ValueError, "GroupNorm: eps in (0, inf)", lambda: GroupNorm(1, 2, eps=0)),
        (TypeError, "GroupNorm: weight is not", lambda: GroupNorm(1, 2, dtype=int)),
        (ValueError, "InstanceNorm2d: num_features of at least 1", lambda: InstanceNorm2d(0)),
        (ValueError, "InstanceNorm2d: eps in (0, inf)", lambda: InstanceNorm2d(2, eps=0)),
        (TypeError, "InstanceNorm2d: weight is not", lambda: InstanceNorm2d(2, dtype=int)),
        (
            ValueError,
            "BatchNorm1d: x has the wrong shape. Expected x of shape (N, 4), got (5, 4, 3, 6)",
            lambda: BatchNorm1d(4).forward(_pictures(26), training=True, rng=None),
        ),
        (
            ValueError,
            "BatchNorm2d: x has the wrong shape. Expected x of shape (N, 3, H, W), got (5, 4,",
            lambda: BatchNorm2d(3).forward(_pictures(26), training=True, rng=None),
        ),
        (
            TypeError,
            "BatchNorm2d: x is not an array of floats",
            lambda: BatchNorm2d(3).forward([1.0], training=True, rng=None),  # pyright: ignore
        ),
    ],
)
def test_layers_refuse_wrong_arguments(error, words, call):
    with pytest.raises(error) as caught:
        call()
    op, words = words.partition(":")[::2] if ":" in words else ("", words)
    assert str(caught.value).startswith(op)
    assert words in str(caught.value)


@pytest.mark.parametrize("layer", [BatchNorm2d(4), LayerNorm(4), GroupNorm(2, 4)])
def test_backward_before_forward_says_so(layer):
    with pytest.raises(ValueError, match="Expected a forward pass first, got none"):
        layer.backward(np.ones((1, 4)))
