"""Does the fine search look where the coarse one was best, and beyond the edge if need be?"""

import math
from typing import Any

import numpy as np
import pytest

from coursekit.training.search import (
    Results,
    Trial,
    at_edge,
    choice,
    coarse_to_fine,
    integers,
    log_uniform,
    refine,
    uniform,
)

LR = log_uniform(1e-6, 1e-3)
HOW: dict[str, Any] = {"executor": "threads", "workers": 2, "progress": False}


def results(distribution, *values) -> Results:
    """A search whose first value is the best, the second the second best, and so on."""
    return Results(
        {"p": distribution}, [Trial(i, {"p": value}, -i) for i, value in enumerate(values)]
    )


def refined(distribution, *values, keep=5) -> tuple[Any, str]:
    space, reasons = refine(results(distribution, *values), keep=keep)
    return space["p"], reasons[0]


@pytest.mark.parametrize(
    ("exponent", "edge"),
    [(-6, "lower"), (-5.71, "lower"), (-5.69, None), (-3.31, None), (-3.29, "upper")],
)
def test_the_edge_is_a_tenth_of_the_logarithmic_range(exponent, edge):
    assert at_edge(10**exponent, LR) == edge


@pytest.mark.parametrize(
    ("value", "edge"), [(0, "lower"), (0.99, "lower"), (1.01, None), (8.99, None), (9.01, "upper")]
)
def test_the_edge_is_a_tenth_of_a_linear_range(value, edge):
    assert at_edge(value, uniform(0, 10, limits=(-1, 99))) == edge


def test_the_ends_of_a_few_whole_numbers_are_edges():
    layers = integers(1, 3, limits=(0, 9))
    assert [at_edge(value, layers) for value in (1, 2, 3)] == ["lower", None, "upper"]


@pytest.mark.parametrize(
    ("value", "distribution", "error", "says"),
    [
        (5, LR, ValueError, "value is out of range"),
        (-1, LR, ValueError, "value is out of range"),
        (math.nan, LR, ValueError, "value is out of range"),
        ("1e-4", LR, TypeError, "value is not a number"),
        ("sgd", choice("sgd"), TypeError, r"this has no ends.*choice\('sgd'\)"),
    ],
)
def test_what_lies_outside_a_range_is_at_no_edge(value, distribution, error, says):
    with pytest.raises(error, match=f"at_edge: {says}"):
        at_edge(value, distribution)


def test_a_limit_is_no_edge():
    p = uniform(0, 0.9, limits=(0, 0.95))
    assert (at_edge(0.01, p), at_edge(0.89, p)) == (None, "upper")
    assert at_edge(0.94, uniform(0, 0.95, limits=(0, 0.95))) is None


def test_a_range_shrinks_to_the_best_trials():
    # Decades 1 and 2 of 3, and 5% of 3 decades more on either side; the fourth is not kept.
    new, reason = refined(LR, 1e-4, 1e-5, 3e-5, 9e-4, keep=3)
    np.testing.assert_allclose(np.log10([new.low, new.high]), [-5.15, -3.85])
    assert reason == f"p: the best trials lie within {new}"


def test_a_range_never_grows_without_an_edge():
    new, _ = refined(LR, 1e-4, 1.1e-6, 9.9e-4)
    assert new == LR


def test_at_the_lower_edge_the_range_moves_down():
    new, reason = refined(LR, 1.5e-6, 1e-5)
    np.testing.assert_allclose(np.log10([new.low, new.high]), [-7.5, -4.85])
    assert reason == f"p: the best value 1.5e-06 lies at the lower edge of {LR}, so on to {new}"


def test_at_the_upper_edge_the_range_moves_up():
    new, reason = refined(uniform(0, 10), 9.5, 6)
    np.testing.assert_allclose([new.low, new.high], [5.5, 15])
    assert "upper edge" in reason


def test_an_edge_matters_only_for_the_best_trial():
    new, _ = refined(LR, 1e-4, 1e-6)
    assert new.low == pytest.approx(1e-6)


def test_a_range_keeps_to_its_limits():
    new, _ = refined(uniform(0.1, 0.9, limits=(0, 0.95)), 0.85, 0.8)
    assert new.high == 0.95
    assert new.limits == (0, 0.95)
    new, _ = refined(uniform(0.1, 0.9, limits=(0, 0.95)), 0.15, 0.2)
    assert new.low == 0


@pytest.mark.parametrize(
    ("old", "best", "low"),
    [
        (integers(16, 256), 20, 1),  # units
        (integers(1, 4), 1, 1),
        (integers(0, 9), 0, 0),
        (integers(-5, 5), -5, -11),
        (uniform(0.1, 0.8), 0.12, 0.0),  # the p of dropout
        (uniform(-1.0, 1.0), -0.95, -2.0),
    ],
)
def test_what_is_never_negative_does_not_become_so(old, best, low):
    assert refined(old, best)[0].low == low


def test_whole_numbers_keep_to_limits_that_are_floats():
    new, _ = refined(integers(4, 10, limits=(1.0, 12.0)), 10)
    assert (new.high, type(new.high)) == (12, int)


def test_whole_numbers_stay_whole():
    assert refined(integers(1, 9), 4, 6)[0] == integers(4, 6)
    assert refined(integers(1, 3, limits=(1, 99)), 3, 2)[0] == integers(2, 5, limits=(1, 99))


def test_a_choice_keeps_the_values_of_the_best():
    new, reason = refined(choice("sgd", "adam", "rmsprop"), "adam", "sgd", "rmsprop", keep=2)
    assert new == choice("sgd", "adam")
    assert reason == "p: the best trials have 'sgd' or 'adam'"


def test_one_trial_gives_a_tenth_of_the_range():
    new, _ = refined(LR, 1e-4)
    np.testing.assert_allclose(np.log10([new.low, new.high]), [-4.15, -3.85])


def test_refine_refuses_a_search_without_a_success():
    nothing = Results({"p": LR}, [Trial(0, {"p": 1e-4}, -math.inf, failed="NaN")])
    with pytest.raises(ValueError, match=r"all trials failed.*because: NaN"):
        refine(nothing)
    with pytest.raises(ValueError, match="keep is too small"):
        refine(results(LR, 1e-4), keep=0)
    wrong: Any = refine(results(LR, 1e-4))
    with pytest.raises(TypeError, match=r"refine: no results of a search.*got Refined"):
        refine(wrong)


def objective(lr):
    """Best at 1e-2."""
    return -abs(math.log10(lr) + 2)


@pytest.mark.parametrize("seed", range(5))
def test_the_fine_search_finds_what_lies_beyond_the_coarse_range(seed):
    both = coarse_to_fine(objective, {"lr": LR}, coarse=40, seed=seed, **HOW)
    assert "upper edge" in both.reasons[0]
    assert both.coarse.best.params["lr"] < 1e-3 < both.fine.best.params["lr"]
    assert both.fine.best.score > -0.3
    assert len(both.reasons) == 1


def test_a_best_value_at_the_edge_again_is_reported():
    both = coarse_to_fine(lambda lr: lr, {"lr": LR}, **HOW)
    assert "upper edge" in both.reasons[0]
    assert both.reasons[1].startswith("lr: the best value, 0.0")
    assert both.reasons[1].endswith(f"at the upper edge of {both.space['lr']}: search again")


def test_fine_trials_are_other_draws_than_the_coarse_ones():
    both = coarse_to_fine(objective, {"lr": LR}, **HOW)
    lrs = [[trial.params["lr"] for trial in found.trials] for found in (both.coarse, both.fine)]
    fine: Any = both.space["lr"]
    same_places = [fine.at(LR.position(lr)) for lr in lrs[0]]
    assert np.abs(np.log10(same_places) - np.log10(lrs[1])).min() > 1e-3


@pytest.mark.parametrize("seed", range(5))
def test_fine_trials_are_better_on_average(seed):
    space = {"lr": log_uniform(1e-6, 1)}
    both = coarse_to_fine(objective, space, coarse=15, fine=10, seed=seed, **HOW)
    assert (len(both.coarse.trials), len(both.fine.trials)) == (15, 10)
    coarse, fine = (np.mean([t.score for t in r.trials]) for r in (both.coarse, both.fine))
    assert fine > coarse + 0.5


def test_the_fine_search_may_have_an_objective_of_its_own_and_is_resumed_too(tmp_path):
    calls = []

    def longer(lr):
        calls.append(lr)
        return 10 + objective(lr)

    def search():
        return coarse_to_fine(
            objective, {"lr": LR}, fine_objective=longer, path=tmp_path / "s.jsonl", **HOW
        )

    first, again = search(), search()
    assert len(calls) == 20
    assert again.fine.trials == first.fine.trials and again.fine.reused == 20
    assert again.coarse.reused == 20
    assert first.fine.best.score > 9 > first.coarse.best.score
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s-coarse.jsonl", "s-fine.jsonl"]
