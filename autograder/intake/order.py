"""The order of the rebuilt notebook: the student's, as far as the lab's own cells allow.

Answers and free cells stay in the student's order, since that is how they ran. A test cell comes
after the answer that it marks, a locked cell before the exercises that follow it in the lab, and
what was deleted comes back to its place.
"""

from collections.abc import Iterator

from autograder.intake.outcome import Cell, Role
from autograder.intake.template import Template


def arrange(cells: list[Cell], template: Template) -> tuple[list[Cell], list[str]]:
    """All cells in the order in which to run them, and a note for each that had to move."""
    arranged = list(cells)
    notes = [
        *_put_back(arranged, template),
        *_locked_before_exercises(arranged, template),
        *_tests_after_answers(arranged, template),
    ]
    return arranged, notes


def _put_back(cells: list[Cell], template: Template) -> Iterator[str]:
    """Insert a missing cell after the one before it in the lab; a test also after its answer."""
    place, present = 0, {cell.id for cell in cells}
    for cell in template.by_id.values():
        if cell.is_of_lab and cell.id not in present:
            answer = template.solution_of.get(cell.name)
            place = _after_answer(cells, answer) if answer else place
            cells.insert(place, cell)
            present.add(cell.id)
            yield f"the cell '{cell.name}' was deleted"
        if cell.id in present:
            place = 1 + next(n for n, other in enumerate(cells) if other.id == cell.id)


def _locked_before_exercises(cells: list[Cell], template: Template) -> Iterator[str]:
    names = list(template.named)
    for number in range(len(names) - 2, -1, -1):
        if template.named[names[number]].role is Role.LOCKED:
            place = _index(cells, names[number])
            first = min(_index(cells, name) for name in names[number + 1 :])
            if first < place:
                cells.insert(first, cells.pop(place))
                yield f"the locked cell '{names[number]}' stood below cells that need it"


def _tests_after_answers(cells: list[Cell], template: Template) -> Iterator[str]:
    for tests, solution in template.solution_of.items():
        place = _index(cells, tests)
        if place < _index(cells, solution):
            cell = cells.pop(place)
            cells.insert(_after_answer(cells, solution), cell)
            yield f"the cell '{tests}' stood above its answer"


def _after_answer(cells: list[Cell], solution: str) -> int:
    """The place behind an answer and the cells of the student's own that follow it."""
    place = 1 + _index(cells, solution)
    while place < len(cells) and cells[place].role is Role.OWN:
        place += 1
    return place


def _index(cells: list[Cell], name: str) -> int:
    return next(number for number, cell in enumerate(cells) if cell.name == name)
