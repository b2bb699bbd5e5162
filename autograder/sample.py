"""A sample class: what students hand in, from perfect to unreadable.

Made from the lab's own `variants.py`, so that a new lab has a class at once. Every name starts with
`sample-`, which is how a real class is told from this one.
"""

from collections.abc import Iterator
from copy import deepcopy

import nbformat
from nbformat import NotebookNode

from autograder.course import Lab
from autograder.errors import CourseError
from autograder.files import notebook_text, write_text
from autograder.lesson import answers, grade_id, solution_cells
from autograder.submission import SAMPLE_PREFIX
from autograder.variants import Variant
from autograder.verify import Bench, load_variants

_WRONG_STUDENTS, _RIGHT_STUDENTS = 4, 3


def write_sample_class(lab: Lab) -> list[str]:
    """Write the sample submissions, only those that differ; the names of the students."""
    if not lab.source.is_file() or not lab.student.is_file():
        raise CourseError(f"'{lab.name}' is not built. Run `autograder build {lab.name}` first.")
    released = nbformat.read(lab.student, as_version=4)
    source = nbformat.read(lab.source, as_version=4)
    root = lab.course.nbgrader / "submitted"
    students = []
    for name, text in _submissions(lab, released, source):
        student = SAMPLE_PREFIX + name
        students.append(student)
        path = root / student / lab.name / f"{lab.name}.ipynb"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
    return students


def _submissions(
    lab: Lab, released: NotebookNode, source: NotebookNode
) -> Iterator[tuple[str, str]]:
    solved = answers(source)
    yield "perfect", _answered(released, solved)
    yield from _from_variants(lab, released, source)
    yield "untouched", notebook_text(released)
    yield from _accidents(released, solved)
    yield "empty-file", ""
    yield "not-json", "This is my homework. I could not get Jupyter to open.\n"


def _from_variants(lab: Lab, released: NotebookNode, source: NotebookNode) -> Iterator:
    variants, solved, bench = load_variants(lab), answers(source), Bench(source)
    for number in range(_RIGHT_STUDENTS):
        given = _right_together(bench, variants.RIGHT, number)
        yield f"right-but-different-{number + 1}", _answered(released, given)
    for number in range(_WRONG_STUDENTS):
        given = {n: _take(variants.WRONG[n], number).apply(solved[n]) for n in solved}
        yield f"plausible-wrong-{number + 1}", _answered(released, given)
    half = {n: _take(variants.WRONG[n], 0).apply(solved[n]) for n in list(solved)[::2]}
    yield "half-right", _answered(released, solved | half)


def _right_together(bench: Bench, right: dict[str, list], number: int) -> dict[str, str]:
    """Swap in right answers that fit together: one exercise may use what another returns."""
    given = dict(bench.solutions)
    for name, solution in bench.solutions.items():
        tried = given | {name: _take(right[name], number).apply(solution)}
        if bench.passes(tried):
            given = tried
    return given


def _take(variants: list[Variant], number: int) -> Variant:
    return variants[number % len(variants)]


def _accidents(released: NotebookNode, solved: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What goes wrong in one exercise must cost that exercise alone."""
    first = next(iter(solved))
    header = solved[first].split("\n")[0]
    bodies = {
        "syntax-error": "    return 1 +",
        "raises": "    raise ValueError('I do not know')",
        "infinite-loop": "    while True:\n        continue",
        "kernel-killed": "    import os\n\n    os._exit(1)",
    }
    for name, body in bodies.items():
        yield name, _answered(released, {**solved, first: f"{header}\n{body}\n"})
    deleted = nbformat.reads(_answered(released, solved), as_version=4)
    deleted.cells = [c for c in deleted.cells if grade_id(c) != f"{first}-tests"]
    yield "deleted-test-cell", notebook_text(deleted)


def _answered(released: NotebookNode, given: dict[str, str]) -> str:
    nb = deepcopy(released)
    for name, cell in solution_cells(nb).items():
        cell.source = given[name]
    return notebook_text(nb)
