"""What pruning promises, beyond the common tests."""

import inspect

import numpy as np
import pytest
import torch
from torch.nn.utils import prune

from coursekit import numpy_ref, torch_ref
from coursekit.numpy_ref import (
    adam,
    adamw,
    global_magnitude_masks,
    layer_magnitude_masks,
    magnitude_mask,
    masked,
    momentum,
    nesterov,
    rmsprop,
    sgd,
    sparsity,
    sparsity_schedule,
)

RNG = np.random.default_rng(0)
W = RNG.standard_normal((7, 9))
LAYERS = {"first": 0.1 * RNG.standard_normal((6, 5)), "second": RNG.standard_normal((5, 4, 2))}


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_magnitude_mask_prunes_exactly_that_share(share):
    mask = magnitude_mask(W, sparsity=share)
    assert (mask == 0).sum() == round(share * W.size)
    assert set(np.unique(mask)) <= {0.0, 1.0}


def test_magnitude_mask_keeps_no_weight_smaller_than_a_pruned_one():
    mask = magnitude_mask(W, sparsity=0.4)
    assert abs(W[mask == 0]).max() < abs(W[mask == 1]).min()


@pytest.mark.parametrize(("share", "zeros"), [(0.1, 0), (0.3, 2), (0.5, 2), (0.7, 4), (0.9, 4)])
def test_magnitude_mask_rounds_a_half_to_even(share, zeros):
    w = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    for mask in (
        magnitude_mask(w, sparsity=share),
        torch_ref.magnitude_mask(torch.from_numpy(w), sparsity=share).numpy(),
    ):
        np.testing.assert_array_equal(mask, np.arange(5) >= zeros)


def test_magnitude_mask_of_equal_weights_prunes_from_the_front():
    w = np.array([[2.0, -1.0, 1.0], [1.0, -1.0, 1.0]])
    mask = magnitude_mask(w, sparsity=0.5)
    np.testing.assert_array_equal(mask, [[1, 0, 0], [0, 1, 1]])
    flipped = magnitude_mask(np.asfortranarray(w), sparsity=0.5)
    np.testing.assert_array_equal(flipped, mask)
    many = np.random.default_rng(3).integers(-3, 4, 1000).astype(float)
    pruned = sorted(range(1000), key=lambda i: abs(many[i]))[:500]
    mask = magnitude_mask(many, sparsity=0.5)
    np.testing.assert_array_equal(np.flatnonzero(mask == 0), sorted(pruned))


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (1,)])
def test_magnitude_mask_takes_arrays_without_axes_and_without_values(shape):
    for share in (0.0, 1.0):
        mask = magnitude_mask(np.full(shape, -2, np.float32), sparsity=share)
        assert isinstance(mask, np.ndarray)
        assert (mask.shape, mask.dtype) == (shape, np.float32)
        assert np.all(mask == 1 - share)


def test_magnitude_mask_keeps_infinite_weights():
    mask = magnitude_mask(np.array([-np.inf, 1.0, np.inf]), sparsity=1 / 3)
    np.testing.assert_array_equal(mask, [1, 0, 1])


def test_layer_masks_prune_each_layer_by_the_same_share():
    masks = layer_magnitude_masks(LAYERS, sparsity=0.3)
    assert list(masks) == list(LAYERS)
    for name, w in LAYERS.items():
        np.testing.assert_array_equal(masks[name], magnitude_mask(w, sparsity=0.3))


def test_global_masks_use_one_threshold():
    masks = global_magnitude_masks(LAYERS, sparsity=0.5)
    assert sum((mask == 0).sum() for mask in masks.values()) == 35
    pruned = np.concatenate([abs(w[masks[name] == 0]) for name, w in LAYERS.items()])
    kept = np.concatenate([abs(w[masks[name] == 1]) for name, w in LAYERS.items()])
    assert pruned.max() < kept.min()
    assert sparsity(masks["first"]) > 0.9 and sparsity(masks["second"]) < 0.3


def test_global_masks_keep_names_shapes_and_types():
    layers = {**LAYERS, "third": np.ones(3, np.float32), "empty": np.ones((0, 2))}
    masks = global_magnitude_masks(layers, sparsity=0.5)
    assert list(masks) == list(layers)
    for name, w in layers.items():
        assert (masks[name].shape, masks[name].dtype) == (w.shape, w.dtype)


@pytest.mark.parametrize("op", ["layer_magnitude_masks", "global_magnitude_masks"])
@pytest.mark.parametrize(
    ("weights", "error", "words"),
    [
        ([], TypeError, "weights is not a dict. Expected a dict name -> .*, got list."),
        ({}, ValueError, "weights is empty. Expected one .* or more, got {}."),
        ({"a": 1.0}, TypeError, r"weights\['a'\] is not an? \w+ of floats"),
    ],
)
def test_masks_of_a_network_refuse_what_is_no_dict_of_arrays(op, weights, error, words):
    for module in (numpy_ref, torch_ref):
        with pytest.raises(error, match=f"{op}: {words}"):
            getattr(module, op)(weights, sparsity=0.5)


def test_sparsity_schedule_is_flat_before_its_start_and_after_its_end():
    values = [
        sparsity_schedule(step, start=10, end=20, final=0.9, initial=0.1) for step in range(31)
    ]
    np.testing.assert_allclose(values[:11], 0.1)
    np.testing.assert_allclose(values[20:], 0.9)
    assert np.all(np.diff(values[10:21]) > 0)


def test_sparsity_schedule_prunes_most_at_first():
    values = [sparsity_schedule(step, start=0, end=100, final=0.8) for step in range(101)]
    assert np.all(np.diff(values, 2) < 0)
    np.testing.assert_allclose(values, 0.8 - 0.8 * (1 - np.arange(101) / 100) ** 3, atol=1e-15)


def test_sparsity_schedule_with_power_one_is_a_straight_line():
    values = [sparsity_schedule(s, start=0, end=4, final=0.8, power=1) for s in range(5)]
    np.testing.assert_allclose(values, [0.0, 0.2, 0.4, 0.6, 0.8])


def test_sparsity_schedule_may_last_one_step_and_start_at_zero():
    assert sparsity_schedule(0, start=0, end=1, final=1.0) == 0
    assert sparsity_schedule(1, start=0, end=1, final=1.0) == 1


def test_sparsity_schedule_is_cubic_from_zero_unless_told():
    parameters = inspect.signature(sparsity_schedule).parameters
    assert (parameters["initial"].default, parameters["power"].default) == (0.0, 3.0)


@pytest.mark.parametrize("rule", [sgd, momentum, nesterov, rmsprop, adam, adamw])
def test_masked_rules_keep_pruned_weights_at_zero_while_the_rest_retrains(rule):
    rng, w, state = np.random.default_rng(1), W, {}
    for _ in range(3):  # before the pruning: momentum everywhere
        w, state = rule(w, rng.standard_normal(W.shape), state, lr=0.1)
    mask = magnitude_mask(w, sparsity=0.6)
    free, alike = masked(rule, mask), w * mask
    w = w.copy()
    for _ in range(3):
        dw = rng.standard_normal(W.shape)
        before, (w, state) = w, free(w, dw, state, lr=0.1, weight_decay=0.1)
        np.testing.assert_array_equal(w[mask == 0], 0)
        assert np.all(w[mask == 1] != before[mask == 1])
    assert not np.allclose(w, alike)


def test_masked_rules_see_no_gradient_of_pruned_weights():
    def rule(w, dw, state, *, lr):
        assert w.tolist() == [1.0, 0.0] and dw.tolist() == [3.0, 0.0] and lr == 0.5
        return w + 7, {"seen": True}

    mask = np.array([1.0, 0.0])
    w, state = masked(rule, mask)(np.array([1.0, 2.0]), np.array([3.0, 4.0]), {}, lr=0.5)
    np.testing.assert_array_equal(w, [8.0, 0.0])
    assert state == {"seen": True}


def test_masked_rules_keep_the_mask_that_they_were_given():
    mask = np.array([1.0, 0.0])
    rule = masked(sgd, mask)
    mask[:] = 1
    w, _ = rule(np.ones(2), np.ones(2), {}, lr=0.1)
    np.testing.assert_array_equal(w, [0.9, 0.0])


def test_masked_rules_keep_float32_under_a_mask_of_float64():
    w = np.ones(2, np.float32)
    w, state = masked(momentum, np.array([1.0, 0.0]))(w, w, {}, lr=0.5)
    assert w.tolist() == [0.5, 0.0]
    assert w.dtype == state["v"].dtype == np.float32


def test_masked_rules_take_arrays_without_axes():
    w, _ = masked(sgd, np.array(1.0))(np.array(2.0), np.array(5.0), {}, lr=0.1)
    assert isinstance(w, np.ndarray) and w == 1.5
    w, _ = masked(lambda w, dw, state: (w, state), np.array(0.0))(np.array(2.0), np.array(5.0), {})
    assert isinstance(w, np.ndarray) and w == 0


def test_masked_asks_for_a_rule():
    with pytest.raises(TypeError, match="masked: update is not a function"):
        masked("sgd", np.ones(2))  # type: ignore[arg-type]


def test_masked_sgd_agrees_with_the_pruned_layer_of_pytorch():
    x = torch.from_numpy(np.random.default_rng(2).standard_normal((4, 9)))
    mask = magnitude_mask(W, sparsity=0.5)
    layer = torch.nn.Linear(9, 7, bias=False, dtype=torch.float64)
    layer.weight.data = torch.from_numpy(W.copy())
    prune.custom_from_mask(layer, "weight", torch.from_numpy(mask))
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, momentum=0.9)
    rule, w, state = masked(momentum, mask), W, {}
    for _ in range(5):
        optimizer.zero_grad()
        (layer(x) ** 2).sum().backward()
        optimizer.step()
        out = x.numpy() @ (w * mask).T
        w, state = rule(w, 2 * out.T @ x.numpy(), state, lr=0.1)
    layer(x)  # PyTorch multiplies by the mask in the forward pass
    np.testing.assert_allclose(w, layer.weight.detach().numpy(), rtol=1e-10, atol=1e-12)
