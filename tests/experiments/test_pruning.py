"""Does a pruned network come out again as recorded, with twelve times fewer weights?"""

import pytest

from experiments._run import load
from experiments.pruning import EXPERIMENT, prune

PART = "LeNet-300-100, seed 0"


def test_the_first_step_of_a_network_gives_what_is_recorded():
    call, recorded = EXPERIMENT.parts[PART], EXPERIMENT.recorded(PART)
    again = prune(**call.keywords | {"left": call.keywords["left"][:1]})
    assert again["before"] == pytest.approx(recorded["before"], abs=1.0)
    first = recorded["steps"][0]
    assert again["steps"][0].pop("left") == pytest.approx(first.pop("left"), rel=1e-3)
    assert again["steps"][0] == pytest.approx(first, abs=1.0)


@pytest.mark.parametrize("name", ["LeNet-300-100", "LeNet-5"])
def test_twelve_times_fewer_weights_cost_at_most_half_a_point_on_average(name):
    row = load("pruning")["summary"]["table"][name]
    assert row["seeds"] >= 5
    assert row["left"] <= row["left in the decks"]
    assert row["times fewer"] >= 11.9
    assert row["increase"]["mean"] <= 0.5


def test_sizes_of_the_table_are_the_decks():
    table = load("pruning")["summary"]["table"]
    millions = {name: round(row["parameters"] / 1e6, 2) for name, row in table.items()}
    assert millions == {"LeNet-300-100": 0.27, "LeNet-5": 0.43, "AlexNet": 60.97, "VGG16": 138.36}
