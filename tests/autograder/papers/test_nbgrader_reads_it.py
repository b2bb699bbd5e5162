"""Does stock nbgrader make its feedback from our notebook, with the same marks?"""

import re
import warnings

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade

from autograder.course import Lab
from autograder.files import write_text
from autograder.lesson import graded_cells
from autograder.papers.model import Cell, Exercise, Paper, Role
from autograder.papers.notebook import notebook_text
from tests.autograder.papers.samples import hostile_paper
from tests.autograder.stock import nbgrader

HINT = "CheckFailed: l2_penalty: Put ½ in front of the loss."


def role_of(cell: nbformat.NotebookNode) -> Role:
    graded = cell.metadata.get("nbgrader")
    if not graded:
        return "text" if cell.cell_type == "markdown" else "free"
    return "test" if graded.grade else "solution" if graded.solution else "locked"


def paper_of(lab: Lab, *, points: float) -> Paper:
    """The lab's source as if it had been run, and a hostile student's cells after it."""
    source = nbformat.read(lab.source, as_version=4)
    cells = [
        Cell(
            c.cell_type, c.source, role_of(c), c.id, c.metadata if "nbgrader" in c.metadata else {}
        )
        for c in source.cells
    ]
    hostile = [cell for cell in hostile_paper().cells if cell.role == "free"]
    exercise = Exercise("l2_penalty", points, 2, "graded", HINT)
    return Paper("ada", lab.name, "graded", "", points, [*cells, *hostile], [exercise])


def record(lab: Lab, points: float) -> None:
    """Put the marks into the gradebook, through nbgrader."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy's, of how nbgrader uses it
        with Gradebook(lab.course.gradebook_url) as gradebook:
            gradebook.update_or_create_student("ada")
            gradebook.update_or_create_submission(lab.name, "ada")
            grade = gradebook.find_grade("l2_penalty-tests", lab.name, lab.name, "ada")
            setattr(grade, "auto_score", points)  # noqa: B010  (a Column, to a type checker)
            gradebook.db.commit()


@pytest.mark.parametrize("points", [0.5, 0])
def test_feedback_has_our_marks_and_our_hint_and_nothing_that_acts(classroom, points):
    lab = classroom
    write_text(lab.autograded("ada"), notebook_text(paper_of(lab, points=points)))
    marked = nbformat.read(lab.autograded("ada"), as_version=4)
    nbformat.validate(marked)
    (test,) = graded_cells(marked).values()
    record(lab, determine_grade(test)[0] or 0)
    done = nbgrader(lab, "generate_feedback", lab.name, "--force")
    assert done.returncode == 0, done.stderr
    page = lab.feedback("ada").read_text(encoding="utf-8")
    scores = re.findall(r"Score: ([\d.]+) / ([\d.]+)", page)
    assert {(float(got), float(of)) for got, of in scores} == {(points, 2)}
    assert "Put ½ in front of the loss." in page
    for tag in re.findall(r"<(?!a href=.http)[A-Za-z][^>]*>", page):
        assert not re.search(r"pwned|evil\.test", tag), tag
    for script in re.findall(r"<script.*?</script>", page, flags=re.DOTALL):
        assert "pwned" not in script
