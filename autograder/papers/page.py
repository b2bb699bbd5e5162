"""The page that a student gets back: one file that runs no script and asks nothing of a network.

Three layers keep it so. Text is escaped by the template; markup goes through `inert_html`; and a
policy in the page's head forbids the browser every script, form and address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from autograder.papers.clean import as_on_a_terminal, unicode_text
from autograder.papers.hidden import without_hidden
from autograder.papers.model import Cell, Exercise, Paper
from autograder.papers.shown import Shown

_WORDS = {"error in an exercise": "ended in an error", "time-out": "took too long"}
_MISSING = re.compile(r"NameError: name '\w+' is not defined")
_LOOK_FOR = "look for an error in the cell that should, and at how the name is spelled there."


@dataclass(frozen=True)
class _Mark:
    """An exercise as the page names it."""

    name: str
    anchor: str
    points: str
    max_points: str
    verdict: str
    passed: bool
    message: str
    comment: str


@dataclass(frozen=True)
class _Part:
    """A cell as the page shows it; its outputs already inert."""

    role: str
    is_code: bool
    ran: bool
    has_hidden: bool
    source: Markup
    outputs: Markup
    mark: _Mark | None


def feedback_page(paper: Paper) -> str:
    """The page as HTML text, which can be written as UTF-8."""
    shown = Shown(paper)
    marks = {e.name: _mark(e, number, shown) for number, e in enumerate(paper.exercises, 1)}
    tested = {cell.exercise for cell in paper.cells if cell.role == "test"}
    html = _template().render(
        student=_line(paper.student),
        lab=_line(paper.lab),
        status=_line(paper.status),
        note=shown.words(paper.note),
        total=f"{paper.total:g}",
        max_total=f"{paper.max_total:g}",
        marks=list(marks.values()),
        tested=tested,
        parts=list(_parts(paper, shown, marks)),
    )
    return unicode_text(html)


@lru_cache(maxsize=1)
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    return Environment(loader=loader, autoescape=True, **options).get_template("page.html")


def _parts(paper: Paper, shown: Shown, marks: dict[str, _Mark]) -> Iterator[_Part]:
    for cell in paper.cells:
        if cell.source.strip() or cell.outputs:
            yield _part(cell, shown, marks)


def _part(cell: Cell, shown: Shown, marks: dict[str, _Mark]) -> _Part:
    return _Part(
        role=cell.role,
        is_code=cell.kind == "code",
        ran=cell.ran,
        has_hidden=cell.role == "test" and without_hidden(cell.source) != cell.source,
        source=Markup(shown.source(cell)),
        outputs=Markup(shown.outputs(cell)),
        mark=marks.get(cell.exercise or ""),
    )


def _mark(exercise: Exercise, number: int, shown: Shown) -> _Mark:
    return _Mark(
        name=_line(exercise.name),
        anchor=f"exercise-{number}",
        points=f"{exercise.points:g}",
        max_points=f"{exercise.max_points:g}",
        verdict=_verdict(exercise),
        passed=exercise.points >= exercise.max_points,
        message=shown.words(_explained(exercise.message)),
        comment=shown.words(exercise.comment),
    )


def _explained(message: str) -> str:
    """The message, and where to look if there is no answer: its cell has failed, most often."""
    if not _MISSING.fullmatch(message):
        return message
    return f"{message}. No cell that ran to its end defines it: {_LOOK_FOR}"


def _verdict(exercise: Exercise) -> str:
    """In words, so that nobody has to see a colour."""
    if exercise.points >= exercise.max_points:
        return "passed"
    if exercise.status != "graded":
        return _WORDS.get(exercise.status, str(exercise.status))
    return "partly right" if exercise.points > 0 else "not right yet"


def _line(text: str) -> str:
    return " ".join(as_on_a_terminal(text).split())
