"""Are marks written once, whole, and never over what people wrote?"""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from autograder.gradebook import Change, LabGradebook, Marks, book, marks_of
from autograder.results import ExerciseResult, Status, SubmissionResult
from tests.autograder.gradebook.stock import DUE, ESSAY, LAB, content, gradebook

SCORES: dict[str, float | None] = {"relu": 2.0, "conv": 1.5, ESSAY: None}
ADA = Marks("ada", SCORES, frozenset({"conv"}), DUE)


def free(student: str, points: float, late: float) -> None:
    """Lateness costs nothing."""


@pytest.fixture
def lab(url) -> LabGradebook:
    return LabGradebook(url, LAB, penalty=free)


@pytest.fixture
def url_of_either(new_url) -> str:
    """SQLite and PostgreSQL: for what a database could do in its own way."""
    return new_url()


def by_hand(url: str, exercise: str, score: float) -> None:
    with gradebook(url) as opened:
        grade = opened.find_grade(exercise, LAB, LAB, "ada")
        grade.manual_score, grade.needs_manual_grade = score, False
        opened.db.commit()


def waits(url: str, exercise: str) -> bool:
    with gradebook(url) as opened:
        return opened.find_grade(exercise, LAB, LAB, "ada").needs_manual_grade


def test_what_was_written_is_read_back(url_of_either):
    lab = LabGradebook(url_of_either, LAB, penalty=free)
    marks = [ADA, Marks("known", {**SCORES, "relu": 0.0})]
    assert lab.write(marks).new == ["ada", "known"]
    assert lab.read() == {one.student: one for one in marks}


def test_the_points_of_the_exercises_are_the_gradebooks(lab):
    assert lab.exercises() == {"relu": 2.0, "conv": 3.0, ESSAY: 5.0}


def test_writing_the_same_again_changes_nothing(url_of_either):
    url = url_of_either
    lab = LabGradebook(url, LAB, penalty=free)
    lab.write([ADA])
    by_hand(url, "relu-tests", 1.0)
    before = content(url)
    done = lab.write([ADA, replace(ADA, timestamp=None)])
    assert (done.unchanged, done.changed, done.changes) == (["ada"], [], [])
    assert content(url) == before


def test_many_batches_are_as_one(lab, monkeypatch):
    monkeypatch.setattr(book, "BATCH", 2)
    marks = [replace(ADA, student=f"s{i}") for i in range(5)]
    assert lab.write(marks[:3]).new == ["s0", "s1", "s2"]
    again = lab.write(iter(marks))
    assert (again.unchanged, again.new) == (["s0", "s1", "s2"], ["s3", "s4"])
    assert lab.read() == {one.student: one for one in marks}


def test_a_dry_run_says_who_changes_and_by_how_much_and_writes_nothing(lab, url):
    lab.write([ADA])
    by_hand(url, "relu-tests", 0.5)
    before = content(url)
    better = [replace(ADA, scores={**SCORES, "relu": 1.0}), replace(ADA, student="bob")]
    plan = lab.write(better, dry_run=True)
    assert plan.changes[0] == Change("ada", "relu", 2.0, 1.0, 0.5)
    assert [c[1:] for c in plan.changes[1:]] == [
        ("relu", None, 2.0, None),
        ("conv", None, 1.5, None),
    ]
    assert (plan.new, plan.changed) == (["bob"], ["ada"])
    assert content(url) == before
    assert lab.write(better) == plan


def test_a_person_looks_again_only_where_the_mark_changed(lab, url):
    lab.write([ADA])
    by_hand(url, "relu-tests", 1.0)
    by_hand(url, "conv-tests", 1.0)
    lab.write([replace(ADA, scores={**SCORES, "relu": 0.0})])
    assert (waits(url, "relu-tests"), waits(url, "conv-tests")) == (True, False)


def test_a_person_looks_again_at_all_that_was_handed_in_again(lab, url):
    lab.write([ADA])
    by_hand(url, ESSAY, 4.0)
    assert not waits(url, ESSAY)
    lab.write([replace(ADA, timestamp=DUE - timedelta(hours=1))])
    assert waits(url, ESSAY)


def test_an_unreadable_submission_takes_back_the_automatic_marks_alone(lab, url):
    lab.write([ADA])
    by_hand(url, ESSAY, 4.0)
    done = lab.write([Marks("ada", None)])
    assert done.changed == ["ada"]
    assert [c[1:4] for c in done.changes] == [
        ("relu", 2.0, 0.0), ("conv", 1.5, 0.0), (ESSAY, None, 0.0)
    ]  # fmt: skip
    with gradebook(url) as opened:
        assert opened.find_submission(LAB, "ada").score == 4.0


def test_an_unreadable_first_submission_leaves_no_trace(lab, url):
    before = content(url)
    assert lab.write([Marks("ada", None)]).unchanged == ["ada"]
    assert content(url) == before


def test_a_penalty_follows_the_mark_and_goes_with_an_extension(url_of_either):
    url = url_of_either

    def half(student: str, points: float, late: float) -> float:
        return points / 2

    lab, late = LabGradebook(url, LAB, penalty=half), DUE + timedelta(minutes=1)
    lab.write([replace(ADA, timestamp=late)])
    with gradebook(url) as opened:
        assert opened.find_submission(LAB, "ada").late_submission_penalty == 1.75
    lab.write([replace(ADA, timestamp=None, scores={**SCORES, "relu": 0.0})])
    with gradebook(url) as opened:
        assert opened.find_submission(LAB, "ada").late_submission_penalty == 0.75
        opened.grant_extension(LAB, "ada", hours=1)
    lab.write([replace(ADA, timestamp=None)])
    with gradebook(url) as opened:
        assert opened.find_submission(LAB, "ada").late_submission_penalty == 0


def test_a_penalty_is_taken_from_marks_by_hand_and_extra_credit_too(url):
    lab = LabGradebook(url, LAB, penalty=lambda student, points, late: points)
    lab.write([ADA])
    by_hand(url, ESSAY, 4.0)
    with gradebook(url) as opened:
        opened.find_grade("conv-tests", LAB, LAB, "ada").extra_credit = 0.25
        opened.db.commit()
    lab.write([replace(ADA, timestamp=DUE + timedelta(seconds=1))])
    with gradebook(url) as opened:
        submission = opened.find_submission(LAB, "ada")
        assert submission.late_submission_penalty == submission.score == 7.75


def test_a_penalty_that_changes_is_a_change_and_a_first_one_is_not(lab, url):
    late = replace(ADA, timestamp=DUE + timedelta(seconds=1))
    assert "late penalty" not in {c.exercise for c in lab.write([late]).changes}
    stricter = LabGradebook(url, LAB, penalty=lambda student, points, late: 1.0)
    plan = stricter.write([late], dry_run=True)
    assert plan.changes == [Change("ada", "late penalty", 0.0, 1.0, None)]
    assert stricter.write([late]) == plan
    assert lab.write([late]).changes == [Change("ada", "late penalty", 1.0, 0.0, None)]


def test_the_students_of_a_lab_are_those_with_an_entry(url_of_either):
    lab = LabGradebook(url_of_either, LAB, penalty=free)
    assert lab.students() == []
    lab.write([replace(ADA, student="bo"), ADA])
    assert lab.students() == ["ada", "bo"]


def test_rows_that_are_missing_come_back(lab, url):
    lab.write([ADA])
    whole = content(url)
    with gradebook(url) as opened:
        opened.remove_submission_notebook(LAB, LAB, "ada")
    assert lab.write([ADA]).changed == ["ada"]
    assert content(url) == whole


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        (replace(ADA, student=""), "1 to 128"),
        (replace(ADA, student="x" * 129), "129 long"),
        (replace(ADA, student="a\0b"), "Rename the folder"),
        (replace(ADA, student="\udcff"), "Rename the folder"),
        (replace(ADA, timestamp=DUE.replace(tzinfo=UTC)), "without a time zone"),
        (replace(ADA, scores={"relu": 1.0}), "Expected points for conv, essay, relu"),
        (replace(ADA, scores={**SCORES, "more": 1.0}), "Release the lab again"),
        (replace(ADA, scores={}), "Got none"),
        (replace(ADA, unanswered=frozenset({"nose"})), "no solution cell nose"),
        (replace(ADA, scores={**SCORES, "relu": 2.5}), "must be 0 to 2. Got 2.5"),
        (replace(ADA, scores={**SCORES, "relu": -1.0}), "must be 0 to 2"),
        (replace(ADA, scores={**SCORES, "relu": float("nan")}), "must be 0 to 2"),
    ],
    ids=[
        "nobody", "too-long", "nul", "surrogate", "zone", "too-few", "too-many", "none", "no-cell",
        "too-much", "negative", "nan",
    ],
)  # fmt: skip
def test_marks_that_make_no_sense_are_refused_and_stop_nobody_else(path, marks, words):
    lab = LabGradebook(f"sqlite:///{path}", LAB, penalty=free)
    done = lab.write([marks, Marks("known", SCORES)])
    assert words in done.refused[marks.student]
    assert list(lab.read()) == done.new == ["known"]


def test_a_name_is_only_a_name(url_of_either):
    names = ["O'Brien; DROP TABLE grade", "李 小龙", "a/../b", "%s{}:x", "\n", "x" * 128]
    marks = {name: replace(ADA, student=name) for name in names}
    lab = LabGradebook(url_of_either, LAB, penalty=free)
    lab.write(marks.values())
    assert lab.read() == marks


def result(status: Status, points: tuple[float, ...] = ()) -> SubmissionResult:
    exercises = tuple(ExerciseResult(f"e{i}", p, 2, status) for i, p in enumerate(points))
    about = {"lab": LAB, "note": "", "max_points": 4.0, "key": "key"}
    return SubmissionResult(student="ada", status=status, exercises=exercises, **about)


def test_a_result_becomes_marks():
    marks = marks_of(result(Status.GRADED, (2, 0)), unanswered=["e1"], timestamp=DUE)
    assert marks == Marks("ada", {"e0": 2, "e1": 0}, frozenset({"e1"}), DUE)
    assert marks_of(result(Status.UNREADABLE)) == Marks("ada", None)


def test_an_infrastructure_failure_is_never_a_zero():
    assert marks_of(result(Status.INFRASTRUCTURE_FAILURE)) is None
