"""Stock nbgrader, as its users run it: `nbgrader autograde` and `nbgrader generate_feedback`."""

import time

import click
from nbgrader.api import Gradebook

from autograder.course import Lab
from benchmarks._engines.measured import Measured, moments
from benchmarks._engines.watched import python, run


def grade(lab: Lab) -> Measured:
    """Grade a class that nobody has graded.

    ClickException where a perfect answer does not get full marks.
    """
    started, root = time.time(), lab.course.root
    marking, most = run(python("nbgrader", "autograde", lab.name), folder=root)
    writing, more = run(python("nbgrader", "generate_feedback", lab.name), folder=root)
    _refuse_lost_points(lab)
    phases = [
        moments([*(lab.course.nbgrader / folder).glob(f"*/{lab.name}/{lab.name}.{kind}")])
        for folder, kind in (("autograded", "ipynb"), ("feedback", "html"))
    ]
    return Measured(marking + writing, max(most, more), started, phases)


def _refuse_lost_points(lab: Lab) -> None:
    with Gradebook(lab.course.gradebook_url) as gradebook:
        for submission in gradebook.assignment_submissions(lab.name):
            if submission.score != submission.max_score:
                student = submission.student_id
                raise click.ClickException(f"nbgrader: a perfect answer lost points: {student}")
