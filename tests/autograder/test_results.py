"""The result model: what is kept, and what the table of grades says."""

import csv
import io

import pytest

from autograder.results import (
    ExerciseResult,
    Status,
    SubmissionResult,
    grades_csv,
    overall_status,
)


def exercise(name="a", points=1.0, status=Status.GRADED):
    return ExerciseResult(name, points, 2.0, status, "a hint")


def submission(student="ada", exercises=(), status=Status.GRADED, note=""):
    return SubmissionResult(
        student=student, lab="01_small", status=status, note=note, exercises=tuple(exercises),
        max_points=4.0, key="k",
    )  # fmt: skip


def test_a_result_survives_the_disk(tmp_path):
    result = submission("åsa b", [exercise(), exercise("b", 0.0, Status.TIME_OUT)], Status.TIME_OUT)
    result.write(tmp_path)
    assert SubmissionResult.read(tmp_path / "åsa b.json") == result
    assert result.points == 1.0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"student": "ada"}', '{"exercises": 3}'])
def test_a_broken_result_file_is_no_result(tmp_path, text):
    path = tmp_path / "ada.json"
    path.write_text(text, encoding="utf-8")
    assert SubmissionResult.read(path) is None


@pytest.mark.parametrize(
    ("statuses", "repaired", "expected"),
    [
        ([Status.GRADED, Status.GRADED], False, Status.GRADED),
        ([Status.GRADED, Status.NOT_ATTEMPTED], False, Status.PARTLY_GRADED),
        ([Status.NOT_ATTEMPTED, Status.NOT_ATTEMPTED], False, Status.NOT_ATTEMPTED),
        ([Status.GRADED, Status.GRADED], True, Status.REPAIRED),
        ([Status.GRADED, Status.ERROR], True, Status.ERROR),
        ([Status.TIME_OUT, Status.ERROR], False, Status.TIME_OUT),
        ([Status.CRASHED, Status.TIME_OUT], True, Status.CRASHED),
    ],
)
def test_the_status_of_a_submission_is_the_worst_that_happened(statuses, repaired, expected):
    exercises = tuple(exercise(str(i), status=s) for i, s in enumerate(statuses))
    assert overall_status(exercises, repaired=repaired) is expected


def test_an_infrastructure_failure_is_not_final():
    assert not submission(status=Status.INFRASTRUCTURE_FAILURE).is_final
    assert submission(status=Status.UNREADABLE).is_final


def test_the_csv_has_a_column_for_every_exercise():
    text = grades_csv([submission(exercises=[exercise(), exercise("b", 0.5)]), submission("bo")])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["a"] == "1"
    assert rows[0]["b"] == "0.5"
    assert rows[0]["points"] == "1.5"
    assert rows[1]["b"] == "0"


def test_a_name_that_is_a_formula_is_disarmed():
    text = grades_csv([submission("=HYPERLINK(1)", note="+x")])
    assert "'=HYPERLINK(1)" in text
    assert "'+x" in text


def test_what_could_not_be_graded_has_no_points_instead_of_zero():
    failed = submission("bo", status=Status.INFRASTRUCTURE_FAILURE)
    text = grades_csv([submission(exercises=[exercise()]), failed])
    row = list(csv.DictReader(io.StringIO(text)))[1]
    assert (row["points"], row["a"], row["max_points"]) == ("", "", "4")
