"""Do deeper plain nets learn worse, also what they train on, and residual ones not?"""

import pytest

from experiments._run import load
from experiments.plain_and_residual import EXPERIMENT, SEEDS


def test_a_residual_net_gives_what_is_recorded():
    part = "residual 8, seed 0"
    again, recorded = EXPERIMENT.redo(part), EXPERIMENT.recorded(part)
    # Another processor adds in another order: what the epochs make of that is small at their end.
    assert again["train loss"][0] == pytest.approx(recorded["train loss"][0], rel=0.05)
    assert again["train loss"][-1] == pytest.approx(recorded["train loss"][-1], abs=0.02)
    assert again["test error"] == pytest.approx(recorded["test error"], abs=1.0)


def test_the_deepest_plain_net_is_worse_in_every_seed_on_train_and_test():
    summary = load("plain_and_residual")["summary"]
    assert summary["deeper has the higher train loss"]["plain"] == SEEDS >= 5
    for error in ("train error", "test error"):
        means = {name: net[error]["mean"] for name, net in summary["nets"].items()}
        assert means["plain 56"] > means["plain 20"] + 5
        assert means["residual 56"] < means["plain 20"] + 1
