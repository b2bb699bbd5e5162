"""Is there anything that can be handed in and is not taken in as it should be?

Every example ends in `check`: an Intake always comes, and it holds nothing of a submission but the
text of its answers and free cells.
"""

import ast
import json
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake import Intake, IntakeStatus, Role, take_in
from autograder.intake.choose import MAX_NOTES
from autograder.intake.definitions import statements
from autograder.intake.slim import slim
from autograder.intake.text import sides
from tests.autograder.intake.labs import (
    ANSWERS,
    NAMES,
    RELEASED,
    TEMPLATE,
    handed,
    notebook,
    solved,
    taken,
)

LEAK = "the student's words in a locked cell"
LOCKED = {name for name, c in TEMPLATE.named.items() if c.role is not Role.SOLUTION}

quick = settings(max_examples=50, deadline=None, derandomize=True, database=None)
KEYS = ["cells", "cell_type", "source", "metadata", "nbgrader", "grade_id", "id", "outputs"]
KEYS += ["attachments", "worksheets", "input", "code", "markdown", "heading", "area", "setup"]
TEXTS = ["<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "\ud800", "\x00", "", "é😀"]
words = st.sampled_from([*KEYS, *TEXTS, *ANSWERS.values()])
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=25,
)
names = st.sampled_from(["lab.ipynb", "lab.py", "x.json"])


def check(intake: Intake) -> None:
    """What holds of every submission."""
    assert bool(intake.cells) == (intake.status in (IntakeStatus.OK, IntakeStatus.REPAIRED))
    assert bool(intake.notes) == (intake.status is not IntakeStatus.OK)
    assert len(intake.notes) <= MAX_NOTES + 1
    for said in (*intake.notes, intake.said):
        assert said and said.isprintable() and len(said) < 300
    if intake.cells:
        check_cells(intake)


def check_cells(intake: Intake) -> None:
    """The lab's cells once each, as released, in an order that works."""
    assert len({c.id for c in intake.cells}) == len(intake.cells)
    place = {c.name: n for n, c in enumerate(intake.cells) if c.name}
    assert sorted(c.name for c in intake.cells if c.name) == sorted(TEMPLATE.named)
    assert place["setup"] < min(place["area"], place["twice"])
    for cell in intake.cells:
        cell.text.encode()
        released = TEMPLATE.named.get(cell.name) or TEMPLATE.by_id.get(cell.id)
        assert cell.metadata == (released.metadata if released else {}) or cell.is_skipped
        if cell.role in (Role.TESTS, Role.LOCKED):
            assert cell == released
        if cell.role is Role.TESTS:
            assert place[cell.name] > place[TEMPLATE.solution_of[cell.name]]
        if cell.role is Role.SOLUTION:
            assert cell.kind == "code"


@quick
@given(names, st.binary(max_size=300))
def test_arbitrary_bytes(name, content):
    check(taken(content, names=(name,)))


@quick
@given(trees)
def test_arbitrary_json(tree):
    check(taken(json.dumps(tree).encode()))


@quick
@given(st.lists(st.fixed_dictionaries({}, optional={
    "cell_type": words | trees, "source": words | st.lists(words) | trees, "id": words | trees,
    "metadata": st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({"grade_id": words})})
    | trees}), max_size=12), st.booleans())  # fmt: skip
def test_arbitrary_cells(cells, old):
    nb = {"worksheets": [{"cells": cells}]} if old else notebook(cells)
    check(taken(json.dumps(nb).encode()))


places = st.integers(0, 30)
junk = trees.map(lambda tree: json.loads(json.dumps(tree)))


def rewrite(cell, text):
    """The student writes into a cell that is not locked."""
    if cell.get("id") not in LOCKED:
        cell["source"] = text


ACCIDENTS = {
    "drop": lambda cells, one, other, drawn: cells.pop(one),
    "copy": lambda cells, one, other, drawn: cells.insert(other, deepcopy(cells[one])),
    "move": lambda cells, one, other, drawn: cells.insert(other, cells.pop(one)),
    "type": lambda cells, one, other, drawn: cells[one].update(cell_type=drawn),
    "metadata": lambda cells, one, other, drawn: cells[one].update(metadata=drawn),
    "text": lambda cells, one, other, drawn: rewrite(cells[one], drawn),
    "own": lambda cells, one, other, drawn: cells.insert(
        other, {"cell_type": "code", "source": drawn, "id": "x"}
    ),
}


@st.composite
def accidents(draw):
    """A solved notebook after some accidents; a locked cell still says somewhere which it is."""
    nb = solved()
    for cell in nb["cells"]:
        if cell["id"] in LOCKED and draw(st.booleans()):
            cell["source"] = LEAK + cell["source"]
    for accident in draw(st.lists(st.sampled_from(sorted(ACCIDENTS)), max_size=7)):
        if nb["cells"]:
            one, other = (draw(places) % len(nb["cells"]) for _ in range(2))
            ACCIDENTS[accident](nb["cells"], one, other, draw(words | junk))
    return nb


@settings(quick, max_examples=150)
@given(accidents())
def test_accidents_with_a_notebook(nb):
    intake = taken(json.dumps(nb).encode())
    check(intake)
    assert not any(LEAK in cell.text for cell in intake.cells)
    assert intake == take_in(handed(nb), TEMPLATE)


@quick
@given(st.data())
def test_damaged_files(data):
    content = bytearray(json.dumps(solved(), indent=1).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.sampled_from([0, 1, 1, 40, len(content)]))
        content[place : place + length] = data.draw(
            st.binary(max_size=3) | st.sampled_from([b"\n<<<<<<< a\n", b"\n=======\n", b'"', b"[{"])
        )
        if not content:
            break
    check(taken(bytes(content)))


def cut(found):
    """JSON without what is never graded."""
    if isinstance(found, list):
        return [cut(item) for item in found]
    if not isinstance(found, dict):
        return found
    gone = {k for k in ("outputs", "attachments") if isinstance(found.get(k), list | dict)}
    return {key: None if key in gone else cut(value) for key, value in found.items()}


@quick
@given(trees)
def test_only_outputs_and_attachments_are_cut(tree):
    text = json.dumps(tree)
    assert json.dumps(json.loads(slim(text.encode()))) == json.dumps(cut(json.loads(text)))


SNIPPETS = [
    "import numpy as np",
    "x = 1",
    "x: int = (\n2)",
    "def f(a):\n    return a",
    "async def g(): ...",
    "@cache\n@wraps(\n    f\n)\nclass C:\n    y = 2\n\n    def m(self): ...",
    "'''\ndef no(): 0\n'''",
    "s = '#'  # '''",
    'd = """\\"""\nno = 1\n"""',
    "f(\n    z=3,\n)",
    "f(\nz=3)",
    "# def no(): ...",
    "x == 3",
    "if x:\n    w = 1\nelse:\n    w = 2",
    "def h(\n    a,\n):\n    '''doc\nno = 1'''\n    return a",
]


@quick
@given(st.lists(st.sampled_from(SNIPPETS), max_size=8))
def test_definitions_are_those_that_python_finds(snippets):
    text = "\n".join(snippets)
    expected = set()
    for node in ast.parse(text).body:
        found = node.targets if isinstance(node, ast.Assign) else [node]
        found = [node.target] if isinstance(node, ast.AnnAssign) else found
        expected |= {getattr(item, "name", getattr(item, "id", None)) for item in found} - {None}
    assert {name for name, _ in statements(text)} - {""} == expected
    for name, part in statements(text):
        assert part in text
        if name:
            assert name in part and ast.parse(part)


@quick
@given(st.lists(words | st.sampled_from(["||||||| b\n", "'''", '"', "\\", "@", "def "])))
def test_any_text_can_be_scanned(parts):
    text = "".join(parts).replace("\ud800", "")
    assert len(statements(text)) <= text.count("\n") + 1
    assert all(len(side) <= len(text.encode()) for side in sides(text.encode()))


def test_the_examples_are_about_the_lab():
    assert taken(RELEASED).status is IntakeStatus.OK and len(NAMES) == len(RELEASED["cells"])
