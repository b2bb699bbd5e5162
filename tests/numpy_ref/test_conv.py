"""Facts about convolution: its two forms, its use of memory, and the layer."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit import numpy_ref, torch_ref
from coursekit.numpy_ref import Conv2d, affine_forward, conv, conv2d_backward, conv2d_forward
from tests.cases.case import drawn, random_dout, run
from tests.cases.conv import CASES

both_forms = pytest.mark.parametrize("form", ["", "_naive"])
rng = np.random.default_rng(0)


def forms(form: str):
    """Forward and backward of one form."""
    return (getattr(numpy_ref, f"conv2d_{way}{form}") for way in ("forward", "backward"))


# --- the functions ------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [case for case in CASES if case.op == "conv2d"], ids=repr)
@drawn
@given(st.data())
def test_conv2d_gives_what_its_definition_gives(case, data):
    values = data.draw(case.inputs.strategy())
    dout = random_dout(case, values)
    fast, naive = run(case, values, dout), run(replace(case, op="conv2d_naive"), values, dout)
    for name in ("x", "w", "b"):
        np.testing.assert_allclose(fast.grads[name], naive.grads[name], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(fast.outputs[0], naive.outputs[0], rtol=1e-12, atol=1e-12)


@both_forms
def test_conv2d_in_groups_keeps_them_apart(form):
    forward, backward = forms(form)
    x = np.array([1.0, 2.0, 3.0, 4.0]).reshape(1, 4, 1, 1)
    w = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]]).reshape(4, 2, 1, 1)
    out, cache = forward(x, w, np.zeros(4), groups=2)
    np.testing.assert_array_equal(out.ravel(), [21.0, 42.0, 129.0, 172.0])
    dx, dw, db = backward(np.array([1.0, 2.0, 3.0, 4.0]).reshape(1, 4, 1, 1), cache)
    np.testing.assert_array_equal(dx.ravel(), [5.0, 50.0, 25.0, 250.0])
    np.testing.assert_array_equal(
        dw[..., 0, 0], [[1.0, 2.0], [2.0, 4.0], [9.0, 12.0], [12.0, 16.0]]
    )
    np.testing.assert_array_equal(db, [1.0, 2.0, 3.0, 4.0])


@both_forms
def test_conv2d_by_default_goes_step_by_step_without_padding_or_groups(form):
    forward, _ = forms(form)
    x, w, b = rng.standard_normal((2, 2, 4, 5)), rng.standard_normal((4, 2, 2, 3)), np.ones(4)
    out, _ = forward(x, w, b)
    assert out.shape == (2, 4, 3, 3)
    np.testing.assert_allclose(out, forward(x, w, b, stride=1, pad=0, groups=1)[0])
    twin = torch_ref.conv2d_forward(*map(torch.from_numpy, (x, w, b)))
    np.testing.assert_allclose(out, twin, rtol=1e-12)


@both_forms
def test_conv2d_does_not_flip_the_filter(form):
    forward, _ = forms(form)
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    w = np.array([[0.0, 0.0], [1.0, 0.0]]).reshape(1, 1, 2, 2)
    out, _ = forward(x, w, np.zeros(1))
    np.testing.assert_array_equal(out[0, 0], x[0, 0, 1:, :-1])


def test_conv2d_of_1x1_is_the_affine_map_of_every_pixel():
    x, w, b = rng.standard_normal((2, 3, 4, 5)), rng.standard_normal((6, 3, 1, 1)), np.ones(6)
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, 3)
    affine, _ = affine_forward(pixels, w[..., 0, 0].T, b)
    out, _ = conv2d_forward(x, w, b)
    np.testing.assert_allclose(out, affine.reshape(2, 4, 5, 6).transpose(0, 3, 1, 2), rtol=1e-12)


@both_forms
def test_conv2d_of_mixed_floats_takes_the_wider(form):
    forward, backward = forms(form)
    x, w, b = np.ones((1, 1, 2, 2)), np.ones((1, 1, 1, 1)), np.ones(1)
    narrow = [array.astype(np.float32) for array in (x, w, b)]
    for position, wide in enumerate((x, w, b)):
        mixed = [wide if k == position else array for k, array in enumerate(narrow)]
        assert forward(*mixed)[0].dtype == np.float64
    _, cache = forward(*narrow)
    assert [grad.dtype for grad in backward(np.ones((1, 1, 2, 2)), cache)] == [np.float64] * 3
    dout = np.ones((1, 1, 2, 2), np.float32)
    dx, dw, db = backward(dout, forward(x, narrow[1], narrow[2])[1])
    assert (dx.dtype, dw.dtype, db.dtype) == (np.float32, np.float64, np.float32)
    dx, dw, db = backward(dout, forward(narrow[0], w, narrow[2])[1])
    assert (dx.dtype, dw.dtype, db.dtype) == (np.float64, np.float32, np.float32)


def test_conv2d_out_has_its_channels_last_in_memory_and_is_taken_so():
    x, w = rng.standard_normal((2, 3, 4, 4)), rng.standard_normal((5, 3, 3, 3))
    out, _ = conv2d_forward(x, w, np.zeros(5))
    assert out.transpose(0, 2, 3, 1).flags.c_contiguous
    _, (windows, *_) = conv2d_forward(out, np.ones((1, 5, 1, 1)), np.zeros(1))
    assert np.shares_memory(windows, out)


def test_conv2d_lays_out_patches_of_one_mebibyte_at_a_time():
    def blocks(*shape):
        return list(conv._blocks(np.broadcast_to(np.float32(0), shape)))

    half, third = (1, 128, 32, 4, 4, 2), (1, 128, 32, 4, 4, 3)
    assert blocks(5, *half) == [slice(0, 2), slice(2, 4), slice(4, 6)]
    assert blocks(2, *third) == [slice(0, 1), slice(1, 2)]
    assert blocks(2, *half[:-1], 8) == [slice(0, 1), slice(1, 2)]
    assert blocks(0, *half) == []


def test_conv2d_of_many_blocks_is_that_of_one(monkeypatch):
    x, w, b = rng.standard_normal((5, 2, 4, 4)), rng.standard_normal((3, 2, 3, 3)), np.ones(3)
    dout = rng.standard_normal((5, 3, 4, 4))
    results = []
    for size in (1, 2 * 16 * 18 * 8, 10**9):  # one picture at a time, two, all five
        monkeypatch.setattr(conv, "PATCH_BYTES", size)
        out, cache = conv2d_forward(x, w, b, pad=1)
        results.append((out, *conv2d_backward(dout, cache)))
    for other in results[1:]:
        for ours, theirs in zip(other, results[0], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


# --- the layer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel_size": 3},
        {"kernel_size": (3, 2), "stride": 2, "padding": 1},
        {"kernel_size": 1, "groups": 2},
        {"kernel_size": 3, "padding": 2, "bias": False},
    ],
    ids=str,
)
def test_conv2d_layer_agrees_with_torch(settings):
    layer, twin = Conv2d(4, 6, rng=rng, **settings), torch.nn.Conv2d(4, 6, **settings).double()
    assert list(layer.params) == [name for name, _ in twin.named_parameters()]
    twin.load_state_dict({name: torch.from_numpy(p) for name, p in layer.params.items()})
    x = rng.standard_normal((3, 4, 5, 7))
    tensor = torch.from_numpy(x).requires_grad_()
    expected = twin(tensor)
    dout = rng.standard_normal(tuple(expected.shape))
    expected.backward(torch.from_numpy(dout))
    out = layer.forward(x, training=True, rng=None)
    np.testing.assert_allclose(out, expected.detach(), rtol=1e-10, atol=1e-10)
    dx = layer.backward(dout)
    np.testing.assert_allclose(dx, tensor.grad, rtol=1e-10, atol=1e-10)  # pyright: ignore
    assert list(layer.grads) == list(layer.params)
    for name, parameter in twin.named_parameters():
        np.testing.assert_allclose(layer.grads[name], parameter.grad, rtol=1e-10, atol=1e-10)  # pyright: ignore


def test_conv2d_layer_of_the_lecture_has_456_parameters():
    layer = Conv2d(3, 6, 5, rng=rng)
    assert sum(p.size for p in layer.params.values()) == 456
    assert layer.forward(np.ones((1, 3, 32, 32)), training=True, rng=None).shape == (1, 6, 28, 28)


def test_conv2d_layer_starts_with_the_deviation_of_he():
    layer = Conv2d(64, 100, (3, 5), groups=2, rng=np.random.default_rng(1))
    weight = np.sqrt(2 / (32 * 3 * 5)) * np.random.default_rng(1).standard_normal((100, 32, 3, 5))
    np.testing.assert_allclose(layer.params["weight"], weight, rtol=1e-12)
    np.testing.assert_array_equal(layer.params["bias"], np.zeros(100))


@pytest.mark.parametrize("bias", [True, False])
def test_conv2d_layer_keeps_its_dtype(bias):
    layer = Conv2d(1, 2, 1, bias=bias, rng=rng, dtype=np.float32)
    assert {p.dtype for p in layer.params.values()} == {np.dtype(np.float32)}
    x = np.ones((1, 1, 2, 2), np.float32)
    assert layer.forward(x, training=True, rng=None).dtype == np.float32
    assert layer.backward(np.ones((1, 2, 2, 2), np.float32)).dtype == np.float32
    assert Conv2d(1, 2, 1, rng=rng).params["bias"].dtype == np.float64


@pytest.mark.parametrize("bias", [True, False])
def test_conv2d_layer_backward_params_gives_the_same_grads_without_dx(monkeypatch, bias):
    layer, x = Conv2d(2, 3, 3, bias=bias, rng=rng), rng.standard_normal((2, 2, 5, 5))
    dout = np.ones_like(layer.forward(x, training=True, rng=None))
    layer.backward(dout)
    expected = layer.grads
    monkeypatch.setattr(conv, "_input_gradient", None)
    layer.backward_params(dout)
    assert layer.grads is not expected
    assert set(layer.grads) == set(expected) == set(layer.params)
    for name, grad in expected.items():
        np.testing.assert_array_equal(layer.grads[name], grad)


@pytest.mark.parametrize("method", ["backward", "backward_params"])
def test_conv2d_layer_refuses_to_go_back_from_nothing_or_from_elsewhere(method):
    layer = Conv2d(1, 2, 1, rng=rng)
    with pytest.raises(ValueError, match=r"Conv2d: .* Expected a forward pass first, got none"):
        getattr(layer, method)(np.ones((1, 2, 2, 2)))
    layer.forward(np.ones((1, 1, 2, 2)), training=True, rng=None)
    with pytest.raises(ValueError, match="conv2d_backward: dout has the wrong shape"):
        getattr(layer, method)(np.ones((1, 2, 2, 3)))


@pytest.mark.parametrize(
    ("error", "words", "changed"),
    [
        (ValueError, "in_channels is too small", {"in_channels": 0}),
        (TypeError, "out_channels is not a whole number", {"out_channels": 1.5}),
        (ValueError, "kernel_size is too small", {"kernel_size": (3, 0)}),
        (TypeError, "kernel_size is not a whole number", {"kernel_size": "3"}),
        (TypeError, "Expected an integer kernel_size, got (3,)", {"kernel_size": (3,)}),
        (ValueError, "Expected stride of at least 1, got 0", {"stride": 0}),
        (ValueError, "Expected padding of at least 0, got -1", {"padding": -1}),
        (ValueError, "Expected groups of at least 1, got 0", {"groups": 0}),
        (ValueError, "Expected in_channels divisible by 3, got 4", {"groups": 3}),
        (ValueError, "out_channels divisible by 2, got 3", {"groups": 2, "out_channels": 3}),
        (TypeError, "bias is not a bool", {"bias": 1}),
        (TypeError, "rng is not a generator", {"rng": 0}),
        (TypeError, "weight is not an array of floats", {"dtype": int}),
    ],
    ids=str,
)
def test_conv2d_layer_refuses_wrong_arguments(error, words, changed):
    good = {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "rng": rng}
    with pytest.raises(error, match=f"^Conv2d: .*{re.escape(words)}"):
        Conv2d(**{**good, **changed})


@both_forms
@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_settings_may_be_small_integers_of_numpy(form, dtype):
    forward, backward = forms(form)
    x, w = rng.standard_normal((1, 2, 200, 3)), rng.standard_normal((2, 1, 3, 3))
    settings = {"stride": 2, "pad": 1, "groups": 2}
    results = []
    for number in (int, dtype):
        chosen = {name: number(value) for name, value in settings.items()}
        out, cache = forward(x, w, np.zeros(2), **chosen)
        results.append((out, *backward(out, cache)))
    for plain, small in zip(*results, strict=True):
        np.testing.assert_array_equal(small, plain)


def test_groups_of_a_layer_may_be_a_small_integer_of_numpy():
    layer = Conv2d(200, 200, 1, groups=np.int8(2), rng=rng)  # pyright: ignore
    assert layer.params["weight"].shape == (200, 100, 1, 1)
