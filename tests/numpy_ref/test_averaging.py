"""What averages of weights promise, beyond the common tests."""

import inspect

import numpy as np
import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from coursekit import numpy_ref, torch_ref
from coursekit.numpy_ref import checkpoint_average, ema, polyak, sgd, swa

PATH = np.random.default_rng(0).standard_normal((12, 3, 2))
every_average = pytest.mark.parametrize("average", [polyak, swa, ema])


def follow(average, path=PATH, **settings):
    """The averages along a path, and the last state."""
    state, averages = {}, []
    for w in path:
        mean, state = average(w, state, **settings)
        averages.append(mean)
    return np.array(averages), state


def test_polyak_is_the_mean_of_all_iterates():
    averages, state = follow(polyak)
    np.testing.assert_allclose(averages[-1], PATH.mean(axis=0))
    np.testing.assert_allclose(averages[4], PATH[:5].mean(axis=0))
    assert state["count"] == 12


@pytest.mark.parametrize(("start", "every"), [(0, 1), (0, 3), (2, 1), (4, 5), (11, 2)])
def test_swa_is_the_mean_of_the_chosen_iterates(start, every):
    averages, state = follow(swa, start=start, every=every)
    np.testing.assert_allclose(averages[-1], PATH[start::every].mean(axis=0))
    assert (state["step"], state["count"]) == (12, len(PATH[start::every]))


def test_swa_before_its_start_is_the_last_iterate():
    averages, state = follow(swa, start=12)
    np.testing.assert_array_equal(averages, PATH)
    assert state["count"] == 0


def test_swa_of_every_iterate_is_polyak():
    np.testing.assert_array_equal(follow(swa)[0], follow(polyak)[0])


def test_ema_weighs_the_past_by_powers_of_the_decay():
    averages, _ = follow(ema, decay=0.8)
    ages = np.arange(12)[::-1]
    weights = 0.2 * 0.8**ages
    weights[0] = 0.8**11  # the first iterate stands for all before it
    np.testing.assert_allclose(weights.sum(), 1)
    np.testing.assert_allclose(averages[-1], np.tensordot(weights, PATH, 1))


def test_ema_without_decay_is_the_last_iterate_and_with_decay_one_the_first():
    np.testing.assert_array_equal(follow(ema, decay=0.0)[0], PATH)
    np.testing.assert_array_equal(follow(ema, decay=1.0)[0], np.stack([PATH[0]] * 12))


def test_averages_have_the_usual_defaults():
    assert inspect.signature(ema).parameters["decay"].default == 0.999
    parameters = inspect.signature(swa).parameters
    assert (parameters["start"].default, parameters["every"].default) == (0, 1)


@pytest.mark.parametrize("kind", ["mean", "moving"])
def test_averages_agree_with_the_averaged_model_of_pytorch(kind):
    model = torch.nn.Linear(3, 2, bias=False, dtype=torch.float64)
    moving = get_ema_multi_avg_fn(0.9) if kind == "moving" else None
    averaged = AveragedModel(model, multi_avg_fn=moving)
    ours, _ = follow(ema, decay=0.9) if kind == "moving" else follow(polyak)
    for w, mean in zip(PATH, ours, strict=True):
        model.weight.data = torch.from_numpy(w.T.copy())
        averaged.update_parameters(model)
        (theirs,) = averaged.parameters()
        np.testing.assert_allclose(mean.T, theirs.detach().numpy(), rtol=1e-12)


@every_average
@pytest.mark.parametrize("shape", [(), (0,), (0, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_averages_take_arrays_without_axes_and_without_values(average, shape, dtype):
    averages, state = [], {}
    for value in (1, 2, 6):
        mean, state = average(np.full(shape, value, dtype), state)
        averages += [mean, state["average"]]
    for array in averages:
        assert isinstance(array, np.ndarray)
        assert (array.shape, array.dtype) == (shape, dtype)


@every_average
def test_averages_leave_the_state_they_were_given_alone(average):
    _, state = follow(average)
    before = {name: np.copy(value) for name, value in state.items()}
    average(PATH[0], state)
    for name, value in before.items():
        np.testing.assert_array_equal(state[name], value)


@pytest.mark.parametrize("name", ["polyak", "swa", "ema"])
@pytest.mark.parametrize("module", [numpy_ref, torch_ref])
def test_averages_share_no_memory_with_their_state(module, name):
    """Who changes an average in place must not change what is averaged next."""
    average, state = getattr(module, name), {}
    wrap = np.array if module is numpy_ref else torch.tensor
    settings = {"every": 2} if name == "swa" else {}
    for value in (1.0, 2.0, 6.0):
        before = state
        mean, state = average(wrap([value]), state, **settings)
        expected, kept = float(mean[0]), float(state["average"][0])
        mean[:] = 99.0
        if before:
            before["average"][:] = 99.0
        assert float(state["average"][0]) == kept == expected


def test_ema_starts_at_exactly_the_first_iterate():
    w = np.append(np.random.default_rng(3).standard_normal(200), np.inf)
    for decay in (0.9, 1.0):
        np.testing.assert_array_equal(ema(w, {}, decay=decay)[0], w)


@pytest.mark.parametrize("counted", [{"count": -1}, {"count": 1, "step": -1}])
def test_averages_of_pytorch_refuse_counts_below_zero(counted):
    average = torch_ref.swa if "step" in counted else torch_ref.polyak
    w = torch.ones(2)
    with pytest.raises(ValueError, match=r"state\['\w+'\] of at least 0, got -1"):
        average(w, {**counted, "average": w})


@pytest.mark.parametrize("average", [polyak, ema])
def test_averages_lie_nearer_to_the_minimum_than_noisy_iterates(average):
    """With a constant rate, sgd on ½w² with noise circles 0; the mean is quieter."""
    rng, w, path = np.random.default_rng(1), np.zeros(50), []
    for _ in range(2000):
        w, _ = sgd(w, w + rng.standard_normal(50), {}, lr=0.5)
        path.append(w)
    averages, _ = follow(average, np.array(path), **({"decay": 0.99} if average is ema else {}))
    assert np.sum(averages[-1] ** 2) < 0.1 * np.sum(path[-1] ** 2)


def test_checkpoint_average_of_dicts_goes_name_by_name():
    rng = np.random.default_rng(2)
    checkpoints = [
        {"w": rng.standard_normal((2, 3)), "b": rng.standard_normal(3)} for _ in range(4)
    ]
    mean = checkpoint_average(checkpoints)
    assert list(mean) == ["w", "b"]
    for name in mean:
        np.testing.assert_allclose(mean[name], sum(c[name] for c in checkpoints) / 4)


def test_checkpoint_average_takes_names_of_any_kind():
    w = np.ones(2)
    assert list(checkpoint_average([{"w": w, 0: w}, {0: w, "w": w}])) == ["w", 0]


def test_checkpoint_average_of_one_is_a_copy():
    w = np.ones(3)
    mean = checkpoint_average((w,))
    np.testing.assert_array_equal(mean, w)
    assert not np.shares_memory(mean, w)


def test_checkpoint_average_of_arrays_without_axes_is_an_array():
    mean = checkpoint_average([np.array(1.0, np.float32), np.array(3.0, np.float32)])
    assert isinstance(mean, np.ndarray) and mean == 2 and mean.dtype == np.float32


@pytest.mark.parametrize(
    ("checkpoints", "error", "words"),
    [
        ([], ValueError, "checkpoints is empty. Expected one checkpoint or more, got 0."),
        ({"w": 1.0}, TypeError, "checkpoints is not a list. Expected a list of .*, got dict."),
        ([{"w": 1.0}, 2.0], TypeError, r"checkpoints\[1\] is not a dict. .* got float."),
        ([{"w": 1.0}, {"b": 1.0}], ValueError, r"\[1\] has other names. .*\['w'\], got \['b'\]."),
        ([{"w": 1.0}, {}], ValueError, r"checkpoints\[1\] has other names"),
        ([{"w": None}], TypeError, r"checkpoints\[0\]\['w'\] is not an? \w+ of floats"),
    ],
)
def test_checkpoint_average_refuses_what_does_not_fit_together(checkpoints, error, words):
    for function in (checkpoint_average, torch_ref.checkpoint_average):
        with pytest.raises(error, match=f"checkpoint_average: .*{words}"):
            function(checkpoints)
