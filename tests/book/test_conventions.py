"""book/conventions.md is the law: its tables against the signatures in coursekit."""

import inspect
import re
from pathlib import Path

import pytest

from autograder.lesson import grade_id, read_lesson
from coursekit import numpy_ref, torch_ref

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "book" / "conventions.md"
CODE = re.compile(r"`([^`]+)`")
CELLS = re.compile(r"(?<!\\)\|")  # an escaped bar belongs to the text


def table(heading: str) -> list[list[str]]:
    """The rows of all tables under a heading, as lists of cells."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    tables = re.findall(r"^\|.*\n\|[-|]+\n((?:\|.*\n)*)", section, flags=re.MULTILINE)
    lines = "".join(tables).strip().split("\n")
    return [[cell.strip() for cell in CELLS.split(line.strip("|"))] for line in lines]


def without_annotations(function) -> inspect.Signature:
    signature = inspect.signature(function)
    empty = inspect.Parameter.empty
    plain = [p.replace(annotation=empty) for p in signature.parameters.values()]
    return inspect.Signature(plain)


def signatures() -> dict[str, str]:
    """The signature table: `name` -> "(x, *, p)"."""
    calls = [CODE.findall(row[0])[0] for row in table("Functions")]
    return {call.split("(")[0]: "(" + call.split("(", 1)[1] for call in calls}


def functions(package) -> list[str]:
    return [n for n in package.__all__ if inspect.isfunction(getattr(package, n))]


def keyword_only(function) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY}


def defaults_of(name: str) -> set[str]:
    """The defaults that a hyper-parameter has anywhere."""
    everywhere = (keyword_only(getattr(numpy_ref, f)).get(name) for f in functions(numpy_ref))
    return {str(p.default) for p in everywhere if p and p.default is not p.empty}


def test_the_signature_table_lists_every_function_in_order():
    assert list(signatures()) == functions(numpy_ref)


@pytest.mark.parametrize("name", functions(numpy_ref))
def test_a_function_has_the_signature_on_the_page(name):
    assert str(without_annotations(getattr(numpy_ref, name))) == signatures()[name]


@pytest.mark.parametrize("name", torch_ref.__all__)
def test_a_twin_has_the_signature_on_the_page(name):
    assert str(without_annotations(getattr(torch_ref, name))) == signatures()[name]


def test_the_hyper_parameter_table_lists_what_functions_take_and_no_more():
    listed = [name for row in table("Hyper-parameters") for name in CODE.findall(row[0])]
    taken = {n for f in functions(numpy_ref) for n in keyword_only(getattr(numpy_ref, f))}
    assert sorted(listed) == sorted(taken)


@pytest.mark.parametrize("row", table("Hyper-parameters"), ids=lambda row: row[0])
def test_a_hyper_parameter_has_the_defaults_on_the_page(row):
    said = set(row[2].split(" or ")) - {"none"}
    assert [defaults_of(name) for name in CODE.findall(row[0])] == [said]


@pytest.mark.parametrize("name", functions(numpy_ref))
def test_arrays_come_by_position_under_names_on_the_page(name):
    listed = {n for row in table("Names of arguments and results") for n in CODE.findall(row[0])}
    function = getattr(numpy_ref, name)
    positional = set(inspect.signature(function).parameters) - set(keyword_only(function))
    assert positional <= listed


def test_layers_spell_p_as_pytorch_does():
    assert str(without_annotations(numpy_ref.Dropout.__init__)) == "(self, p=0.5)"


def test_chapters_and_labs_are_called_by_number_and_word():
    numbered = re.compile(r"\d\d_[a-z]+")
    chapters = [p.stem for p in (ROOT / "book").glob("[0-9]*.md")]
    labs = [p.name for p in (ROOT / "notebooks").iterdir() if p.is_dir()]
    assert chapters and labs
    assert [name for name in chapters + labs if not numbered.fullmatch(name)] == []
    assert sorted(set(labs) - set(chapters)) == []


def test_grade_ids_are_words():
    lessons = sorted((ROOT / "notebooks").glob("*/lesson.py"))
    ids = [grade_id(cell) for path in lessons for cell in read_lesson(path).cells]
    word = re.compile(r"[a-z][a-z0-9_]*(-tests)?")
    assert any(ids)
    assert [i for i in ids if i and not word.fullmatch(i)] == []
