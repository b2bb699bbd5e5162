"""Does the recorded search come out again, and is its best net as good as the decks'?"""

import numpy as np
import pytest

from experiments.coarse_to_fine import EXPERIMENT, best


def test_a_search_on_the_digits_comes_out_as_recorded():
    # Other processors round otherwise, which may turn a few of 300 answers.
    part = "digits, search 0"
    again, recorded = EXPERIMENT.redo(part), EXPERIMENT.recorded(part)
    assert len(again["coarse"]) == len(recorded["coarse"]) == 20
    for now, then in zip(again["coarse"], recorded["coarse"], strict=True):
        assert {now["lr"], now["reg"]} == {then["lr"], then["reg"]}
        accuracies = [row["validation_accuracy"] or 0.0 for row in (now, then)]
        assert accuracies[0] == pytest.approx(accuracies[1], abs=0.02)


def test_fifty_hidden_units_get_half_of_cifar10_right():
    fine = EXPERIMENT.recorded("CIFAR-10, search 0")["fine"]
    assert best(fine)["validation_accuracy"] >= 0.5


def test_the_chosen_net_holds_what_it_promised_on_new_weights_and_on_the_test_set():
    nets = [EXPERIMENT.recorded(f"CIFAR-10, chosen, weights {seed}") for seed in range(1, 6)]
    tested = [net["test_accuracy"] for net in nets if "test_accuracy" in net]
    assert len(tested) == 1
    # 10,000 test pictures: a standard error of 0.005; of 1,000 validation pictures, 0.016.
    assert abs(tested[0] - np.mean([net["validation_accuracy"] for net in nets])) < 3 * 0.016
