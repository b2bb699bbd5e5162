"""A lab of two exercises, and what students make of its notebook."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from autograder.intake import Handed, HandedFile, Intake, Role, Template, take_in

LAB = "01_shapes"
ANSWERS = {
    "area": "def area(width, height):\n    return width * height",
    "twice": "def twice(x):\n    return 2 * x",
}
Notebook = dict[str, Any]


def cell(kind: str, text: str, name: str, role: str = "", **metadata: Any) -> Notebook:
    """A released cell; with a role it has nbgrader's metadata."""
    if role:
        flags = {"grade": role == "tests", "locked": role != "solution"}
        more = {"points": 2} if role == "tests" else {}
        metadata["nbgrader"] = {
            "grade_id": name,
            "solution": role == "solution",
            "task": False,
            "schema_version": 3,
            **flags,
            **more,
        }
    extra = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": name, "metadata": metadata, "source": text, **extra}


def notebook(cells: list[Any]) -> Notebook:
    """A notebook of these cells."""
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def stub(head: str) -> str:
    """A function that is still to be written."""
    return f"{head}\n    raise NotImplementedError()"


RELEASED = notebook(
    [
        cell("markdown", "# Shapes", "intro"),
        cell("code", "import numpy as np", "setup", "locked"),
        cell("code", "show(np)", "demo", tags=["skip-execution"]),
        cell("code", stub("def area(width, height):"), "area", "solution"),
        cell("code", "check.area(area)", "area-tests", "tests"),
        cell("markdown", "Now twice.", "between"),
        cell("code", stub("def twice(x):"), "twice", "solution"),
        cell("code", "check.twice(twice)", "twice-tests", "tests"),
    ]
)
TEMPLATE = Template.of(LAB, RELEASED)
NAMES = [c["id"] for c in RELEASED["cells"]]
PROTECTED = {c["source"] for c in RELEASED["cells"] if c["id"].endswith(("-tests", "setup"))}


def solved() -> Notebook:
    """A notebook with both exercises answered."""
    nb = deepcopy(RELEASED)
    for name, text in ANSWERS.items():
        of(nb, name)["source"] = text
    return nb


def of(nb: Notebook, name: str) -> Notebook:
    """The cell with this id."""
    return next(c for c in nb["cells"] if c["id"] == name)


def own(text: str, kind: str = "code") -> Notebook:
    """A cell that the student added."""
    return {"cell_type": kind, "id": "x", "metadata": {}, "source": text, "outputs": []}


def handed(*contents: bytes | Notebook, names: tuple[str, ...] = ()) -> Handed:
    """These contents as a submission."""
    given = names or [f"lab{n or ''}.ipynb" for n in range(len(contents))]
    data = [c if isinstance(c, bytes) else json.dumps(c).encode() for c in contents]
    return Handed(tuple(HandedFile(n, c) for n, c in zip(given, data, strict=True)))


def taken(*contents: bytes | Notebook, names: tuple[str, ...] = ()) -> Intake:
    """What is taken in of these contents."""
    return take_in(handed(*contents, names=names), TEMPLATE)


def after(change: Callable[[Notebook], object]) -> Intake:
    """What is taken in of a solved notebook after a change to it."""
    nb = solved()
    change(nb)
    return taken(nb)


def ids(intake: Intake) -> list[str]:
    """The ids of the cells."""
    return [c.id for c in intake.cells]


def texts(intake: Intake, role: Role) -> list[str]:
    """The texts of the cells of one role."""
    return [c.text for c in intake.cells if c.role is role]


def answers(intake: Intake) -> dict[str, str]:
    """The text of each solution cell that was answered."""
    return {c.name: c.text for c in intake.cells if c.answered}
