"""Reading what was handed in: a sentence for everything that is no notebook."""

import json

import nbformat
import pytest

from autograder.errors import CourseError
from autograder.ingest import rebuild
from autograder.lesson import read_lesson
from autograder.projections import clear
from autograder.submission import (
    Submission,
    UnreadableError,
    find_submissions,
    students_without,
)

EMPTY = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def submit(lab, content: bytes) -> Submission:
    folder = lab.course.nbgrader / "submitted" / "ada" / lab.name
    folder.mkdir(parents=True)
    (folder / f"{lab.name}.ipynb").write_bytes(content)
    return find_submissions(lab)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"homework", "is not JSON"),
        (EMPTY.encode()[:-9], "is not JSON"),
        (EMPTY.encode("utf-16"), "is not UTF-8"),
        (b"[]", "is not a Jupyter notebook"),
        (b"3", "is not a Jupyter notebook"),
        (b"{}", "is not a Jupyter notebook"),
        (b'{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "is not a Jupyter"),
    ],
)
def test_what_is_no_notebook_gets_a_sentence(lab, content, words):
    with pytest.raises(UnreadableError, match=words):
        submit(lab, content).read()


def test_a_byte_order_mark_is_no_obstacle(lab):
    assert submit(lab, b"\xef\xbb\xbf" + EMPTY.encode()).read().cells == []


def test_another_file_name_is_told(lab):
    submission = submit(lab, EMPTY.encode())
    path = submission.folder / f"{lab.name}.ipynb"
    path.rename(submission.folder / "Untitled.ipynb")
    with pytest.raises(UnreadableError, match=r"Files: Untitled\.ipynb"):
        submission.read()


def test_no_submissions_folder_says_what_to_do(lab):
    with pytest.raises(CourseError, match="autograder sample 01_small"):
        find_submissions(lab)


def test_no_submission_of_this_lab_says_where_it_was_expected(lab):
    (lab.course.nbgrader / "submitted" / "ada" / "02_other").mkdir(parents=True)
    with pytest.raises(CourseError, match="STUDENT/01_small"):
        find_submissions(lab)


def test_a_folder_whose_name_is_a_pattern_is_told_to_be_renamed(lab):
    submission = submit(lab, EMPTY.encode())
    with pytest.raises(UnreadableError, match="Rename it"):
        Submission("a[1]", lab, submission.folder).read()


def test_a_link_is_not_followed(lab, tmp_path):
    submission = submit(lab, EMPTY.encode())
    path = submission.folder / f"{lab.name}.ipynb"
    path.rename(tmp_path / "solution.ipynb")
    path.symlink_to(tmp_path / "solution.ipynb")
    with pytest.raises(UnreadableError, match="is a link"):
        submission.read()


def test_hidden_folders_are_no_students_and_sample_students_no_part_of_a_real_class(lab):
    submit(lab, EMPTY.encode())
    root = lab.course.nbgrader / "submitted"
    for name in (".ipynb_checkpoints", "__MACOSX", "sample-perfect"):
        (root / name / lab.name).mkdir(parents=True)
    assert [s.student for s in find_submissions(lab)] == ["ada"]
    (root / "bob" / "1_small").mkdir(parents=True)
    assert students_without(lab) == ["bob"]


@pytest.mark.parametrize("damage", ["x", None, {"grade_id": ["a"]}, {"grade_id": 3}])
def test_metadata_that_makes_no_sense_is_no_metadata(lab, damage):
    nb = submit(lab, EMPTY.encode()).read()
    cell = nbformat.v4.new_code_cell("1")
    cell.metadata["nbgrader"] = damage
    nb.cells = [cell]
    rebuilt, _ = rebuild(nb, clear(read_lesson(lab.lesson)))
    assert "1" in [c.source for c in rebuilt.cells]
