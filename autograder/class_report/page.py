"""The report as one HTML file that runs no script and asks nothing of a network.

It is made as feedback pages are (`papers/page.py`): the template escapes every text, and a policy
in the page's head forbids the browser every script, form and address. Names and notes are a
student's words. The same results give the same bytes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from autograder.class_report import histogram
from autograder.class_report.hints import hint_of
from autograder.class_report.words import (
    LOSSES,
    MEANINGS,
    breakable,
    line,
    many,
    number,
    with_code,
)
from autograder.papers.clean import unicode_text
from autograder.results import SubmissionResult
from autograder.tally import tally

_MOST_MISTAKES = 5  # of an exercise that are explained
_MOST_NAMED = 50  # students in a list above the table
_ROOM_FOR_NOTES = 400_000  # characters, for all students
_SHORTEST_NOTE, _LONGEST_NOTE = 120, 1_000


def class_page(
    lab: str,
    results: Sequence[SubmissionResult],
    *,
    waiting: Sequence[str] = (),
    links: Mapping[str, str],
) -> str:
    """The page as HTML text, which can be written as UTF-8.

    results: those of one lab, one a student. waiting: students without a result.
    links: where the feedback of a student is.
    """
    counted = tally(results)
    bins = counted.bins()
    html = _template().render(
        lab=lab,
        tally=counted,
        waiting=waiting,
        links=links,
        failed=[result for result in results if not result.is_final],
        unread=sum(result.is_final and not result.exercises for result in results),
        bins=bins,
        bars=histogram.bars(bins),
        ticks=histogram.ticks(bins),
        layers=_layers(counted.marked),
        longest_note=_longest_note(len(results)),
    )
    return unicode_text(html)


def _longest_note(students: int) -> int:
    """The more students, the fewer characters of each: the page stays one that can be opened."""
    return max(_SHORTEST_NOTE, min(_LONGEST_NOTE, _ROOM_FOR_NOTES // max(students, 1)))


def _layers(results: Sequence[SubmissionResult]) -> list[tuple[tuple[str, ...], int]]:
    """The sets of layers that held, each with how many submissions it was for."""
    found = Counter(result.layers for result in results)
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


@lru_cache(maxsize=1)
def _template() -> Template:
    here = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader([here, here.parent / "papers"]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    for word in (breakable, line, many, number, with_code):
        environment.filters[word.__name__] = word
    environment.globals |= {
        "hint_of": hint_of,
        "MEANINGS": MEANINGS,
        "LOSSES": LOSSES,
        "MOST_MISTAKES": _MOST_MISTAKES,
        "MOST_NAMED": _MOST_NAMED,
        "drawing": histogram,
    }
    return environment.get_template("report.html")
