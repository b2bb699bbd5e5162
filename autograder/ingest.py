"""Rebuild what was handed in, so that the grader can run it: the student's text, our metadata.

Notebooks lose metadata, gain copies of cells, and have locked cells edited or deleted. What the
student wrote is kept, in its place; everything that belongs to the lab is put back as released.
Each repair gives a note for the instructor.
"""

import re
from copy import deepcopy

from nbformat import NotebookNode

from autograder.lesson import grade_id, grading


def rebuild(submitted: NotebookNode, released: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The notebook to grade, and a note for each thing that was put right.

    A cell is known by its grade id or its cell id; where no cell has an exercise's id, by the
    function that it defines.
    A second copy of a solution cell stays as a free cell, so the last definition wins as it did
    for the student; a second copy of a locked cell goes.
    """
    originals = {name: cell for cell in released.cells if (name := grade_id(cell))}
    rebuilt, notes, seen = deepcopy(released), [], set()
    rebuilt.cells = []
    lost = originals.keys() - {_known_by_id(cell, originals) for cell in submitted.cells}
    for cell in submitted.cells:
        name = _known_by_id(cell, originals) or _known_by_function(cell, lost)
        if name is None or name in seen:
            if name is None or not originals[name].metadata.nbgrader.locked:
                rebuilt.cells.append(_free(cell, len(rebuilt.cells)))
            notes += [f"the cell '{name}' was there more than once"] if name else []
            continue
        seen.add(name)
        rebuilt.cells.append(_as_released(cell, originals[name]))
        notes += _changes(cell, originals[name])
    notes += _put_back(rebuilt, originals, seen)
    return rebuilt, notes


def _known_by_id(cell: NotebookNode, originals: dict[str, NotebookNode]) -> str | None:
    return next((name for name in (grade_id(cell), cell.get("id")) if name in originals), None)


def _known_by_function(cell: NotebookNode, lost: set[str]) -> str | None:
    defined = re.findall(r"(?m)^def (\w+)\(", cell.source) if cell.cell_type == "code" else []
    return next((name for name in defined if name in lost), None)


def _free(cell: NotebookNode, place: int) -> NotebookNode:
    """A cell of the student's own: run, but not marked; with an id, which Colab drops."""
    free = deepcopy(cell)
    free.id = f"free-{place}"
    free.metadata.pop("nbgrader", None)
    return free


def _as_released(cell: NotebookNode, original: NotebookNode) -> NotebookNode:
    """The released cell, with the student's text where it is the student's to write."""
    restored = deepcopy(original)
    if not original.metadata.nbgrader.locked:
        restored.source = cell.source
    return restored


def _changes(cell: NotebookNode, original: NotebookNode) -> list[str]:
    name = original.metadata.nbgrader.grade_id
    expected, found = original.metadata.nbgrader, grading(cell)
    notes = []
    if expected.locked and cell.source != original.source:
        notes.append(f"the locked cell '{name}' was changed")
    if cell.cell_type != original.cell_type or any(found.get(k) != expected[k] for k in expected):
        notes.append(f"the cell '{name}' had lost or changed its metadata")
    return notes


def _put_back(
    rebuilt: NotebookNode, originals: dict[str, NotebookNode], seen: set[str]
) -> list[str]:
    """Insert missing cells after the one that comes before them in the release."""
    notes, place = [], 0
    for name, original in originals.items():
        if name not in seen:
            rebuilt.cells.insert(place, deepcopy(original))
            notes.append(f"the cell '{name}' was deleted")
        place = 1 + next(i for i, c in enumerate(rebuilt.cells) if grade_id(c) == name)
    return notes
