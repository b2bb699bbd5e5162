"""Numbers and the words of others, as the report shows them."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from autograder.papers.clean import as_on_a_terminal
from autograder.results import Status

_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
MEANINGS = {
    Status.GRADED: "every exercise was tried",
    Status.PARTLY_GRADED: "some exercises were not tried",
    Status.NOT_ATTEMPTED: "as it was handed out",
    Status.REPAIRED: "something was put right first; see the note",
    Status.ERROR: "an exercise ended in an error",
    Status.TIME_OUT: "an exercise took too long",
    Status.CRASHED: "an exercise ended the notebook's process",
    Status.UNREADABLE: "there is no notebook that can be read",
    Status.REFUSED: "it was not opened: a link, too large, another lab",
    Status.INFRASTRUCTURE_FAILURE: "the machine failed, not the student: grade again",
}
# What an exercise came to where it lost points by no known misconception.
LOSSES = {Status.GRADED: "another mistake", Status.ERROR: "an error"}


def number(value: float | None) -> str:
    """With at most two decimals.

    >>> number(2.0), number(1234567), number(2 / 3), number(None)
    ('2', '1234567', '0.67', '–')
    """
    return "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def many(count: int, one: str) -> str:
    """A count with its noun.

    >>> many(1, "submission"), many(3000, "submission")
    ('1 submission', '3,000 submissions')
    """
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def line(text: str, longest: int = 200) -> str:
    """Anybody's text as one line without what controls a terminal, cut where it is too long.

    >>> line("a\\n b"), line("12345", longest=3), line("1" + 20 * " " + "2", longest=3)
    ('a b', '12…', '1…')
    """
    shown = _DIRECTIONS.sub("", as_on_a_terminal(text[: 4 * longest]))
    plain = " ".join(shown.split())
    is_cut = len(plain) > longest or len(text) > 4 * longest
    return f"{plain[: longest - 1]}…" if is_cut else plain


def names(students: Sequence[str], most: int = 10) -> str:
    """So many students in a sentence, and how many more there are.

    >>> names(["ada", "bo"]), names(["ada", "bo"], most=1)
    ('ada, bo', 'ada and 1 more')
    """
    said, more = ", ".join(map(line, students[:most])), len(students) - most
    return f"{said} and {more} more" if more > 0 else said


def with_code(text: str) -> Markup:
    """Text as HTML, with what stands between backquotes as code.

    >>> with_code("a < `b`")
    Markup('a &lt; <code>b</code>')
    """
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def breakable(name: str) -> Markup:
    """A name as HTML that may go on in the next line after each underscore.

    >>> breakable("a_b")
    Markup('a_<wbr>b')
    """
    return escape(name).replace("_", Markup("_<wbr>"))
