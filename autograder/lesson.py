"""Read a lesson: the percent-format source becomes nbgrader's source notebook.

Short cell markers stand for nbgrader's metadata:

    # %% solution="word"              a cell that the student fills in
    # %% tests="word" points=2        its locked test cell, grade id `word-tests`
    # %% locked="word"                a cell that the student must not change
"""

import ast
import hashlib
import re
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from autograder.cells import grade_id, graded_cells, has_role, solution_cells
from autograder.errors import CourseError
from autograder.examiner.plain import plain

MARKER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS)")
_JUPYTEXT_KEYS = ("lines_to_next_cell", "lines_to_end_of_cell_marker")
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_MARKERS = ("solution", "tests", "locked")


def read_lesson(path: Path) -> NotebookNode:
    """The source notebook of a lesson; CourseError where the lesson breaks a rule."""
    if not path.is_file():
        raise CourseError(f"No lesson at {path}. Expected a file in jupytext's percent format.")
    try:
        nb = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} is not UTF-8 text: {error}. Save it as UTF-8.") from error
    nb.metadata = NotebookNode(kernelspec=_KERNEL, language_info={"name": "python"})
    seen: dict[str, int] = {}
    for cell in nb.cells:
        _expand_markers(cell, path)
        cell.id = _stable_id(cell, seen)
    problems = list(find_problems(nb))
    if problems:
        raise CourseError(f"{path}:\n" + "\n".join(f"  - {problem}" for problem in problems))
    return nb


def answers(nb: NotebookNode) -> dict[str, str]:
    """The source of each solution cell as a student would hand it in: without the markers."""
    return {
        name: "\n".join(line for line in cell.source.split("\n") if not MARKER.search(line))
        for name, cell in solution_cells(nb).items()
    }


def is_skipped(cell: NotebookNode) -> bool:
    """True for cells that graders do not run: explorers, and other slow things to look at."""
    return "skip-execution" in cell.metadata.get("tags", [])


def find_problems(nb: NotebookNode):
    """Yield a sentence for every rule that the lesson breaks."""
    ids = [name for c in nb.cells if (name := grade_id(c))]
    for repeated in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"The grade id '{repeated}' is used {ids.count(repeated)} times; ids must be unique."
    solutions, tests = solution_cells(nb), graded_cells(nb)
    for name in sorted(solutions.keys() ^ tests.keys()):
        yield f"Exercise '{name}' has only one of the two: a solution cell, a tests cell."
    for name, cell in solutions.items():
        yield from _marker_problems(name, cell.source, "SOLUTION")
        yield from _syntax_problems(f"The solution of '{name}'", cell)
    for name, cell in tests.items():
        yield from _marker_problems(name, cell.source, "HIDDEN TESTS")
        yield from _syntax_problems(f"The test cell of '{name}'", cell)
        yield from _last_line_problems(name, cell)
        points = cell.metadata.nbgrader.points
        if not isinstance(points, int | float) or not 0 < points < float("inf"):
            yield f"The tests of '{name}' need points above 0, as in `tests=\"{name}\" points=2`."
    if not solutions:
        yield 'The lesson has no exercise: a cell marked `# %% solution="word"`, and its tests.'
    for cell in nb.cells:
        yield from _stray_markers(cell)
        yield from _metadata_problems(cell)


def _expand_markers(cell: NotebookNode, path: Path) -> None:
    for key in _JUPYTEXT_KEYS:
        cell.metadata.pop(key, None)
    found = [m for m in _MARKERS if m in cell.metadata]
    if not found:
        return
    if len(found) > 1:
        raise CourseError(f"{path}: a cell is marked {' and '.join(found)}. Expected one of them.")
    role, word = found[0], str(cell.metadata.pop(found[0]))
    cell.metadata.nbgrader = NotebookNode(
        grade=role == "tests",
        grade_id=f"{word}-tests" if role == "tests" else word,
        locked=role != "solution",
        schema_version=3,
        solution=role == "solution",
        task=False,
    )
    if role == "tests":
        cell.metadata.nbgrader.points = cell.metadata.pop("points", 0)


def _stable_id(cell: NotebookNode, seen: dict[str, int]) -> str:
    """The grade id, else a hash of the text: a new cell changes no other cell's id."""
    text = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
    stable = grade_id(cell) or text
    seen[stable] = seen.get(stable, 0) + 1
    return stable if seen[stable] == 1 else f"{stable}-{seen[stable]}"


def _marker_problems(name: str, source: str, kind: str):
    """A region is needed; its markers must alternate, BEGIN first, and be of this kind."""
    found = [match.groups() for match in MARKER.finditer(source)]
    pairs = [("BEGIN", kind), ("END", kind)] * (len(found) // 2)
    if not found:
        yield f"'{name}' has no `### BEGIN {kind}` … `### END {kind}` region."
    elif found != pairs:
        yield f"'{name}': `### BEGIN {kind}` and `### END {kind}` do not pair up."


def _stray_markers(cell: NotebookNode):
    """A region belongs into one kind of cell alone."""
    is_test = has_role(cell, "grade")
    own = "SOLUTION" if has_role(cell, "solution") else "HIDDEN TESTS" if is_test else None
    for _, kind in {match.groups() for match in MARKER.finditer(cell.source)}:
        if kind != own:
            first = cell.source.split("\n")[0]
            yield f"A {kind} region stands in another kind of cell; it starts with {first!r}."


def _metadata_problems(cell: NotebookNode):
    name = grade_id(cell)
    if name is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
        yield f"The name '{name}' is not made of 1 to 60 letters, digits, - and _."
    for key in sorted(set(cell.metadata) - {"nbgrader", "tags"}):
        yield f"A cell has the marker '{key}'. Expected: {', '.join(_MARKERS)}, points, tags."


def _syntax_problems(name: str, cell: NotebookNode):
    try:
        plain(cell.source, name)
    except CourseError as error:
        yield str(error)


def _last_line_problems(name: str, cell: NotebookNode):
    """nbgrader reads a value shown by a test cell as partial credit, and `False` as full marks."""
    try:
        body = plain(cell.source, name)[0].body
    except CourseError:  # it was said before
        return
    last = body[-1] if body else None
    if isinstance(last, ast.Expr) and not _is_check_call(last.value):
        yield (
            f"The tests of '{name}' end in the bare expression `{ast.unparse(last)}`, which "
            "nbgrader takes for a grade. End them with an assert or a call of coursekit.check."
        )


def _is_check_call(node: ast.expr) -> bool:
    """True for check.word(…) and check.word.hidden(…), which return None."""
    if not isinstance(node, ast.Call):
        return False
    target = node.func
    while isinstance(target, ast.Attribute):
        target = target.value
    return isinstance(target, ast.Name) and target.id == "check"
