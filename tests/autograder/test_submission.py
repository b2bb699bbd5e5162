"""Reading what was handed in: a sentence for everything that is no notebook."""

import json

import pytest

from autograder.errors import CourseError
from autograder.submission import Submission, UnreadableError, find_submissions

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
    with pytest.raises(UnreadableError, match=r"It holds: Untitled\.ipynb"):
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
