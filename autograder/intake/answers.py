"""Find the student's answer to each exercise: in its own cell, or wherever it was written instead.

An answer in its own cell is taken before one found by the name it defines. Of several the last
one counts, as it did for the student. A cell as it was handed out is no answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.intake.decode import Piece
from autograder.intake.definitions import definition, statements
from autograder.intake.outcome import Cell, Role
from autograder.intake.template import Template
from autograder.intake.text import same


@dataclass(frozen=True)
class Answer:
    """Where the answer to an exercise is, among the pieces, and its text."""

    place: int
    text: str
    is_part: bool = False  # of a cell in which there is more than this answer


def find_answers(
    pieces: Sequence[Piece], known: Sequence[Cell | None], template: Template
) -> dict[str, Answer]:
    """The answer to each exercise that has one."""
    found = dict(_in_their_cells(pieces, known, template))
    lost = {name: words for name, words in template.defines.items() if name not in found}
    if any(lost.values()):
        found |= _elsewhere(pieces, known, template, lost)
    return found


def is_written(piece: Piece, stub: Cell) -> bool:
    """True for a text that is neither empty nor what was handed out."""
    return bool(piece.text.strip()) and not same(piece.text, stub.text)


def has_code(text: str) -> bool:
    """True where there is more than comments.

    >>> has_code("# later"), has_code("x = 1  # now")
    (False, True)
    """
    return any(line.strip()[:1] not in ("", "#") for line in text.split("\n"))


def _in_their_cells(
    pieces: Sequence[Piece], known: Sequence[Cell | None], template: Template
) -> Iterator[tuple[str, Answer]]:
    written: dict[str, list[int]] = {}
    for place, (piece, cell) in enumerate(zip(pieces, known, strict=True)):
        if cell is not None and cell.role is Role.SOLUTION and is_written(piece, cell):
            written.setdefault(cell.name, []).append(place)
    for name, places in written.items():
        best = places[0] if len(places) == 1 else _best(pieces, places, name, template)
        yield name, Answer(best, pieces[best].text)


def _best(pieces: Sequence[Piece], places: list[int], name: str, template: Template) -> int:
    """The last of several copies; before that, one of the right kind that defines the name."""

    def rank(place: int) -> tuple[bool, bool, int]:
        piece, words = pieces[place], template.defines[name]
        defines = any(word in words for word, _ in statements(piece.text))
        return piece.kind == template.named[name].kind, defines, place

    return max(places, key=rank)


def _elsewhere(
    pieces: Sequence[Piece],
    known: Sequence[Cell | None],
    template: Template,
    lost: dict[str, frozenset[str]],
) -> dict[str, Answer]:
    """Answers by the names they define, in cells of the student's own or of other exercises.

    The first exercise that is found in a cell of the student's own takes all of it, so that what
    belongs to the answer stays with it; any other one takes its definitions alone.
    """
    found: dict[str, Answer] = {}
    wanted = frozenset().union(*lost.values())
    for place, (piece, cell) in enumerate(zip(pieces, known, strict=True)):
        if piece.kind != "code" or (cell is not None and cell.role not in _OPEN_ROLES):
            continue
        if not any(word in piece.text for word in wanted):
            continue
        parts = statements(piece.text)
        for name, words in lost.items():
            text = "\n".join(part for word, part in parts if word in words)
            if text and cell is not template.named[name] and not _is_stub(text, name, template):
                found[name] = Answer(place, text, is_part=True)
    whole = {answer.place: name for name, answer in reversed(found.items())}
    for place, name in whole.items():
        cell = known[place]
        if cell is None or cell.role is Role.LESSON:
            found[name] = Answer(place, pieces[place].text)
    return found


_OPEN_ROLES = (Role.SOLUTION, Role.LESSON)


def _is_stub(text: str, name: str, template: Template) -> bool:
    return same(text, definition(template.named[name].text, template.defines[name]))
