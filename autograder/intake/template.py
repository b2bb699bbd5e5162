"""The lab as released: what every submission is compared with, made once for a class."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from autograder.errors import CourseError
from autograder.intake.decode import Piece
from autograder.intake.definitions import statements
from autograder.intake.outcome import Cell, Role
from autograder.intake.text import essence

_ANSWER_MARKER = "### BEGIN SOLUTION"


@dataclass(frozen=True)
class Template:
    """A released lab, and the ways to know its cells."""

    lab: str
    named: dict[str, Cell]  # cells with a grade id, in order
    by_id: dict[str, Cell]
    by_text: dict[str, Cell]  # without solution cells: many could begin alike
    defines: dict[str, frozenset[str]]  # what the student is to define, by solution cell
    solution_of: dict[str, str]  # by test cell that marks one

    @classmethod
    def of(cls, lab: str, released: Mapping[str, Any]) -> "Template":
        """The template of a released notebook; CourseError where it still has its answers in it.

        Cells that students delete are put back from it, so answers in it would be given away.
        """
        cells = [_cell(cell) for cell in released["cells"]]
        named = {cell.name: cell for cell in cells if cell.is_of_lab}
        solutions = [cell for cell in named.values() if cell.role is Role.SOLUTION]
        for cell in solutions:
            if _ANSWER_MARKER in cell.text:
                raise CourseError(
                    f"'{lab}': the cell '{cell.name}' has its answer in it. Expected the released "
                    "notebook, got the source. Clear its solutions first."
                )
        texts = [cell for cell in reversed(cells) if cell.role is not Role.SOLUTION]
        return cls(
            lab=lab,
            named=named,
            by_id={cell.id: cell for cell in cells},
            by_text={key: cell for cell in texts if (key := essence(cell.text))},
            defines={c.name: frozenset(n for n, _ in statements(c.text) if n) for c in solutions},
            solution_of=_solution_of(named),
        )

    def known(self, piece: Piece) -> Cell | None:
        """The lab's cell that this is, by its grade id, its cell id or its unchanged text."""
        return (
            self.named.get(piece.grade_id)
            or self.by_id.get(piece.id)
            or self.by_text.get(essence(piece.text))
        )


def _cell(cell: Mapping[str, Any]) -> Cell:
    metadata, source = deepcopy(dict(cell["metadata"])), cell["source"]
    found = metadata.get("nbgrader", {})
    return Cell(
        kind=cell["cell_type"],
        text=source if isinstance(source, str) else "".join(source),
        role=_role(found),
        id=cell["id"],
        name=found.get("grade_id", ""),
        metadata=metadata,
    )


def _role(grading: Mapping[str, Any]) -> Role:
    if not grading.get("grade_id"):
        return Role.LESSON
    if grading.get("solution"):
        return Role.SOLUTION
    return Role.TESTS if grading.get("grade") else Role.LOCKED


def _solution_of(named: dict[str, Cell]) -> dict[str, str]:
    """The solution that each test cell marks: the one of its name, else the last one before it."""
    found, last = {}, ""
    for name, cell in named.items():
        last = name if cell.role is Role.SOLUTION else last
        if cell.role is Role.TESTS:
            word = name.removesuffix("-tests")
            found[name] = word if word in named and word != name else last
    return {name: solution for name, solution in found.items() if solution}
