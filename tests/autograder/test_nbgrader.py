"""nbgrader's own commands, run from the root of a course as an instructor would."""

import json
import re
import shutil

import nbformat
import pytest

from autograder.lesson import solution_cells
from autograder.sample import write_sample_class
from autograder.submission import SAMPLE_PREFIX as PREFIX
from tests.autograder.stock import nbgrader


@pytest.fixture(scope="module")
def class_of_two(released):
    """A copy of the course with two submissions, released by nbgrader itself."""
    root = released.course.root.parent / "stock"
    shutil.copytree(released.course.root, root)
    lab = type(released.course)(root).lab(released.name)
    shutil.rmtree(lab.release.parent)
    write_sample_class(lab)
    for folder in (lab.course.nbgrader / "submitted").iterdir():
        if folder.name not in (PREFIX + "perfect", PREFIX + "plausible-wrong-1"):
            shutil.rmtree(folder)
    done = nbgrader(lab, "generate_assignment", lab.name, "--force")
    assert done.returncode == 0, done.stderr
    return lab


def test_generate_assignment_gives_our_student_notebook(class_of_two):
    assert class_of_two.release.read_bytes().strip() == class_of_two.student.read_bytes().strip()


def test_autograde_and_feedback_give_the_marks_and_hide_the_tests(class_of_two):
    for command in ("autograde", "generate_feedback"):
        done = nbgrader(class_of_two, command, class_of_two.name)
        assert done.returncode == 0, done.stderr
    from nbgrader.api import Gradebook

    with Gradebook(class_of_two.course.gradebook_url) as gradebook:
        scores = {
            s.student.id: s.score for s in gradebook.assignment_submissions(class_of_two.name)
        }
    best = scores[PREFIX + "perfect"]
    assert best
    assert scores == {PREFIX + "perfect": best, PREFIX + "plausible-wrong-1": 0}
    page = class_of_two.feedback(PREFIX + "plausible-wrong-1").read_text(encoding="utf-8")
    assert "CheckFailed" in page
    assert ".hidden" not in re.sub(r"<style.*?</style>", "", page, flags=re.S)


def test_validate_tells_right_from_untouched(class_of_two, tmp_path):
    lab = class_of_two
    untouched = nbgrader(lab, "validate", str(lab.student))
    assert "failed" in untouched.stdout
    assert "not implemented yet" in untouched.stdout
    solved = (
        lab.course.nbgrader / "submitted" / (PREFIX + "perfect") / lab.name / f"{lab.name}.ipynb"
    )
    assert "Success" in nbgrader(lab, "validate", str(solved)).stdout


def test_a_notebook_as_colab_saves_it_is_graded_alike(class_of_two):
    """Colab drops cell ids, adds its own metadata, and keeps nbgrader's."""
    lab = class_of_two
    solved = (
        lab.course.nbgrader / "submitted" / (PREFIX + "perfect") / lab.name / f"{lab.name}.ipynb"
    )
    nb = json.loads(solved.read_text(encoding="utf-8"))
    nb["metadata"]["colab"] = {"provenance": [], "name": "Copy of lab.ipynb"}
    nb["nbformat_minor"] = 0
    for cell in nb["cells"]:
        del cell["id"]
        cell["metadata"]["id"] = "aBcDeF"
    folder = lab.course.nbgrader / "submitted" / "colab" / lab.name
    folder.mkdir(parents=True)
    (folder / solved.name).write_text(json.dumps(nb), encoding="utf-8")
    from autograder.grade import grade_class
    from autograder.results import Status

    (result,) = grade_class(lab, only="colab", workers=0, report=lambda *_: None)
    assert result.status is Status.GRADED
    assert result.points == result.max_points


def test_the_student_notebook_needs_no_file_of_its_own(class_of_two):
    """In Colab there is no notebook file and no repository: cells run in an empty folder."""
    nb = nbformat.read(class_of_two.student, as_version=4)
    assert solution_cells(nb)
    code = "\n".join(c.source for c in nb.cells if c.cell_type == "code")
    assert ".ipynb" not in code
    assert "open(" not in code
