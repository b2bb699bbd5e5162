"""Gradebooks as nbgrader's own code makes, fills and reads them."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Base, Gradebook
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from nbgrader.utils import compute_checksum
from sqlalchemy import NullPool, create_engine, select
from traitlets.config import Config

from autograder.gradebook import Marks

LAB = "lab"
POINTS = {"relu": 2.0, "conv": 3.0}  # marked by their tests
ESSAY, TASK = "essay", "project"  # marked by hand
DUE = datetime(2026, 3, 1, 12)
# The unique columns of rows that a submission is made of: they stand for the random id.
_NAMED_BY = {
    "submitted_assignment": ("assignment_id", "student_id"),
    "submitted_notebook": ("assignment_id", "notebook_id"),
    "grade": ("notebook_id", "cell_id"),
    "comment": ("notebook_id", "cell_id"),
}


@contextmanager
def gradebook(url: str) -> Iterator[Any]:
    """nbgrader's gradebook, without the warnings that it gets from SQLAlchemy.

    Any: to a type checker the attributes of its rows are columns, not values.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Gradebook(url) as opened:
            yield opened


def release(url: str) -> None:
    """A new gradebook with one released lab, and a student of another one."""
    engine = create_engine(url, poolclass=NullPool)
    Base.metadata.create_all(engine)  # with its tables there, nbgrader does not run alembic
    with gradebook(url) as book:
        book.add_student("known")
        book.add_assignment("another")
        book.add_notebook("another", "another")
        book.add_submission("another", "known")
        book.add_assignment(LAB, duedate=DUE)
        book.add_notebook(LAB, LAB)
        for name, most in POINTS.items():
            book.add_grade_cell(f"{name}-tests", LAB, LAB, max_score=most, cell_type="code")
            book.add_solution_cell(name, LAB, LAB)
        book.add_grade_cell(ESSAY, LAB, LAB, max_score=5, cell_type="markdown")
        book.add_solution_cell(ESSAY, LAB, LAB)
        book.add_task_cell(TASK, LAB, LAB, max_score=4, cell_type="markdown")


def autograde(url: str, marks: Marks, config: Config) -> None:
    """What `nbgrader autograde` does to the gradebook, after it has run the notebook."""
    given: dict[str, Any] = {"timestamp": str(marks.timestamp)} if marks.timestamp else {}
    with gradebook(url) as book:
        book.update_or_create_student(marks.student)
        book.update_or_create_submission(LAB, marks.student, **given)
    where = {"notebook": LAB, "assignment": LAB, "student": marks.student, "db_url": url}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for preprocessor in (SaveAutoGrades(), AssignLatePenalties(config=config)):
            preprocessor.preprocess(_notebook(marks), ResourcesDict(nbgrader=where))


def content(url: str) -> dict[str, list]:
    """All rows of all tables; ids that were drawn at random are replaced by what they stand for."""
    names: dict[Any, Any] = {}
    tables = {}
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = []
            for row in connection.execute(select(table)).mappings():
                plain = {key: names.get(value, value) for key, value in row.items()}
                if table.name in _NAMED_BY:
                    names[plain.pop("id")] = tuple(plain[key] for key in _NAMED_BY[table.name])
                rows.append(sorted(plain.items()))
            tables[table.name] = sorted(rows, key=repr)
    return tables


def formgrader(url: str) -> list:
    """What formgrader's pages ask for, less the ids."""
    with gradebook(url) as book:
        answers = [
            book.student_dicts(),
            book.submission_dicts(LAB),
            book.notebook_submission_dicts(LAB, LAB),
            [book.average_assignment_score(LAB), book.average_notebook_code_score(LAB, LAB)],
            [book.find_assignment(LAB).to_dict(), book.find_notebook(LAB, LAB).to_dict()],
            [
                s.to_dict() | {"late": s.total_seconds_late}
                for s in book.assignment_submissions(LAB)
            ],
        ]
    return [sorted((_without_id(one) for one in answer), key=repr) for answer in answers]


def _without_id(answer: Any) -> Any:
    if not isinstance(answer, dict):
        return answer
    of_student = "lms_user_id" in answer  # the one id that is not drawn at random
    return sorted((key, value) for key, value in answer.items() if key != "id" or of_student)


def _notebook(marks: Marks):
    """An executed notebook that nbgrader takes for these marks."""
    scores = marks.scores or {}
    cells = [new_markdown_cell("", metadata={"nbgrader": _about(TASK, task=True, points=4)})]
    for name, most in POINTS.items():
        solution = new_code_cell("", metadata={"nbgrader": _about(name, solution=True)})
        about = _about(f"{name}-tests", grade=True, points=most)
        outputs = [_output(scores[name])] if scores[name] != most else []
        tests = new_code_cell("", metadata={"nbgrader": about}, outputs=outputs)
        cells += [solution, tests]
    about = _about(ESSAY, grade=True, solution=True, points=5)
    cells.append(new_markdown_cell("", metadata={"nbgrader": about}))
    for cell in cells:
        untouched = cell.metadata.nbgrader.grade_id in marks.unanswered
        cell.metadata.nbgrader.checksum = compute_checksum(cell) if untouched else "another"
    return new_notebook(cells=cells)


def _about(grade_id: str, **roles: Any) -> dict[str, Any]:
    plain = {"grade": False, "solution": False, "task": False, "locked": False}
    return {"grade_id": grade_id, "schema_version": 3, **plain, **roles}


def _output(score: float | None):
    if score:
        return new_output("execute_result", {"text/plain": str(score)}, execution_count=1)
    return new_output("error", ename="AssertionError", evalue="", traceback=[])
