"""Are the networks that the course ships as good as it says, and small?"""

import os

import numpy as np
import pytest
import torch

from coursekit.data import cifar10, digits
from coursekit.pretrained import cifar10_net, digits_net
from coursekit.pretrained.shipped import WEIGHTS
from coursekit.training import evaluate
from experiments import pretrain_cifar10, pretrain_digits

EXPERIMENTS = {
    "cifar10": pretrain_cifar10.EXPERIMENT,
    "digits_0_to_4": pretrain_digits.EXPERIMENT,
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_weights_are_those_of_the_recorded_run_and_small(name):
    experiment = EXPERIMENTS[name]
    assert experiment.outdated() == []
    size = (WEIGHTS / f"{name}.safetensors").stat().st_size
    assert size == experiment.recorded("seed 0")["bytes"] <= 1_500_000


def test_the_cifar10_net_is_right_about_most_of_the_test_set():
    assert pretrain_cifar10.EXPERIMENT.recorded("seed 0")["test_accuracy"] >= 0.9


def test_the_digits_net_is_as_good_as_recorded():
    test = pretrain_digits.data()["test"]
    assert set(test.y) == {0, 1, 2, 3, 4}
    _, accuracy = evaluate(digits_net(), test)
    recorded = pretrain_digits.EXPERIMENT.recorded("seed 0")["test_accuracy"]
    assert accuracy == pytest.approx(recorded, abs=1e-4)
    assert accuracy > 0.98


def test_training_again_from_the_start_goes_the_same_way(tmp_path, monkeypatch):
    """A few epochs of the recorded recipe: no weights of the package are touched."""
    monkeypatch.setattr(pretrain_digits.shipped, "WEIGHTS", tmp_path)
    first = pretrain_digits.train(seed=0, epochs=2)
    assert first["test_accuracy"] > 0.6
    assert first == pretrain_digits.train(seed=0, epochs=2)
    assert (tmp_path / "digits_0_to_4.safetensors").stat().st_size == first["bytes"]


@pytest.mark.parametrize(("make", "shape"), [(cifar10_net, (3, 32, 32)), (digits_net, (1, 8, 8))])
def test_a_shipped_net_is_in_evaluation_mode_and_its_own_copy(make, shape):
    net, x = make(), torch.rand(2, *shape, generator=torch.Generator().manual_seed(0))
    assert not any(module.training for module in net.modules())
    assert all(p.dtype is torch.float32 for p in net.parameters())
    before = net(x)
    for p in net.parameters():
        torch.nn.init.zeros_(p)
    torch.testing.assert_close(make()(x), before)


def test_digits_that_were_never_shown_are_called_one_of_the_five():
    unknown = digits("test")
    scores = digits_net()(torch.tensor(unknown.x[unknown.y >= 5])).detach().numpy()
    assert scores.shape[1] == 5
    assert np.isfinite(scores).all()


@pytest.mark.skipif("COURSEKIT_DATA" not in os.environ, reason="needs the pictures of CIFAR-10")
def test_the_cifar10_net_is_as_good_as_recorded():
    _, accuracy = evaluate(cifar10_net(), cifar10("test"))
    recorded = pretrain_cifar10.EXPERIMENT.recorded("seed 0")["test_accuracy"]
    assert accuracy == pytest.approx(recorded, abs=0.002)


@pytest.mark.parametrize(
    ("name", "make"), [("cifar10", cifar10_net), ("digits_0_to_4", digits_net)]
)
def test_the_model_card_says_what_is_true(name, make):
    cards = (WEIGHTS / "README.md").read_text(encoding="utf-8").split("\n## ")
    (card,) = [card for card in cards if card.startswith(f"{name}.safetensors")]
    experiment = EXPERIMENTS[name]
    epochs = experiment.parts["seed 0"].keywords["epochs"]
    size = sum(p.numel() for p in make().parameters())
    accuracy = experiment.recorded("seed 0")["test_accuracy"]
    for fact in (
        f"{make.__name__}()",
        f"{size:,} parameters",
        f"{epochs} epochs",
        f"{accuracy:.4f}",
    ):
        assert fact in card, fact
