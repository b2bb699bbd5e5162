"""Who has handed in: folders that count, and those that do not."""

from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.submission import Submission, find_submissions, students_without


def submit(lab) -> Submission:
    folder = lab.course.nbgrader / "submitted" / "ada" / lab.name
    folder.mkdir(parents=True)
    (folder / f"{lab.name}.ipynb").write_bytes(b"")
    return find_submissions(lab)[0]


def test_no_submissions_folder_says_what_to_do(lab):
    with pytest.raises(CourseError, match="autograder sample 01_small"):
        find_submissions(lab)


def test_no_submission_of_this_lab_says_where_it_was_expected(lab):
    (lab.course.nbgrader / "submitted" / "ada" / "02_other").mkdir(parents=True)
    with pytest.raises(CourseError, match="STUDENT/01_small"):
        find_submissions(lab)


def test_an_archive_in_the_place_of_the_folder_is_a_submission(lab):
    path = lab.course.nbgrader / "submitted" / "ada" / f"{lab.name}.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    assert [s.folder for s in find_submissions(lab)] == [path]
    assert students_without(lab) == []


def test_a_name_that_is_too_long_for_files_named_after_it_is_refused(lab):
    root = submit(lab).folder.parents[1]
    (root / ("x" * 231)).mkdir()
    with pytest.raises(CourseError, match=r"has too long a name .*230 bytes"):
        find_submissions(lab)


def test_hidden_folders_are_no_students_and_sample_students_no_part_of_a_real_class(lab):
    submit(lab)
    root = lab.course.nbgrader / "submitted"
    for name in (".ipynb_checkpoints", "__MACOSX", "sample-perfect"):
        (root / name / lab.name).mkdir(parents=True)
    assert [s.student for s in find_submissions(lab)] == ["ada"]
    (root / "bob" / "1_small").mkdir(parents=True)
    assert students_without(lab) == ["bob"]


def test_a_folder_that_nobody_may_enter_is_a_submission_that_cannot_be_read(lab, monkeypatch):
    submit(lab)
    real = Path.is_dir

    def refuse(path):
        if path.parent.name == "ada":
            raise PermissionError(13, "no", str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_dir", refuse)
    assert [s.student for s in find_submissions(lab)] == ["ada"]
