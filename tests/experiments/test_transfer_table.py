"""Does the table of transfers come out again, and is the lectures' advice right in it?"""

import pytest

from experiments._run import load
from experiments.transfer_table import EXPERIMENT, SEEDS, STRATEGIES, data, part


@pytest.mark.parametrize(
    ("name", "within"),
    [
        (part("cars", "little", "probe", 0), 1.5),
        (part("digits", "little", "last blocks", 0), 4.0),
    ],
)
def test_a_transfer_gives_what_is_recorded(name, within):
    assert EXPERIMENT.redo(name) == pytest.approx(EXPERIMENT.recorded(name), abs=within)


def test_results_are_those_of_the_weights_that_are_shipped():
    recorded = load("transfer_table")["data"]["source"]
    assert recorded == data()["source"].fingerprint, "Run `python -m experiments.transfer_table`."


def test_the_source_takes_cars_for_vehicles_and_hardly_any_digit():
    seen = load("transfer_table")["summary"]["seen"]
    vehicles = {target: found["automobile"] + found["truck"] for target, found in seen.items()}
    assert vehicles["cars"] > 90
    assert vehicles["digits"] < 10


@pytest.mark.parametrize("name", ["cars, little", "cars, much", "digits, little", "digits, much"])
def test_to_train_all_blocks_is_the_best_choice_or_nearly_so_in_every_cell(name):
    cell = load("transfer_table")["summary"]["cells"][name]
    accuracy = {strategy: found["mean"] for strategy, found in cell["accuracy"].items()}
    assert set(accuracy) == set(STRATEGIES)
    assert accuracy[cell["best"]] == max(accuracy.values())
    assert accuracy["all blocks"] > accuracy[cell["best"]] - 2
    assert accuracy["all blocks"] > accuracy["probe"] + 1


def test_on_few_cars_the_advised_probe_beats_no_transfer_and_loses_to_all_blocks():
    cell = load("transfer_table")["summary"]["cells"]["cars, little"]
    assert (cell["advised"], cell["best"]) == ("probe", "all blocks")
    assert cell["accuracy"]["probe"]["mean"] > cell["accuracy"]["from scratch"]["mean"] + 3
    ahead = cell["ahead of"]["probe"]
    assert ahead["seeds"] == SEEDS >= 5
    assert ahead["mean"] > 5 + 3 * ahead["se"]


def test_on_few_digits_an_earlier_layer_serves_better_than_the_last():
    cell = load("transfer_table")["summary"]["cells"]["digits, little"]
    assert cell["advised"] == "early probe"
    assert cell["accuracy"]["early probe"]["mean"] > cell["accuracy"]["probe"]["mean"] + 5
