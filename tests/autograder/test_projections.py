"""Student, solution and page: what each shows and hides."""

from pathlib import Path

import nbformat
import pytest

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import notebook_text
from autograder.lesson import graded_cells, read_lesson, solution_cells
from autograder.projections import clear, execute, page
from autograder.release import check_student_notebook


def text_of(nb) -> str:
    return "\n".join(cell.source for cell in nb.cells)


def test_the_student_notebook_has_stubs_and_visible_checks_alone(source):
    student = clear(source)
    assert "raise NotImplementedError()" in solution_cells(student)["l2_penalty"].source
    assert graded_cells(student)["l2_penalty"].source.strip() == "check.l2_penalty(l2_penalty)"
    assert "SOLUTION" not in text_of(student)
    assert "HIDDEN" not in text_of(student)


def test_clearing_leaves_the_source_as_it_is(source):
    before = notebook_text(source)
    clear(source)
    page(source)
    assert notebook_text(source) == before


def test_the_student_notebook_is_the_one_that_nbgrader_generates(released):
    ours = nbformat.read(released.student, as_version=4)
    theirs = nbformat.read(released.release, as_version=4)
    assert notebook_text(ours) == notebook_text(theirs)


def test_the_solution_is_executed_and_has_no_time_stamps(released):
    solution = nbformat.read(released.solution, as_version=4)
    assert "all visible checks passed" in str(graded_cells(solution)["l2_penalty"].outputs)
    assert not any("execution" in cell.metadata for cell in solution.cells)


def test_the_page_shows_no_answer_and_no_graded_output(released):
    shown = nbformat.read(released.page, as_version=4)
    assert "raise NotImplementedError()" in solution_cells(shown)["l2_penalty"].source
    assert graded_cells(shown)["l2_penalty"].outputs == []
    assert "HIDDEN" not in text_of(shown)


def test_the_page_keeps_the_pictures_of_other_cells(lab):
    with lab.lesson.open("a", encoding="utf-8") as file:
        file.write('\n# %% tags=["skip-execution"]\nprint("a picture")\n')
    shown = page(execute(read_lesson(lab.lesson), folder=lab.folder))
    assert shown.cells[-1].outputs[0].text == "a picture\n"


def test_a_lesson_that_fails_is_refused_with_its_error(source, tmp_path):
    source.cells.append(nbformat.v4.new_code_cell("1 / 0"))
    with pytest.raises(CourseError, match="ZeroDivisionError"):
        execute(source, folder=tmp_path)


def test_the_committed_student_notebooks_are_current():
    for lab in Course.find(Path(__file__).parent).labs():
        check_student_notebook(lab)


def test_a_stale_student_notebook_is_refused(lab):
    with pytest.raises(CourseError, match="is stale"):
        check_student_notebook(lab)
