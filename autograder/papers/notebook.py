"""The executed notebook, as nbgrader's formgrader and its feedback read it.

nbgrader takes the marks from the outputs of test cells: an error or anything on stderr is 0, a
number shown is partial credit, all else is full marks. So these outputs are written to say what
the marks are, whatever was printed. What a student's cell shows cannot act in the instructor's
browser: see `clean`.
"""

import json
import re

from autograder.papers.clean import unicode_text, untagged
from autograder.papers.model import Cell, Exercise, Paper
from autograder.papers.outputs import Clean, inert_outputs, stream

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}


def notebook_text(paper: Paper) -> str:
    """The notebook as JSON text of nbformat 4.5, each cell on its line; not validated."""
    marks = {exercise.name: exercise for exercise in paper.exercises}
    seen: set[str] = set()
    cells = []
    for cell in paper.cells:
        cells.append(_cell(cell, marks) | {"id": _unique(cell.id, seen)})
        seen.add(cells[-1]["id"])
    lines = ",\n".join(map(_json, cells))
    rest = f'"metadata": {_json(_METADATA)},\n"nbformat": 4,\n"nbformat_minor": 5'
    return unicode_text(f'{{"cells": [\n{lines}\n],\n{rest}}}\n')


def _cell(cell: Cell, marks: dict[str, Exercise]) -> Clean:
    lab_owned = cell.role in ("locked", "solution", "test")
    written: Clean = {
        "cell_type": cell.kind,
        "metadata": dict(cell.metadata) if lab_owned else {},
        "source": cell.source,
    }
    if cell.kind == "code":
        written["execution_count"] = cell.execution_count
        written["outputs"] = _outputs(cell, marks)
    elif cell.role in ("solution", "free"):
        written["source"] = untagged(cell.source)
    return written


def _outputs(cell: Cell, marks: dict[str, Exercise]) -> list[Clean]:
    outputs = inert_outputs(cell.outputs)
    if cell.role != "test":
        return outputs
    return _that_say(marks[cell.exercise or ""], outputs)


def _that_say(exercise: Exercise, outputs: list[Clean]) -> list[Clean]:
    """The outputs of a test cell, from which nbgrader reads the marks of the exercise."""
    printed = [o for o in outputs if o["output_type"] == "stream" and o["name"] == "stdout"]
    if exercise.points >= exercise.max_points:
        return printed
    if exercise.points > 0:
        hint = [stream(f"{exercise.message}\n")] if exercise.message else []
        return [*printed, *hint, _partial(exercise.points)]
    errors = [o for o in outputs if o["output_type"] == "error"]
    return printed + (errors[:1] or [_failure(exercise)])


def _partial(points: float) -> Clean:
    data = {"text/plain": repr(points)}
    return {
        "output_type": "execute_result",
        "data": data,
        "metadata": {},
        "execution_count": None,
    }


def _failure(exercise: Exercise) -> Clean:
    name, _, said = exercise.message.partition(": ")
    if not name.isidentifier():
        name, said = "CheckFailed", exercise.message or exercise.status
    return {
        "output_type": "error",
        "ename": name,
        "evalue": said,
        "traceback": [f"{name}: {said}"],
    }


def _unique(name: str, seen: set[str]) -> str:
    """The cell's id where nbformat allows it and no cell has it yet, else a new one."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) and name not in seen:
        return name
    number = len(seen)
    while f"cell-{number}" in seen:
        number += 1
    return f"cell-{number}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)
