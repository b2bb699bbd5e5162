"""Are hidden tests kept, however they are quoted?"""

from autograder.leaks import hidden_tests as found_by_leaks
from autograder.lesson import graded_cells, read_lesson
from autograder.papers.hidden import hidden_lines, quotes_hidden, without_hidden
from tests.autograder.conftest import REAL
from tests.autograder.papers.samples import HIDDEN_LINE, TEST

SECRETS = hidden_lines((TEST,))


def test_a_region_goes_with_its_markers():
    assert without_hidden(TEST) == "assert double(2) == 4"
    assert without_hidden(TEST + "\nafter = 1") == "assert double(2) == 4\nafter = 1"


def test_a_region_without_an_end_hides_all_that_follows():
    assert without_hidden("a\n### BEGIN HIDDEN TESTS\nb\nc") == "a"


def test_a_quotation_is_found_through_spaces_quotes_and_backslashes():
    assert quotes_hidden([HIDDEN_LINE], SECRETS)
    assert quotes_hidden([repr("  " + HIDDEN_LINE.replace(" ", "  "))], SECRETS)
    assert quotes_hidden(["x ### BEGIN HIDDEN TESTS"], frozenset())
    assert not quotes_hidden(["assert double(2) == 4", ""], SECRETS)


def test_the_lines_are_those_that_a_release_is_searched_for():
    nb = read_lesson(REAL / "lesson.py")
    sources = tuple(c.source for c in graded_cells(nb).values())
    assert len(hidden_lines(sources)) == len(sources)
    assert hidden_lines(sources) == found_by_leaks(nb)
