"""Do draws follow their distributions, and do random trials try more values than a grid?"""

import math
from functools import partial
from typing import Any

import numpy as np
import pytest

from coursekit.training.search import (
    Range,
    choice,
    grid,
    integers,
    log_uniform,
    sample,
    uniform,
)

HALF: Any = 0.5
DECKS = {"reg": log_uniform(1e-5, 1e5), "lr": log_uniform(1e-6, 1e-3)}


def column(space, n: int, seed: int = 0) -> np.ndarray:
    (name,) = space
    return np.array([params[name] for params in sample(space, n, seed=seed)])


def test_log_uniform_gives_each_decade_the_same_share():
    decades = np.floor(np.log10(column({"lr": log_uniform(1e-6, 1e-3)}, 3000)))
    values, counts = np.unique(decades, return_counts=True)
    assert values.tolist() == [-6, -5, -4]
    # A binomial share of 1/3: 26 is one standard deviation of the count.
    assert np.abs(counts - 1000).max() < 4 * 26


def test_uniform_would_put_nine_tenths_into_the_last_decade():
    drawn = column({"lr": uniform(1e-6, 1e-3)}, 1000)
    assert abs(np.mean(drawn > 1e-4) - 0.9) < 4 * math.sqrt(0.9 * 0.1 / 1000)


def test_uniform_gives_each_part_the_same_share():
    counts, _ = np.histogram(column({"p": uniform(0.2, 0.8)}, 3000), bins=3, range=(0.2, 0.8))
    assert counts.sum() == 3000
    assert np.abs(counts - 1000).max() < 4 * 26


@pytest.mark.parametrize("distribution", [integers(3, 5), choice(3, 4, 5)])
def test_integers_and_choices_are_equally_likely(distribution):
    values, counts = np.unique(column({"k": distribution}, 3000), return_counts=True)
    assert values.tolist() == [3, 4, 5]
    assert np.abs(counts - 1000).max() < 4 * 26


def test_hyper_parameters_are_drawn_independently():
    trials = sample(DECKS, 1000, seed=0)
    logs = np.log10([[params["reg"], params["lr"]] for params in trials])
    assert abs(np.corrcoef(logs.T)[0, 1]) < 4 / math.sqrt(1000)


def test_a_longer_search_begins_with_the_shorter_one():
    assert sample(DECKS, 40, seed=3)[:20] == sample(DECKS, 20, seed=3)
    assert sample(DECKS, 20, seed=3) != sample(DECKS, 20, seed=4)


def test_draws_do_not_depend_on_the_rest_of_the_space_or_its_order():
    more = {"p": uniform(0, 1), "lr": DECKS["lr"], "reg": DECKS["reg"]}
    for few, many in zip(sample(DECKS, 5, seed=0), sample(more, 5, seed=0), strict=True):
        assert few == {name: many[name] for name in DECKS}


def test_the_values_of_a_range_are_python_numbers_within_it():
    space = {
        "lr": log_uniform(np.float64(1e-6), np.float64(1e-3)),
        "p": uniform(0, 1),
        "m": integers(1, 9),
    }
    for params in sample(space, 50, seed=0):
        assert [type(value) for value in params.values()] == [float, float, int]
        assert 1e-6 <= params["lr"] <= 1e-3 and 0 <= params["p"] <= 1 and 1 <= params["m"] <= 9


@pytest.mark.parametrize(
    "distribution",
    [log_uniform(1e-6, 1e-3), uniform(-2, 3), integers(1, 7)],
)
def test_position_is_at_backwards(distribution):
    for position in (0.0, 0.31, 0.99):
        value = distribution.at(position)
        assert distribution.at(distribution.position(value)) == pytest.approx(value)
    assert (distribution.at(0.0), distribution.at(1.0)) == (distribution.low, distribution.high)


def limited(low: float, high: float, limits: Any) -> Range:
    return uniform(low, high, limits=limits)


def test_a_grid_has_all_combinations_evenly_spaced():
    space = {"lr": log_uniform(1e-4, 1e-2), "update": choice("sgd", "adam")}
    got = [(round(params["lr"], 12), params["update"]) for params in grid(space, 3)]
    assert got == [(lr, update) for lr in (1e-4, 1e-3, 1e-2) for update in ("sgd", "adam")]


def test_a_grid_has_each_whole_number_once():
    assert [params["layers"] for params in grid({"layers": integers(1, 3)}, 10)] == [1, 2, 3]


def test_nine_random_trials_try_nine_values_of_what_matters_and_a_grid_three():
    space = {"matters": uniform(0, 1), "does_not": uniform(0, 1)}
    assert len(grid(space, 3)) == 9
    assert len({params["matters"] for params in grid(space, 3)}) == 3
    for seed in range(20):
        assert len({params["matters"] for params in sample(space, 9, seed=seed)}) == 9


def test_random_trials_come_closer_to_the_best_than_a_grid_of_as_many():
    # One hyper-parameter of two matters, with its best value anywhere: how far off is the nearest?
    space = {"matters": uniform(0, 1), "does_not": uniform(0, 1)}
    on_grid = np.array([params["matters"] for params in grid(space, 3)])
    misses = []
    for seed, best in enumerate(np.random.default_rng(0).random(500)):
        at_random = np.array([params["matters"] for params in sample(space, 9, seed=seed)])
        misses.append([np.abs(tried - best).min() for tried in (at_random, on_grid)])
    random_miss, grid_miss = np.mean(misses, axis=0)
    assert grid_miss == pytest.approx(1 / 8, rel=0.1)  # evenly between 0 and 1/4
    assert random_miss < 0.5 * grid_miss


@pytest.mark.parametrize(
    ("make", "arguments", "error", "says"),
    [
        (log_uniform, (0, 1), ValueError, r"log_uniform: low is out of range.*\(0, inf\)"),
        (log_uniform, (1e-3, 1e-6), ValueError, "log_uniform: the range is empty"),
        (uniform, (1, 1), ValueError, "uniform: the range is empty.*low = 1 and high = 1"),
        (uniform, (0, math.inf), ValueError, "uniform: high is out of range"),
        (uniform, ("0", 1), TypeError, "uniform: low is not a number"),
        (integers, (1.5, 3), TypeError, "integers: low is not a whole number"),
        (integers, (3, 2), ValueError, "integers: the range is empty"),
        (choice, (), ValueError, "choice: values are missing or equal"),
        (choice, ("a", "a"), ValueError, "choice: values are missing or equal"),
        (choice, (math.nan,), TypeError, "choice: a value is not plain"),
        (choice, (max,), TypeError, "choice: a value is not plain.*look the name up"),
        (partial(sample, seed=0), (DECKS, 0), ValueError, "sample: n is too small"),
        (partial(sample, seed=-1), (DECKS, 1), ValueError, "sample: seed is too small"),
        (partial(sample, seed=HALF), (DECKS, 1), TypeError, "sample: seed is not a whole number"),
        (partial(sample, seed=0), ({}, 1), ValueError, "sample: the space is empty"),
        (partial(sample, seed=0), ([1], 1), TypeError, "sample: the space is not a dict"),
        (partial(sample, seed=0), ({"lr": (0, 1)}, 1), TypeError, "sample: not a distribution"),
        (partial(uniform, limits=(1, 2)), (0, 1), ValueError, "uniform: the range exceeds limits"),
        (partial(uniform, limits=(0, 1)), (0, 2), ValueError, "uniform: the range exceeds limits"),
        (limited, (0, 1, 3), TypeError, "uniform: limits are no pair"),
        (limited, (0, 1, (0,)), TypeError, "uniform: limits are no pair"),
        (limited, (0, 1, ("a", 2)), TypeError, "uniform: limits is not a number"),
        (grid, (DECKS, 1), ValueError, "grid: points is too small"),
        (grid, ({}, 2), ValueError, "grid: the space is empty"),
    ],
)
def test_what_makes_no_sense_is_refused(make, arguments, error, says):
    with pytest.raises(error, match=says):
        make(*arguments)
