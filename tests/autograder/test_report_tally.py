"""Do the statistics of a class say what its marks say, in odd classes too?"""

import pytest

from autograder.results import Status
from autograder.tally import tally
from tests.autograder.report_samples import failed, large_class, mark, result, unreadable


def counts(results, number: int = 10) -> list[int]:
    return [b.count for b in tally(results).bins(number)]


def test_an_ordinary_class():
    ada = result("ada", mark(2), mark(1, "half"))
    bo = result("bo", mark(0, misconception="halves"), mark(0, "half", status=Status.ERROR))
    cy = result("cy", mark(2), mark(2, "half"))
    counted = tally([ada, bo, cy])
    assert (counted.mean, counted.median, counted.max_points) == (7 / 3, 3, 4)
    assert (counted.full, counted.none) == (1, 1)
    half, double = counted.exercises
    assert (half.name, half.full, half.some, half.none, half.mean) == ("half", 1, 1, 1, 1)
    assert (double.name, double.full, double.some, double.none) == ("double", 2, 0, 1)
    assert (half.share, double.share) == (0.5, 2 / 3)
    assert double.mistakes == [("halves", 1)]
    assert double.other_losses == []
    assert half.other_losses == [(Status.ERROR, 1), (Status.GRADED, 1)]


def test_no_submission():
    counted = tally([])
    assert (counted.mean, counted.median, counted.max_points) == (None, None, 0)
    assert (counted.exercises, counted.statuses, counted.totals) == ((), [], [])
    assert counted.bins() == []


def test_what_was_not_run_counts_in_no_statistic_but_as_a_status():
    whole = tally([result("ada", mark(2)), failed("bo"), unreadable("cy")])
    assert (whole.mean, whole.median, whole.full, whole.none) == (2, 2, 1, 0)
    assert [r.student for r in whole.marked] == ["ada"]
    assert dict(whole.statuses) == {
        Status.GRADED: 1,
        Status.UNREADABLE: 1,
        Status.INFRASTRUCTURE_FAILURE: 1,
    }
    only_failures = tally([failed("bo"), unreadable("cy")])
    assert only_failures.mean is None
    assert only_failures.exercises == ()
    assert sum(b.count for b in only_failures.bins()) == 0


def test_a_failure_with_marks_counts_in_no_statistic():
    half_way = result("ada", mark(2), status=Status.INFRASTRUCTURE_FAILURE)
    assert tally([half_way]).marked == ()


def test_a_class_in_which_everybody_has_nothing():
    counted = tally([result("ada", mark(0)), result("bo", mark(0))])
    assert (counted.mean, counted.full, counted.none) == (0, 0, 2)
    assert counts([result("ada", mark(0)), result("bo", mark(0))]) == [2] + 9 * [0]


def test_an_exercise_without_points_has_neither_winners_nor_losers():
    free = mark(0, "free", max_points=0.0, misconception="halves")
    counted = tally([result("ada", free, mark(1)), result("bo", free, mark(0))])
    hard, easy = counted.exercises
    assert (hard.name, easy.name) == ("double", "free")
    assert (easy.full, easy.some, easy.none, easy.mean, easy.share) == (0, 0, 0, 0, 1)
    assert easy.other_losses == []
    assert easy.mistakes == [("halves", 2)]


def test_a_lab_without_points_has_no_histogram():
    counted = tally([result("ada", mark(0, max_points=0.0), max_points=0.0)])
    assert counted.bins() == []
    assert (counted.mean, counted.full, counted.none) == (0, 0, 0)


def test_an_exercise_that_some_results_lack_is_counted_where_it_is():
    counted = tally([result("ada", mark(2), mark(0, "new")), result("bo", mark(2))])
    new, double = counted.exercises
    assert (len(new.marks), new.none, new.mean) == (1, 1, 0)
    assert (len(double.marks), double.full) == (2, 2)
    assert counted.max_points == 4


def test_parts_of_the_points_are_counted_one_by_one():
    points = [0, 0.5, 1, 0.5, 2, 0.1 + 0.2, 0.3]
    (exercise,) = tally([result(str(n), mark(p)) for n, p in enumerate(points)]).exercises
    assert exercise.parts == [(0.3, 2), (0.5, 2), (1, 1)]
    assert (exercise.full, exercise.some, exercise.none) == (1, 5, 1)


@pytest.mark.parametrize(
    ("points", "place"),
    [(0, 0), (0.19, 0), (0.2, 1), (sum(6 * [0.1]), 3), (sum(8 * [0.2]), 8), (1.99, 9), (2, 9)],
)
def test_a_total_on_an_edge_counts_to_the_right_and_the_most_to_the_last_bin(points, place):
    assert counts([result("ada", mark(points))]) == [int(n == place) for n in range(10)]


def test_the_bins_cover_the_points_and_hold_everybody():
    bins = tally(large_class(100)).bins()
    assert bins[0].low == 0
    assert bins[-1].high == 16
    assert [b.high for b in bins[:-1]] == [b.low for b in bins[1:]]
    assert sum(b.count for b in bins) == 100


def test_more_points_than_the_most_are_in_the_last_bin():
    """The lab was worth more when this one was marked."""
    assert counts([result("ada", mark(3), max_points=2.0)])[-1] == 1


def test_equally_hard_exercises_keep_the_order_of_the_lab():
    marks = [mark(1, name) for name in ("c", "a", "b")]
    assert [e.name for e in tally([result("ada", *marks)]).exercises] == ["c", "a", "b"]


def test_mistakes_come_by_their_number_then_by_name():
    names = ["b", "a", "c", "c", None]
    (exercise,) = tally(
        [result(str(n), mark(0, misconception=name)) for n, name in enumerate(names)]
    ).exercises
    assert exercise.mistakes == [("c", 2), ("a", 1), ("b", 1)]
    assert exercise.other_losses == [(Status.GRADED, 1)]
