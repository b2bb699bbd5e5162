"""Do the benchmarks time every op, and does each do the same work on both sides?"""

import pytest
from click.testing import CliRunner

from benchmarks import gradient_checks, layers
from benchmarks._pairs import Pair, gemm_peak, measure, threads
from tests.cases import CASES

ELSEWHERE = {"conv2d", "conv2d_naive", "max_pool_naive"}  # convolution.py; loops are just slow


def test_every_layer_is_timed():
    ops = {case.op for case in CASES if case.kind == "pair"}
    timed = {name.split(" ")[0] for name in layers.LAYERS}
    assert ops - timed - ELSEWHERE == set()


def test_every_goal_is_for_something_that_is_timed():
    assert set(layers.GOALS) <= set(layers.pairs())


@pytest.mark.parametrize("name", layers.pairs())
def test_both_sides_of_a_pair_run(name):
    pair = layers.pairs()[name]()
    pair.ours()
    pair.theirs()


def test_the_table_of_one_op_has_its_ratio_and_its_share_of_the_peak():
    result = CliRunner().invoke(layers.main, ["--seconds", "0", "affine"])
    assert result.exit_code == 0, result.output
    assert "affine" in result.output
    assert "%" in result.output


def test_an_unknown_op_is_refused():
    result = CliRunner().invoke(layers.main, ["softmax"])
    assert result.exit_code == 2
    assert "no pair 'softmax'" in result.output


def test_a_timing_is_positive_and_its_ratio_is_ours_over_theirs():
    with threads(1):
        timing = measure(Pair("", lambda: sum(range(20_000)), lambda: sum(range(20))), seconds=0)
    assert timing.ours > timing.theirs > 0
    assert timing.ratio == timing.ours / timing.theirs
    assert gemm_peak(float, size=64) > 0


def test_gradient_errors_of_an_op_are_small_numbers():
    (case,) = [case for case in CASES if repr(case) == "affine"]
    assert max(gradient_checks.errors(case)) < 1e-7
