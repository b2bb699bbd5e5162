"""Rebuild a notebook: the student's text, everything else as released.

From the submission comes the text of solution cells and of free cells, and nothing else: no
metadata, no output, and never a word of a locked cell. Each repair gives a note.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from autograder.intake.answers import Answer, find_answers, has_code, is_written
from autograder.intake.decode import Draft, Piece
from autograder.intake.definitions import statements
from autograder.intake.order import arrange
from autograder.intake.outcome import Cell, Role
from autograder.intake.template import Template
from autograder.intake.text import same

_NOT_COMPARED = ("checksum",)  # of the text, which is compared itself


@dataclass(frozen=True)
class Rebuilt:
    """A draft as it can be graded, and how much of the lab was found in it."""

    draft: Draft
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    answered: int  # exercises that have an answer
    found: int  # exercises of which any cell was found
    foreign: int  # grade ids of another lab

    @property
    def is_of_lab(self) -> bool:
        """True where the lab, and not another one, is recognised; or where nothing is in it."""
        empty = not any(piece.text.strip() for piece in self.draft.pieces)
        return self.found > self.foreign or (empty and not self.draft.is_script)


def rebuild(draft: Draft, template: Template) -> Rebuilt:
    """The cells to grade, for whatever was handed in."""
    known = [template.known(piece) for piece in draft.pieces]
    answers = find_answers(draft.pieces, known, template)
    rebuilding = _Rebuilding(template, answers)
    for place, (piece, cell) in enumerate(zip(draft.pieces, known, strict=True)):
        rebuilding.add(place, piece, cell)
    cells, moved = arrange(rebuilding.cells, template)
    exercises = {template.solution_of.get(cell.name, cell.name) for cell in known if cell}
    unknown = {p.grade_id for p, cell in zip(draft.pieces, known, strict=True) if cell is None}
    return Rebuilt(
        draft=draft,
        cells=tuple(_with_ids(cells, template)),
        notes=(*draft.notes, *rebuilding.notes, *moved),
        answered=len(answers),
        found=len(template.defines.keys() & (exercises | answers.keys())),
        foreign=len(unknown - {""}),
    )


class _Rebuilding:
    """The cells so far, in the student's order."""

    def __init__(self, template: Template, answers: dict[str, Answer]):
        self.template, self.answers = template, answers
        self.cells: list[Cell] = []
        self.notes: list[str] = []
        self._seen: set[str] = set()

    def add(self, place: int, piece: Piece, cell: Cell | None) -> None:
        """Add what a piece stands for: a cell, several, or none."""
        here = [(n, a) for n, a in self.answers.items() if a.place == place]
        whole = [self.template.named[name] for name, answer in here if not answer.is_part]
        if whole:
            self._add_answer(piece, cell, whole[0])
        elif cell is None or cell.role is Role.LESSON:
            self._add_free(piece, cell)
        elif cell.role is Role.SOLUTION:
            self._add_other_copy(piece, cell)
        else:
            self._add_locked(piece, cell)
        for name, answer in here:
            if answer.is_part:
                self._add_answer(replace(piece, text=answer.text), None, self.template.named[name])

    def _add_answer(self, piece: Piece, cell: Cell | None, solution: Cell) -> None:
        answered = piece.kind != "code" or has_code(piece.text)
        self.cells.append(replace(solution, text=piece.text, answered=answered))
        if cell is solution:
            self._note_once(piece, solution)
        else:
            self.notes.append(f"the answer to '{solution.name}' was taken from another cell")

    def _add_free(self, piece: Piece, cell: Cell | None) -> None:
        if cell is None:
            self.cells.append(Cell(piece.kind, piece.text, Role.OWN, id=""))
        else:
            self.cells.append(replace(cell, kind=piece.kind, text=piece.text))

    def _add_other_copy(self, piece: Piece, cell: Cell) -> None:
        """A solution cell that is not the answer: an earlier try runs, a stub would undo one."""
        if is_written(piece, cell):
            self.cells.append(Cell(piece.kind, piece.text, Role.OWN, id=""))
            self.notes.append(f"the cell '{cell.name}' was there more than once")
        elif cell.name in self.answers or cell.name in self._seen:
            self.notes.append(f"an empty copy of the cell '{cell.name}' was left out")
        else:
            self.cells.append(cell if piece.text.strip() else replace(cell, text=piece.text))
            self._note_once(piece, cell)

    def _add_locked(self, piece: Piece, cell: Cell) -> None:
        if cell.name in self._seen:
            self.notes.append(f"the cell '{cell.name}' was there more than once")
            return
        self.cells.append(cell)
        if not same(piece.text, cell.text):
            self.notes.append(f"the locked cell '{cell.name}' was changed")
            self.notes += self._answers_within(piece, cell)
        self._note_once(piece, cell)

    def _answers_within(self, piece: Piece, cell: Cell) -> list[str]:
        """A note for each answer that was written into a locked cell and nowhere else."""
        words = {word for word, _ in statements(piece.text)}
        open_ones = [n for n, w in self.template.defines.items() if w & words]
        return [
            f"an answer to '{name}' stands in the locked cell '{cell.name}': grade it by hand"
            for name in open_ones
            if name not in self.answers
        ]

    def _note_once(self, piece: Piece, cell: Cell) -> None:
        self._seen.add(cell.name)
        expected = {k: v for k, v in cell.metadata["nbgrader"].items() if k not in _NOT_COMPARED}
        lost = any(piece.grading.get(key) != value for key, value in expected.items())
        if lost or piece.kind != cell.kind:
            self.notes.append(f"the cell '{cell.name}' had lost or changed its metadata")


def _with_ids(cells: list[Cell], template: Template) -> Iterator[Cell]:
    """Yield the cells with ids of which none is there twice; the student's own get new ones."""
    used: set[str] = set()
    number = 0
    for cell in cells:
        if not cell.id or cell.id in used:
            number += 1
            while f"own-{number}" in template.by_id:
                number += 1
            cell = replace(cell, id=f"own-{number}")
        used.add(cell.id)
        yield cell
