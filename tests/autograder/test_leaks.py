"""Nothing of a solution or a hidden test may be in what is released."""

import nbformat
import pytest

from autograder.errors import CourseError
from autograder.leaks import find_leaks, refuse_leaks, secrets
from autograder.projections import clear


@pytest.fixture
def secret_lines(source):
    return secrets(source)


@pytest.fixture
def secret(secret_lines):
    return next(s for s in sorted(secret_lines) if "hidden" in s)


def leaks_in(path, secret_lines):
    return list(find_leaks([path], secret_lines))


def test_hidden_tests_and_solution_lines_are_secret(secret_lines):
    assert any("check.l2_penalty.hidden" in s for s in secret_lines)
    assert any("weight_decay" in s and "hidden" not in s for s in secret_lines)


def test_the_student_notebook_is_clean(source, secret_lines, tmp_path):
    path = tmp_path / "student.ipynb"
    nbformat.write(clear(source), path)
    assert leaks_in(path, secret_lines) == []


def test_the_source_notebook_is_not(source, secret_lines, tmp_path):
    path = tmp_path / "source.ipynb"
    nbformat.write(source, path)
    assert len(leaks_in(path, secret_lines)) == len(secret_lines) + 4  # and the markers


@pytest.mark.parametrize("place", ["source", "stream", "html output", "metadata", "attachment"])
def test_a_secret_is_found_anywhere_in_a_notebook(place, source, secret, secret_lines, tmp_path):
    nb = clear(source)
    code = next(c for c in nb.cells if c.cell_type == "code")
    spaced = secret.replace(",", " , ")
    if place == "source":
        nb.cells.append(nbformat.v4.new_markdown_cell(f"Look: {spaced}"))
    elif place == "stream":
        code.outputs = [nbformat.v4.new_output("stream", text=spaced)]
    elif place == "html output":
        data = {"text/html": f"<b>{spaced}</b>"}
        code.outputs = [nbformat.v4.new_output("display_data", data=data)]
    elif place == "metadata":
        nb.metadata["note"] = spaced
    else:
        nb.cells.append(
            nbformat.v4.new_markdown_cell("a", attachments={"a": {"text/plain": spaced}})
        )
    path = tmp_path / "nb.ipynb"
    nbformat.write(nb, path)
    assert leaks_in(path, secret_lines)


def test_a_secret_is_found_in_highlighted_html(secret, secret_lines, tmp_path):
    path = tmp_path / "page.html"
    words = secret.replace("(", "</span><span>(</span><span>").replace("=", "&#61;")
    path.write_text(f"<pre><span>{words}</span></pre>", encoding="utf-8")
    assert leaks_in(path, secret_lines)


@pytest.mark.parametrize(
    "name", ["_sources/lab.md", "searchindex.js", "lab.py", "data.json", "notes"]
)
def test_a_secret_is_found_in_other_text_files(name, secret, secret_lines, tmp_path):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"x {secret} y", encoding="utf-8")
    assert leaks_in(path, secret_lines)


@pytest.mark.parametrize("marker", ["### BEGIN SOLUTION", "### END HIDDEN TESTS"])
def test_a_marker_is_a_leak(marker, secret_lines, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text(marker, encoding="utf-8")
    assert leaks_in(path, secret_lines)


@pytest.mark.parametrize("name", ["lesson.cpython-311.pyc", "lab.ZIP", "lab.dat"])
def test_what_cannot_be_read_is_refused(name, secret_lines, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"\xff\0")
    with pytest.raises(CourseError, match="could hold a solution"):
        refuse_leaks([path], secret_lines)
