"""Do rules and optimisers fit the network, and are mistakes named before the first step?"""

import copy
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from coursekit.data import moons
from coursekit.numpy_ref import Linear, ReLU, Sequential, adam, momentum, sgd
from coursekit.training import Trainer
from coursekit.training.model import as_model, copies
from coursekit.training.update import make_updater

TRAIN = moons("train", n=40)


def net():
    rng = np.random.default_rng(0)
    return Sequential(Linear(2, 6, rng=rng), ReLU(), Linear(6, 2, rng=rng))


def module():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 2))


def moved(model, **settings):
    """How far each parameter went in one step."""
    before = copies(as_model(model))["params"]
    Trainer(model, **settings, steps=1).fit(TRAIN)
    return {name: w - before[name] for name, w in as_model(model).params.items()}


BOTH = [(net, sgd), (net, momentum), (module, sgd), (module, torch.optim.SGD)]


@pytest.mark.parametrize(("make", "update"), BOTH)
def test_lr_scale_multiplies_the_rate_and_zero_freezes(make, update):
    scale = {"0.weight": 0.0, "2.bias": 0.25, "2.weight": 3.0}
    plain = moved(make(), update=update)
    scaled = moved(make(), update=update, lr_scale=lambda name: scale.get(name, 1.0))
    for name, step in plain.items():
        np.testing.assert_allclose(scaled[name], scale.get(name, 1.0) * step, atol=1e-7)
        assert np.abs(step).max() > 1e-4


@pytest.mark.parametrize(("make", "update"), BOTH)
def test_schedule_sets_the_rate_of_each_step(make, update):
    once, twice = (
        moved(make(), update=update, lr=0.1),
        moved(make(), update=update, lr=lambda s: 0.2),
    )
    for name, step in once.items():
        np.testing.assert_allclose(twice[name], 2 * step, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "update"),
    [(net, adam), (module, adam), (module, torch.optim.AdamW), (module, torch.optim.Adagrad)],
)
def test_state_goes_on_where_it_was(make, update):
    def steps(updater, model, count, seed):
        rng = np.random.default_rng(seed)
        for _ in range(count):
            grads = {
                name: rng.normal(size=w.shape).astype(w.dtype) for name, w in model.params.items()
            }
            updater.step(grads, lr=0.1)

    whole, parts = as_model(make()), as_model(make())
    updater = make_updater(whole, update, lr_scale=None)
    steps(updater, whole, 3, 0)
    parts.load(**copies(whole))
    other = make_updater(parts, update, lr_scale=None)
    other.load_state(copy.deepcopy(updater.state()))  # as if from a file
    for model, made in ((whole, updater), (parts, other)):
        steps(made, model, 2, 1)
    fresh = make_updater(as_model(make()), update, lr_scale=None)
    for name, w in whole.params.items():
        np.testing.assert_array_equal(parts.params[name], w)
    assert str(fresh.state()) != str(other.state())


@pytest.mark.parametrize(
    ("make", "update", "wrong"),
    [
        (net, torch.optim.SGD, "class for a torch.nn.Module, got SGD"),
        (net, partial(torch.optim.SGD, momentum=0.9), "got SGD"),
        (net, "sgd", "Expected a function such as sgd, or a torch.optim class, got 'sgd'"),
        (net, None, "got None"),
        (module, 0.1, "got 0.1"),
        (module, nn.Linear, "got Linear"),
        (module, dict, "got dict"),
    ],
)
def test_update_that_does_not_fit_is_refused(make, update, wrong):
    with pytest.raises(TypeError, match=f"Trainer: update does not fit the model.*{wrong}"):
        Trainer(make(), update=update, epochs=1).fit(TRAIN)


def test_state_in_bfloat16_goes_on_where_it_was():
    first, second = as_model(module().bfloat16()), as_model(module().bfloat16())
    updater = make_updater(first, torch.optim.Adam, lr_scale=None)
    grads = {name: np.full_like(w, 0.3) for name, w in first.params.items()}
    updater.step(grads, lr=0.1)
    second.load(**copies(first))
    other = make_updater(second, torch.optim.Adam, lr_scale=None)
    other.load_state(copy.deepcopy(updater.state()))  # as if from a file
    for made in (updater, other):
        made.step(grads, lr=0.1)
    for name, w in first.params.items():
        np.testing.assert_array_equal(second.params[name], w)


@pytest.mark.parametrize(
    ("make", "update"), [(net, partial(sgd, lr=0.5)), (module, partial(torch.optim.SGD, lr=0.5))]
)
def test_learning_rate_in_the_wrong_place_is_refused(make, update):
    with pytest.raises(ValueError, match=r"update has an lr of its own.*got lr=0\.5"):
        Trainer(make(), update=update).fit(TRAIN)


@pytest.mark.parametrize(("make", "update"), BOTH)
@pytest.mark.parametrize(
    ("factor", "error"), [(-1.0, ValueError), (float("nan"), ValueError), (None, TypeError)]
)
def test_lr_scale_that_makes_no_sense_is_refused(make, update, factor, error):
    def scale(name):
        return factor if name.endswith("bias") else 1.0

    with pytest.raises(error, match=r"Trainer: lr_scale\('.*bias'\) is .*Expected"):
        Trainer(make(), update=update, lr_scale=scale).fit(TRAIN)


@pytest.mark.parametrize(("make", "update"), BOTH)
def test_nothing_left_to_learn_is_refused(make, update):
    with pytest.raises(ValueError, match="Trainer: all parameters are frozen"):
        Trainer(make(), update=update, lr_scale=lambda name: 0.0).fit(TRAIN)


def test_module_that_is_all_frozen_is_refused():
    with pytest.raises(ValueError, match="Trainer: all parameters are frozen"):
        Trainer(module().requires_grad_(False)).fit(TRAIN)


@pytest.mark.parametrize("make", [net, module])
def test_scores_of_a_wrong_shape_are_named(make):
    class Wrong(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = module()

        def forward(self, x):
            return self.inner(x)[:, :, None]

    class Short(Sequential):
        def forward(self, x, *, training, rng):
            return super().forward(x, training=training, rng=rng)[:-1]

    model = Wrong() if make is module else Short(*net().layers)
    with pytest.raises(ValueError, match=r"softmax_cross_entropy: .*Expected"):
        Trainer(model, epochs=1).fit(TRAIN)


def test_too_few_classes_are_named():
    few = Sequential(Linear(2, 1, rng=np.random.default_rng(0)))
    with pytest.raises(ValueError, match=r"softmax_cross_entropy: .*Expected"):
        Trainer(few, epochs=1).fit(TRAIN)


def test_no_network_is_named():
    with pytest.raises(TypeError, match="as_model: this is no network"):
        Trainer([1, 2], epochs=1).fit(TRAIN)


def test_optimizer_that_calls_the_loss_itself_is_refused():
    with pytest.raises(TypeError, match=r"Trainer: update does not fit.*got LBFGS"):
        Trainer(module(), update=torch.optim.LBFGS, epochs=1).fit(TRAIN)
