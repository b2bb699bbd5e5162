"""Does training all stops at once give what training one stop with the Trainer gives?"""

from functools import partial
from typing import Any

import numpy as np
import pytest

from coursekit.data import digits, moons
from coursekit.explore.sweep import sweep, two_layer_net
from coursekit.numpy_ref import l2_penalty, momentum
from coursekit.training import Trainer

STOPS = {
    "lr": np.array([0.01, 0.1, 0.3]),
    "weight_decay": np.array([0.0, 0.01, 0.3]),
    "p": np.array([0.0, 0.4, 0.8]),
}


@pytest.mark.parametrize("swept", STOPS)
@pytest.mark.parametrize("stop", [0, 1, 2])
def test_sweep_at_one_stop_equals_the_trainer(swept, stop):
    train, validation = digits("train", n=110), digits("validation", n=50)
    settings: dict[str, Any] = {"lr": 0.1, "weight_decay": 0.001, "p": 0.2} | {swept: STOPS[swept]}
    result = sweep(
        two_layer_net(64, 12, 10),
        train,
        validation,
        **settings,
        momentum=0.5,
        epochs=4,
        batch_size=50,
        seed=3,
    )
    settings[swept] = float(STOPS[swept][stop])
    net = two_layer_net(64, 12, 10, p=settings["p"])
    history = Trainer(
        net,
        update=partial(momentum, momentum=0.5),
        lr=settings["lr"],
        penalty=partial(l2_penalty, weight_decay=settings["weight_decay"]),
        epochs=4,
        batch_size=50,
        seed=3,
        callbacks=(),
    ).fit(train, validation)
    per_epoch = result.step_loss[:, stop].reshape(4, 3).mean(axis=1)
    np.testing.assert_allclose(per_epoch, history.column("loss"), rtol=1e-4)
    for name, curve in result.curves.items():
        np.testing.assert_allclose(curve[:, stop], history.column(name), rtol=1e-4)
    for got, expected in zip(result.params, net.params.values(), strict=True):
        np.testing.assert_allclose(got[stop].reshape(expected.shape), expected, atol=1e-5)
    scores = net.forward(validation.x, training=False, rng=None)
    flat = validation.x.reshape(50, 64)
    np.testing.assert_allclose(result.scores(stop, flat), scores, rtol=1e-3, atol=1e-4)
    norm = np.sqrt(sum(np.sum(w**2) for name, w in net.params.items() if "weight" in name))
    np.testing.assert_allclose(result.weight_norm(stop), norm, rtol=1e-5)


def test_sweep_measures_only_when_asked():
    result = sweep(
        two_layer_net(2, 4, 2), moons(), moons("test"), lr=0.1, epochs=6, evaluate_every=3
    )
    assert result.epochs.tolist() == [3, 6]
    assert result.curves["train_loss"].shape == (2, 1)
    assert result.step_loss.shape == (6, 1)


def test_sweep_lets_one_stop_diverge_without_harm_to_the_others():
    rates = np.array([0.1, 1e20])
    net = two_layer_net(2, 4, 2)
    both = sweep(net, moons(), moons("test"), lr=rates, epochs=5)
    alone = sweep(net, moons(), moons("test"), lr=0.1, epochs=5)
    assert not np.isfinite(both.step_loss[-1, 1])
    np.testing.assert_allclose(both.step_loss[:, 0], alone.step_loss[:, 0], rtol=1e-5)


def test_two_layer_net_starts_like_its_seed_whatever_p_is():
    one, other = two_layer_net(2, 4, 2), two_layer_net(2, 4, 2, p=0.5)
    for name, w in one.params.items():
        np.testing.assert_array_equal(w, other.params[name])
