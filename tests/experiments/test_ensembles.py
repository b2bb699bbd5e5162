"""Do the recorded ensembles come out again, and beat the mean of their members?"""

from functools import partial

import pytest

from coursekit.numpy_ref import cosine
from experiments._run import load
from experiments.ensembles import EPOCHS, EXPERIMENT, LR, STEPS, score, trained


def test_a_short_run_gives_what_is_recorded():
    epochs = EPOCHS // 5
    net = trained(3, 1, lr=partial(cosine, total=STEPS * epochs, lr_max=LR), epochs=epochs)
    again, recorded = score(net), EXPERIMENT.recorded("group 3")["short members"][1]
    assert again["loss"] == pytest.approx(recorded["loss"], abs=0.02)
    assert again["accuracy"] == pytest.approx(recorded["accuracy"], abs=1.0)


@pytest.mark.parametrize("name", ["five nets", "five short runs"])
def test_five_nets_beat_the_mean_of_their_members_also_at_the_cost_of_one(name):
    methods, groups = load("ensembles")["summary"]["methods"], len(EXPERIMENT.parts)
    five = methods[name]
    assert groups >= 5
    assert five["better, of the groups"] >= 0.9 * groups
    assert five["gain"]["mean"] > 5 * five["gain"]["se"] > 0
    assert five["loss"] < methods["one net"]["loss"]


def test_averages_of_one_run_gain_little_here():
    methods = load("ensembles")["summary"]["methods"]
    for name in ("snapshots", "checkpoints", "SWA", "EMA"):
        assert abs(methods[name]["gain over its own net"]["mean"]) < 0.5
        assert methods[name]["mean"] < methods["five short runs"]["mean"] - 1
