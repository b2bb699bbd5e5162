"""Write the report of a class from the results on disk, whatever run they are of."""

import os
from pathlib import Path
from urllib.parse import quote

from autograder.class_report.page import class_page
from autograder.course import Lab
from autograder.files import write_text
from autograder.results import SubmissionResult
from autograder.submission import find_submissions


def report_path(lab: Lab) -> Path:
    """Where the report of a lab is."""
    return lab.results / "report.html"


def write_class_report(lab: Lab) -> Path:
    """Write the page of all students who handed in; CourseError where nobody did."""
    students = [submission.student for submission in find_submissions(lab)]
    found = (SubmissionResult.read(lab.results / f"{student}.json") for student in students)
    results = [result for result in found if result is not None]
    graded = {result.student for result in results}
    waiting = [student for student in students if student not in graded]
    links = {student: _link(lab, student) for student in graded if lab.feedback(student).is_file()}
    path = report_path(lab)
    write_text(path, class_page(lab.name, results, waiting=waiting, links=links))
    return path


def _link(lab: Lab, student: str) -> str:
    """The address of a student's feedback, as seen from the report."""
    return quote(Path(os.path.relpath(lab.feedback(student), lab.results)).as_posix())
