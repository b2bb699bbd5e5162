"""Small labs as the examiner takes them, and what becomes of a student's cells in them."""

from collections.abc import Sequence

from autograder.examiner.exam import Exam
from autograder.examiner.examine import Examination, Outcome, Step
from autograder.examiner.times import Times

Cells = Sequence[tuple[str, str]]  # "locked", "solution", "free" or a test's name; and the text


def cell(source: str, **grading: object) -> dict:
    """A cell of code with nbgrader's metadata."""
    return {"cell_type": "code", "source": source, "metadata": {"nbgrader": grading}}


def lab_of(*cells: tuple[str, str]) -> Exam:
    """The lab with these cells; each test is worth one point."""
    return Exam({"cells": [_cell(kind, text) for kind, text in cells]})  # pyright: ignore


def _cell(kind: str, text: str) -> dict:
    if kind == "free":
        return cell(text)
    if kind in ("locked", "solution"):
        return cell(text, grade_id=f"a {kind} cell", **{kind: True})
    return cell(text, grade_id=f"{kind}-tests", grade=True, locked=True, points=1)


def examined(
    nursery, cells: Cells, answers: Cells | None = None, *, notebook: float = 60
) -> dict[str, Outcome]:
    """By test, what becomes of a student's notebook; without `answers`, of the lab's own."""
    lab, seconds = lab_of(*cells), 5.0
    steps = [
        Step(text, test=kind if kind in lab.tests else None, trusted=kind == "locked")
        for kind, text in answers or cells
    ]
    times = Times(cell=seconds, exercise=2 * seconds, notebook=notebook)
    examination = Examination(lab, lambda: nursery.candidate(seconds=seconds), times)
    found = zip(steps, examination.run(steps), strict=True)
    return {step.test: outcome for step, outcome in found if step.test}


def shares(nursery, cells: Cells, answers: Cells | None = None) -> dict[str, float]:
    """By test, the share of its points."""
    return {name: o.share for name, o in examined(nursery, cells, answers).items()}
