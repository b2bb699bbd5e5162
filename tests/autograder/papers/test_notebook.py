"""Does nbgrader read the marks that were given, from a notebook that is harmless to open?"""

import json
import re
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.utils import determine_grade

from autograder.papers.notebook import notebook_text
from tests.autograder.papers.samples import (
    PNG,
    SVG,
    TEST,
    cell,
    error,
    hostile_paper,
    paper,
    shown,
    stream,
)


def read(text: str) -> nbformat.NotebookNode:
    nb = nbformat.reads(text, as_version=4)
    nbformat.validate(nb)
    return nb


def outputs_of(output: Any) -> list:
    (only,) = read(notebook_text(paper(cell("code", "x", "free", outputs=[output])))).cells
    return only.outputs


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        [stream("all is well")],
        [stream("a warning", "stderr")],
        [error("assert 1 == 2", "AssertionError")],
        [{"output_type": "execute_result", "data": {"text/plain": "1.5"}}],
        [{"output_type": "execute_result", "data": {"text/plain": "99"}}],
        [stream("7", "stderr"), shown(text_plain="0")],
    ],
    ids=["nothing", "print", "stderr", "error", "number", "too-much", "two"],
)
@pytest.mark.parametrize("points", [0, 0.5, 2])
def test_nbgrader_reads_the_marks_whatever_a_test_cell_showed(outputs, points):
    made = paper(cell("code", TEST, "test", outputs=outputs), points=points, message="Try: again")
    (test,) = read(notebook_text(made)).cells
    assert determine_grade(test) == (points, 2)
    assert test.source == TEST


def test_a_failed_check_is_an_error_with_its_hint():
    made = paper(cell("code", TEST, "test"), message="CheckFailed: double: you halve it")
    (output,) = read(notebook_text(made)).cells[0].outputs
    assert (output.ename, output.evalue) == ("CheckFailed", "double: you halve it")
    made = paper(cell("code", TEST, "test"), message="no answer in time")
    (output,) = read(notebook_text(made)).cells[0].outputs
    assert (output.ename, output.evalue) == ("CheckFailed", "no answer in time")


def test_cells_keep_their_place_metadata_and_counts():
    first = cell("code", "def double(x): ...", "solution", outputs=[stream("hi\n")])
    nb = read(notebook_text(paper(first, cell("markdown", "# ä", "text"))))
    assert nb.cells[0].metadata == first.metadata
    assert nb.cells[0].execution_count == 1
    assert nb.cells[0].outputs == [stream("hi\n")]
    assert nb.cells[1].source == "# ä"
    assert nb.metadata.kernelspec.name == "python3"


def test_ids_are_made_unique_and_valid():
    cells = [cell("markdown", "x", "free", name=n) for n in ("a", "a", "ä b", "a" * 99)]
    cells.append(cell("markdown", "x", "free", name="cell-1"))
    ids = [c.id for c in read(notebook_text(paper(*cells))).cells]
    assert len(set(ids)) == 5
    assert ids[0] == "a-free"


def test_of_a_rich_output_the_harmless_forms_stay():
    output = shown(
        text_html="<b onclick='pwned()'>x</b><script>pwned()</script>",
        text_plain="x",
        image_png=PNG,
        image_jpeg=PNG,
        **{"image_svg+xml": SVG, "application_javascript": "pwned()"},
    )
    ((data,),) = [[o.data for o in outputs_of(output)]]
    assert data["text/html"] == "<b>x</b>"
    assert set(data) == {"text/html", "text/plain", "image/png", "image/svg+xml"}


def test_an_output_of_unknown_kind_is_named():
    (output,) = outputs_of(shown(application_javascript="pwned()"))
    assert output.data == {
        "text/plain": "(This output is not shown. It holds: application/javascript.)"
    }


def test_a_table_too_large_to_clean_is_shown_as_text():
    rows = "<tr><td>1</td></tr>" * 2000
    (output,) = outputs_of(shown(text_html=f"<table>{rows}</table>", text_plain="a table"))
    assert output.data == {"text/plain": "a table"}


def test_a_hostile_notebook_is_valid_and_has_no_tag_outside_of_code():
    nb = read(notebook_text(hostile_paper()))
    for made in nb.cells:
        if made.cell_type != "code" and "free" in made.id:
            assert not re.search(r"<[A-Za-z/!?]", made.source)
        for output in made.get("outputs", []):
            for mime in ("text/html", "text/markdown", "text/latex"):
                markup = str(output.get("data", {}).get(mime, ""))
                assert not re.search(r"<(script|img|svg|style|iframe)", markup)
            assert set(output.get("data", {})) <= {
                *("text/html", "text/markdown", "text/latex", "text/plain")
            }


LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
ANY = st.recursive(LEAF, lambda a: st.lists(a, max_size=3) | st.dictionaries(st.text(), a))
KEYS = st.sampled_from(
    [
        *("output_type", "name", "text", "ename", "evalue", "traceback", "data", "metadata"),
        *("execution_count", "transient"),
    ]
)
KINDS = st.sampled_from(["stream", "error", "display_data", "execute_result", "update"])
BUNDLES = st.dictionaries(st.sampled_from(["text/html", "text/plain", "image/png", "x"]), ANY)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(ANY | st.dictionaries(KEYS, ANY | KINDS | BUNDLES), max_size=4), KINDS)
def test_whatever_a_candidate_sends_the_notebook_is_valid(outputs, kind):
    outputs = [o | {"output_type": kind} if isinstance(o, dict) else o for o in outputs]
    made = notebook_text(paper(cell("code", "x", "free", outputs=outputs)))
    read(made.encode("utf-8").decode("utf-8"))
    json.loads(made, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
