"""Which bytes are a notebook, and what is said of the others?"""

import json
from copy import deepcopy

import pytest

from autograder.intake import IntakeStatus, Role, slim
from autograder.intake.decode import MAX_CELL_TEXT, MAX_CELLS
from autograder.intake.text import sides
from tests.autograder.intake.labs import (
    ANSWERS,
    NAMES,
    RELEASED,
    after,
    answers,
    ids,
    notebook,
    of,
    own,
    solved,
    taken,
    texts,
)

TEXT = json.dumps(solved(), ensure_ascii=False, indent=1)


@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_any_unicode_encoding_is_read(code):
    assert answers(taken(TEXT.encode(code))) == ANSWERS


def test_another_encoding_is_read_and_told():
    nb = solved()
    of(nb, "area")["source"] += "  # Fläche"
    intake = taken(json.dumps(nb, ensure_ascii=False).encode("latin-1"))
    assert intake.notes == ("the file was not in UTF-8",)
    assert answers(intake)["area"].endswith("# Fläche")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\x00", "is empty"),
        (b"homework", "is not JSON"),
        (TEXT.encode()[:-40], "only the beginning"),
        (b"\xff\xfeabc", "is no text"),
        (b"[]", "it has no cells"),
        (b"3", "it has no cells"),
        (b"{}", "it has no cells"),
        (b'{"cells": 3}', "it has no cells"),
        (b'{"worksheets": 3}', "it has no cells"),
        (b"\x89PNG\r\n\x1a\n", "is not JSON"),
        (b"<html>404</html>", "is a web page"),
    ],
)
def test_what_is_no_notebook_gets_a_sentence(content, words):
    intake = taken(content)
    assert intake.status is IntakeStatus.UNREADABLE and intake.cells == ()
    assert words in intake.said and intake.said.startswith("lab.ipynb ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"cells":[{"source":' + b"[" * 99_999 + b"]" * 99_999 + b"}]}", "nested too deeply"),
        (b"[" * 1_000_000, "more in it"),
        (b'{"cells":[' + b"[]," * 600_000 + b"1]}", "more in it"),
        (b'{"outputs":[],' * 25_000, "more in it"),
        (json.dumps({"cells": [1] * (MAX_CELLS + 1)}).encode(), f"has {MAX_CELLS + 1} cells"),
        (json.dumps(notebook([own("x" * (MAX_CELL_TEXT + 1))])).encode(), "Shorten it"),
        (b'{"a":"' + b"x" * (1 << 24) + b'"}', "more in it"),
    ],
    ids=["deep", "opened", "lists", "outputs", "cells", "cell", "text"],
)
def test_bombs_are_refused(content, words):
    intake = taken(content)
    assert intake.status is IntakeStatus.REFUSED and words in intake.said


def test_an_output_of_endless_structure_is_refused(monkeypatch):
    monkeypatch.setattr(slim, "MAX_TOKENS", 100)
    assert taken(b'{"outputs":' + b"[" * 99 + b"}").status is IntakeStatus.UNREADABLE
    assert taken(b'{"outputs":' + b"[" * 101 + b"}").status is IntakeStatus.REFUSED


@pytest.mark.parametrize("minor", [None, 0, 99, "five", [], float("nan")])
@pytest.mark.parametrize("major", [None, 3, 4, 5, "four"])
def test_versions_of_the_format_are_not_asked_for(major, minor):
    intake = after(lambda nb: nb.update(nbformat=major, nbformat_minor=minor))
    assert intake.status is IntakeStatus.OK and answers(intake) == ANSWERS


def test_top_level_metadata_may_be_missing_or_of_any_kernel():
    for metadata in ({"kernelspec": {"name": "my-env", "language": "python"}}, 3, None):
        assert after(lambda nb, m=metadata: nb.update(metadata=m)).status is IntakeStatus.OK
    intake = after(lambda nb: nb.update(metadata={"language_info": {"name": "R\x1b[31m"}}))
    assert intake.notes == ("the notebook says that it is in 'R?[31m'; it was read as Python",)


@pytest.mark.parametrize("major", [2, 3])
def test_worksheets_of_old_formats_are_read(major):
    cells = solved()["cells"]
    for found in cells:
        if found["cell_type"] == "code":
            found["input"] = found.pop("source")
    cells[0] = {"cell_type": "heading", "level": 1, "source": ["Shapes"]}
    sheets = [{"cells": cells[:4]}, "nonsense", {"cells": 3}, {"cells": cells[4:]}]
    intake = taken({"nbformat": major, "worksheets": sheets, "metadata": {}})
    assert answers(intake) == ANSWERS and ids(intake) == NAMES
    assert intake.cells[0].text == "# Shapes"


def test_text_may_be_cut_into_lines_and_of_any_type():
    def change(nb):
        of(nb, "area")["source"] = ANSWERS["area"].splitlines(keepends=True)
        of(nb, "intro")["source"] = [1, None, "kept", ["no"]]
        of(nb, "between")["source"] = {"no": 1}

    intake = after(change)
    assert answers(intake) == ANSWERS
    assert [intake.cells[0].text, intake.cells[5].text] == ["kept", ""]


def test_what_is_no_cell_is_left_out_and_told():
    intake = after(lambda nb: nb["cells"].extend([None, 3, "def area(): ...", ["x"]]))
    assert intake.notes == ("4 of the entries among the cells were no cells",)
    assert ids(intake) == NAMES


@pytest.mark.parametrize("junk", ["x", None, 3, {"grade_id": ["area"]}, {"grade_id": 3}, [[]]])
def test_metadata_that_makes_no_sense_is_no_metadata(junk):
    intake = after(lambda nb: of(nb, "area").update(id={}, metadata={"nbgrader": junk}))
    assert answers(intake) == ANSWERS


def test_characters_that_nothing_can_keep_are_replaced():
    intake = after(lambda nb: nb["cells"].append(own("a\x00\ud800b\r\nc")))
    assert texts(intake, Role.OWN) == ["a��b\nc"]


def test_large_outputs_and_pictures_are_never_looked_at():
    def change(nb):
        of(nb, "demo")["outputs"] = [{"data": {"image/png": "A" * 5_000_000, "]": '[\\"'}}]
        of(nb, "setup")["outputs"] = [{"data": [[0.25, 1.5]] * 30_000}]
        of(nb, "intro")["attachments"] = {"a.png": {"image/png": "]}" * 100_000}}

    assert after(change).status is IntakeStatus.OK


def test_a_cell_may_speak_of_outputs():
    text = 'x = {"outputs": [1, {"attachments": {"a": 2}}]}'
    assert texts(after(lambda nb: nb["cells"].append(own(text))), Role.OWN) == [text]


@pytest.mark.parametrize("number", ["1" * 6000, "1e999999", "NaN", "-Infinity", "1." + "3" * 9999])
def test_numbers_do_no_harm(number):
    content = TEXT.replace('"nbformat": 4', f'"nbformat": {number}').encode()
    assert answers(taken(content)) == ANSWERS


def test_of_a_repeated_key_the_last_counts():
    content = TEXT.replace('"metadata": {}', '"metadata": {}, "cells": []', 1)
    assert answers(taken(content.rsplit("}", 1)[0].encode() + b', "cells": 1}')) == {}


def test_line_ends_and_tabs_inside_of_strings_are_forgiven():
    content = TEXT.replace("    return 2", "\treturn 2").replace("\\n\treturn", "\n\treturn")
    assert answers(taken(content.encode()))["twice"] == "def twice(x):\n\treturn 2 * x"


def merged(ours: str, theirs: str, *, base: str = "") -> bytes:
    assert TEXT.count(ANSWERS["twice"].split("\n")[1]) == 1
    middle = f"||||||| base\n{base}\n" if base else ""
    lines = TEXT.split("\n")
    number = next(n for n, line in enumerate(lines) if "def twice" in line)
    ours, theirs = (f'   "source": {json.dumps(text)},' for text in (ours, theirs))
    assert lines[number].strip().startswith('"source"')
    hunk = f"<<<<<<< HEAD\n{ours}\n{middle}=======\n{theirs}\n>>>>>>> main"
    lines[number] = hunk if lines[number].endswith(",") else hunk.replace(",\n", "\n")
    return "\n".join(lines).encode()


def test_of_an_unfinished_merge_the_side_with_the_answers_is_taken():
    stub = of(RELEASED, "twice")["source"]
    for content in (merged(ANSWERS["twice"], stub), merged(stub, ANSWERS["twice"], base="old")):
        assert answers(taken(content)) == ANSWERS
    first = taken(merged("def twice(x):\n    1", "def twice(x):\n    2"))
    assert answers(first)["twice"].endswith("1")
    assert first.notes == ("the file was an unfinished merge; its first side was taken",)


def test_of_an_unfinished_merge_the_side_that_can_be_read_is_taken():
    content = TEXT.replace("{", "<<<<<<< a\n[[\n=======\n{\n>>>>>>> b\n", 1).encode()
    assert answers(taken(content)) == ANSWERS
    broken = b"<<<<<<< a\n[\n=======\n{\n>>>>>>> b\n"
    assert taken(broken).status is IntakeStatus.UNREADABLE


def test_a_merge_inside_of_a_cell_is_settled_too():
    mine = "def area(w, h):\n    return w * h"
    text = f"<<<<<<< local\n{mine}\n=======\ndef area(): 1\n>>>>>>> remote\n"
    intake = after(lambda nb: of(nb, "area").update(source=text))
    assert answers(intake)["area"].strip() == mine
    assert intake.notes == ("a cell was an unfinished merge; its first side was taken",)


@pytest.mark.parametrize("text", ["Title\n=======\ntext", "<<<<<<< a\nnot closed", ">>>>>>> a"])
def test_a_line_that_looks_like_a_marker_stays(text):
    assert texts(after(lambda nb: nb["cells"].append(own(text))), Role.OWN) == [text]


def test_a_heading_above_a_merge_is_no_marker():
    text = b"Title\n=======\n<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n"
    assert sides(text) == [b"Title\n=======\n1\n", b"Title\n=======\n2\n"]


def test_a_script_is_read_where_there_is_no_notebook():
    script = "# %% [markdown]\n# Mine\n# %%\n{area}\n\n# %%\n{twice}\n".format(**ANSWERS).encode()
    intake = taken(script, names=("lab.py",))
    assert answers(intake) == ANSWERS
    assert intake.status is IntakeStatus.REPAIRED
    assert answers(taken(RELEASED, script, names=("lab.ipynb", "lab.py"))) == {}
    assert taken(b"import os", names=("lab.py",)).status is IntakeStatus.REFUSED
    assert taken(b"#" * (MAX_CELL_TEXT + 1), names=("a.py",)).status is IntakeStatus.REFUSED


def test_the_same_bytes_give_the_same_result():
    nb = deepcopy(solved())
    nb["cells"] += [own("a"), own("b"), *nb["cells"]]
    assert taken(nb) == taken(nb)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html>\n<html></html>", "a web page"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04 ...", "a zip archive"),
        (b"\x1f\x8b\x08 ...", "a gzip archive"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
    ],
)
def test_what_is_handed_in_instead_of_a_notebook_is_named(content, what):
    intake = taken(content)
    assert intake.status is IntakeStatus.UNREADABLE
    assert f"lab.ipynb is {what}" in intake.said and "the .ipynb file" in intake.said
