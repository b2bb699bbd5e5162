"""Do the recorded runs with and without tricks come out again, and stand side by side?"""

import pytest

from experiments._run import load
from experiments.bag_of_tricks import CHOICES, EXPERIMENT, SEEDS, TRICKS


def test_a_run_with_all_tricks_gives_what_is_recorded():
    part = "smoothing + zero gamma + free biases, seed 0"
    again, recorded = EXPERIMENT.redo(part), EXPERIMENT.recorded(part)
    assert again["loss"] == pytest.approx(recorded["loss"], abs=0.02)
    assert again["accuracy"] == pytest.approx(recorded["accuracy"], abs=1.0)


def test_effects_are_the_differences_that_the_choices_show():
    summary = load("bag_of_tricks")["summary"]
    choices = {name: choice["accuracy"]["mean"] for name, choice in summary["choices"].items()}
    assert len(choices) == 2 ** len(TRICKS) == len(CHOICES)
    assert summary["seeds"] == SEEDS >= 5
    for trick in TRICKS:
        with_it = [accuracy for name, accuracy in choices.items() if trick in name]
        without = [accuracy for name, accuracy in choices.items() if trick not in name]
        effect = summary["effects"][trick]["accuracy"]["mean"]
        assert effect == pytest.approx(sum(with_it) / 4 - sum(without) / 4)
