"""What the cells of a lab are for, as nbgrader's metadata says.

A notebook may be nbformat's, or what `json.loads` makes of one: importing nbformat takes seconds.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode


def grading(cell: "NotebookNode") -> dict:
    """The cell's nbgrader metadata; empty where there is none that makes sense."""
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}


def grade_id(cell: "NotebookNode") -> str | None:
    """The cell's grade id, or None."""
    name = grading(cell).get("grade_id")
    return name if isinstance(name, str) else None


def has_role(cell: "NotebookNode", role: str) -> bool:
    """True for a named cell that is a "solution", a "grade" (of tests) or "locked"."""
    return grade_id(cell) is not None and bool(grading(cell).get(role))


def solution_cells(nb: "NotebookNode") -> dict[str, "NotebookNode"]:
    """Cells that students fill in, by exercise."""
    return {str(grade_id(c)): c for c in nb["cells"] if has_role(c, "solution")}


def graded_cells(nb: "NotebookNode") -> dict[str, "NotebookNode"]:
    """Test cells by exercise (the grade id less `-tests`)."""
    graded = [c for c in nb["cells"] if has_role(c, "grade")]
    return {str(grade_id(c)).removesuffix("-tests"): c for c in graded}
