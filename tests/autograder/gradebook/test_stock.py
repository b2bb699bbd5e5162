"""Does the writer leave a gradebook as nbgrader's own code would?"""

import random
from datetime import timedelta

import pytest
from nbgrader import api
from sqlalchemy import TableClause
from traitlets.config import Config

from autograder.gradebook import LabGradebook, Marks, tables
from tests.autograder.gradebook.stock import (
    DUE,
    ESSAY,
    LAB,
    POINTS,
    autograde,
    content,
    formgrader,
    gradebook,
)

ZERO = Config()
ZERO.LateSubmissionPlugin.penalty_method = "zero"


def all_points(student: str, points: float, late: float) -> float:
    assert late > 0
    return points


def random_marks(draw: random.Random, student: str, hour: int) -> Marks:
    """Marks of a submission handed in at that hour, before or after it was due."""
    scores: dict[str, float | None] = {
        n: draw.choice([0.0, 1.5, most]) for n, most in POINTS.items()
    }
    unanswered = frozenset(name for name in (*POINTS, ESSAY) if draw.random() < 0.3)
    scores[ESSAY] = 0.0 if ESSAY in unanswered else None
    return Marks(student, scores, unanswered, DUE + timedelta(hours=hour - 8))


def work_by_hand(draw: random.Random, url: str, student: str) -> None:
    """What a teacher does in formgrader to a submission that is there."""
    with gradebook(url) as book:
        submission = book.find_submission(LAB, student)
        notebook = submission.notebooks[0]
        grade = draw.choice(sorted(notebook.grades, key=lambda one: one.name))
        grade.manual_score = draw.choice([None, 1.0, 2.5])
        grade.extra_credit = draw.choice([None, 0.5])
        grade.needs_manual_grade = draw.choice([True, False])
        comment = draw.choice(sorted(notebook.comments, key=lambda one: one.name))
        comment.manual_comment = draw.choice([None, "Très bien"])
        notebook.flagged = draw.choice([True, False])
        book.db.commit()
        book.grant_extension(LAB, student, hours=draw.choice([0, 3]))


def test_any_history_of_grading_and_work_by_hand_ends_in_the_same_tables(new_url):
    ours, theirs = new_url(), new_url()
    assert content(ours) == content(theirs)
    book = LabGradebook(ours, LAB, penalty=all_points)
    draw = random.Random(1)
    for hour in range(8):
        student = draw.choice(["known", "Zoë Ñandú", "c"])
        marks = random_marks(draw, student, hour)
        autograde(theirs, marks, ZERO)
        book.write([marks])
        assert content(ours) == content(theirs)
        same = draw.random()
        for url in (ours, theirs):
            work_by_hand(random.Random(same), url, student)
    assert content(ours) == content(theirs)
    assert formgrader(ours) == formgrader(theirs)


def test_formgrader_sees_marks_late_penalties_and_what_waits_for_a_person(new_url):
    url = new_url()
    scores = {"relu": 2.0, "conv": 1.5, ESSAY: None}
    late = Marks("ada", scores, timestamp=DUE + timedelta(hours=1))
    LabGradebook(url, LAB, penalty=all_points).write([late])
    with gradebook(url) as book:
        (submission,) = book.submission_dicts(LAB)
        (notebook,) = book.notebook_submission_dicts(LAB, LAB)
        penalty = book.find_submission(LAB, "ada").late_submission_penalty
    assert submission["score"] == penalty == 3.5
    assert submission["max_score"] == 14
    assert submission["needs_manual_grade"]
    assert notebook["failed_tests"]


@pytest.mark.parametrize(
    "name", sorted(n for n, t in vars(tables).items() if isinstance(t, TableClause))
)
def test_our_tables_are_nbgraders(name):
    ours: TableClause = getattr(tables, name)
    theirs = api.Base.metadata.tables[ours.name]
    for column in ours.columns:
        assert type(column.type) is type(theirs.c[column.name].type)
    if {"STUDENT", "SUBMISSION", "SUBMITTED_NOTEBOOK", "GRADE", "COMMENT"} & {name}:
        filled = {c.name for c in theirs.columns if c.default is not None or not c.nullable}
        assert filled <= set(ours.columns.keys())


def test_a_student_id_may_be_as_long_as_nbgraders():
    assert api.Student.__table__.c.id.type.length == tables.STUDENT_ID_LENGTH
