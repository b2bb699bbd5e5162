"""Do we get the numbers that the decks show, and would the table notice if we did not?"""

import re

import numpy as np
import pytest

from experiments import babysitting, signal_sizes, update_ratio
from experiments.deck_numbers import HEADER, NUMBERS
from experiments.deck_numbers.babysitting import column
from experiments.deck_numbers.number import (
    EXACT,
    LAST_DIGIT,
    ONE_DRAW,
    Number,
    between,
    mean_between,
    printed,
)
from experiments.deck_numbers.signals import stds

IDS = [f"{number.topic}: {number.what}" for number in NUMBERS]


@pytest.mark.parametrize("number", NUMBERS, ids=IDS)
def test_ours_agrees_with_the_deck(number):
    ours = number.ours_text()
    assert number.agrees(), f"deck {number.deck}, ours {ours}, tolerance {number.rule.text}"


@pytest.mark.parametrize("number", NUMBERS, ids=IDS)
def test_a_row_notices_another_number(number):
    values, units = printed(number.deck)
    other = number.runs * (1.5 if number.rule in (EXACT, LAST_DIGIT, ONE_DRAW) else 30)
    assert not number.rule.holds(np.squeeze(values), np.squeeze(units), other)


@pytest.mark.parametrize("number", NUMBERS, ids=IDS)
def test_a_row_says_everything(number):
    assert len(number.cells()) == len(HEADER)
    assert all(number.cells())
    assert number.why.endswith(".")
    assert re.fullmatch(r"[A-O]\d+", number.topic)
    assert set(number.decks.split(", ")) <= set("MRTPS")
    if number.rule in (EXACT, LAST_DIGIT, ONE_DRAW):  # else NumPy would stretch one to fit many
        assert printed(number.deck)[0].size == number.runs[0].size


def test_no_number_stands_twice():
    assert len(set(IDS)) == len(IDS)


def test_units_are_those_of_the_last_printed_digit():
    values, units = printed("35K, 1.5B, 0.0026, 1233, 2.0%, 6×28 and 1/9")
    np.testing.assert_allclose(values, [35e3, 1.5e9, 0.0026, 1233, 2, 6, 28, 1 / 9])
    np.testing.assert_allclose(units, [1e3, 1e8, 1e-4, 1, 0.1, 1, 1, 0])
    assert printed("NaN")[0].size == 0


@pytest.mark.parametrize(
    "rule, deck, ours, agrees",
    [
        (EXACT, "456", [456], True),
        (EXACT, "456", [456, 457], False),
        (LAST_DIGIT, "663K", [663_936], True),
        (LAST_DIGIT, "663K", [664_000], False),
        (LAST_DIGIT, "35K", [34_001], True),
        (LAST_DIGIT, "1.5B", [1.41e9], True),
        (LAST_DIGIT, "1.5B", [1.4e9], False),
        (ONE_DRAW, "0.5", [0.1, 0.3], True),  # 0.2 ± 0.141: up to 0.2 + 0.28 + 0.05
        (ONE_DRAW, "0.53", [0.1, 0.3], False),
        (ONE_DRAW, "0.48", [0.1, 0.3], True),
        (ONE_DRAW, "0.7, 0.2", [[0.1, 0.1], [0.3, 0.3]], False),
        (between(1, 2, "1 to 2"), "about", [1, 2], True),
        (between(1, 2, "1 to 2"), "about", [1, 2.1], False),
        (between(1, 2, "1 to 2"), "about", [0.9, 2], False),
        (mean_between(1, 2, "1 to 2"), "about", [0, 3.9], True),
        (mean_between(1, 2, "1 to 2"), "about", [0, 4.1], False),
        (mean_between(1, 2, "1 to 2"), "about", [0, 1.9], False),
    ],
)
def test_a_rule_draws_its_line(rule, deck, ours, agrees):
    assert Number("", "", "", deck, lambda: ours, rule, "", seeds=True).agrees() is agrees


@pytest.mark.parametrize(
    "ours, text",
    [
        ([[1.0, 2.0]], "1.0, 2.0"),
        ([0.1, 0.3], "0.2 ± 0.1"),
        ([3.0, 3.0], "3.0"),
        ([[1.0, 2.0], [1.0, 2.2]], "1.0, 2.1 (each ± 6.7% or less)"),
    ],
)
def test_ours_is_written_with_its_spread(ours, text):
    number = Number("", "", "", "", lambda: ours, EXACT, "", seeds=True, form="{:.1f}")
    assert number.ours_text() == text


def test_the_table_is_printed_and_fails_when_a_row_does(monkeypatch, capsys):
    from experiments.deck_numbers import __main__ as command

    some = tuple(number for number in NUMBERS if number.topic == "I8")
    monkeypatch.setattr(command, "NUMBERS", some)
    assert command.main() == 0
    assert "✓" in capsys.readouterr().out
    wrong = Number("I8", "M", "w[0]", "1", lambda: 2, EXACT, "Wrong.")
    monkeypatch.setattr(command, "NUMBERS", (*some, wrong))
    assert command.main() == 1
    printed_table = capsys.readouterr().out
    assert "✗" in printed_table and "w[0]" in printed_table


def test_why_the_accuracy_rises_at_a_tiny_rate_is_true():
    """The answer is hardly more probable than any other class."""
    probability = column("lr 1e-6", "probability_of_the_answer")
    assert ((probability > 0.1) & (probability < 0.1001)).all()


def test_which_pictures_matters_more_for_the_cost_than_which_weights():
    pictures = column("overfit 20 of CIFAR-10, lr 0.001", "last_cost").std(ddof=1)
    weights = column("overfit the same 20 of CIFAR-10", "last_cost").std(ddof=1)
    assert weights < pictures / 3


def test_what_is_left_of_a_signal_is_true():
    assert stds("tanh, 10 × 500, std 0.01")[:, -1].max() < 1e-6
    assert stds("ReLU, 6 × 4096, std 0.01")[:, -1].max() < 0.01


def test_a_guarded_run_ends_at_the_second_update_with_a_sentence():
    for sentence in column("CIFAR-10, lr 1e6", "stopped"):
        assert "by step 2: the run diverges, so try a smaller learning rate" in sentence
    assert set(column("CIFAR-10, lr 1e6", "then")) <= {"nan", "inf"}


# 200 steps multiply the rounding of a sum; elsewhere another BLAS rounds otherwise.
REDONE = [
    (babysitting, "overfit 20 of digits, lr 0.005, draw 3", 1e-6),
    (babysitting, "overfit 20 of digits, lr 0.001, draw 0", 1e-6),
    (update_ratio, "adam, lr 0.001, seed 0", 1e-6),
    (signal_sizes, "tanh, 10 × 500, std 0.01, seed 0", 1e-9),
    (signal_sizes, "ReLU, 10 × 500, He, seed 1", 1e-9),
]


@pytest.mark.parametrize("script, part, tolerance", REDONE, ids=[part for _, part, _ in REDONE])
def test_a_part_gives_again_what_is_recorded(script, part, tolerance):
    again, recorded = script.EXPERIMENT.redo(part), script.EXPERIMENT.recorded(part)
    assert again == pytest.approx(recorded, rel=tolerance)


def test_a_run_that_diverges_does_so_again():
    part = "digits, lr 1e6, seed 0"
    assert babysitting.EXPERIMENT.redo(part) == babysitting.EXPERIMENT.recorded(part)
