"""Which of several notebooks is graded, and what is said where none is?"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.intake import Handed, IntakeStatus, Trouble, take_in
from autograder.intake.choose import MAX_NOTES
from autograder.intake.outcome import shown
from tests.autograder.intake.labs import (
    ANSWERS,
    RELEASED,
    TEMPLATE,
    after,
    answers,
    cell,
    handed,
    notebook,
    of,
    own,
    solved,
    taken,
)

OTHER_LAB = notebook(
    [
        cell("code", "import numpy as np", "setup", "locked"),
        cell("code", "def other(): ...", "other", "solution"),
        cell("code", "check.other(other)", "other-tests", "tests"),
    ]
)


@pytest.mark.parametrize("name", ["Untitled.ipynb", "mein Übungsblatt (1).IPYNB.txt", "x.json"])
def test_the_name_of_a_file_does_not_matter(name):
    assert taken(solved(), names=(name,)).status is IntakeStatus.OK


def test_the_notebook_with_more_answers_is_taken():
    half = solved()
    of(half, "area")["source"] = of(RELEASED, "area")["source"]
    for order in ((half, solved(), RELEASED), (solved(), RELEASED, half)):
        intake = taken(*order)
        assert answers(intake) == ANSWERS and intake.status is IntakeStatus.REPAIRED
        assert "of 3 notebooks" in intake.notes[-1]


@pytest.mark.parametrize(
    ("older", "newer"), [("lab", "lab (1)"), ("lab (2)", "lab (10)"), ("a", "b"), ("v9", "v10")]
)
def test_of_equal_notebooks_the_one_with_the_last_name_is_taken(older, newer):
    changed = solved()
    of(changed, "area")["source"] = ANSWERS["area"] + " * 1"
    names = (f"{newer}.ipynb", f"{older}.ipynb")
    assert answers(taken(changed, solved(), names=names))["area"].endswith("* 1")
    assert answers(taken(solved(), changed, names=names[::-1]))["area"].endswith("* 1")


def test_a_notebook_of_another_lab_is_refused_with_a_sentence():
    intake = taken(OTHER_LAB)
    assert intake.status is IntakeStatus.REFUSED and intake.cells == ()
    assert "is not the notebook of 01_shapes" in intake.said


def test_another_lab_that_shares_an_exercise_is_another_lab():
    nb = notebook([*OTHER_LAB["cells"], of(solved(), "area")])
    assert taken(nb).status is IntakeStatus.REFUSED


def test_a_notebook_with_nothing_of_the_lab_is_refused_and_an_empty_one_is_not_attempted():
    assert taken(notebook([own("print('hello')")])).status is IntakeStatus.REFUSED
    intake = taken(notebook([]))
    assert intake.status is IntakeStatus.REPAIRED and answers(intake) == {}


def test_other_files_beside_the_notebook_are_told_not_counted():
    intake = taken(solved(), OTHER_LAB, b"{", names=("lab.ipynb", "other.ipynb", "x.ipynb"))
    assert answers(intake) == ANSWERS
    assert len(intake.notes) == 2


def test_nothing_at_all_gets_a_sentence():
    files = ("photo.jpg", "notes.docx")
    intake = take_in(Handed((), files), TEMPLATE)
    assert intake.status is IntakeStatus.UNREADABLE
    assert intake.said == "There is no notebook in the submission. Files: photo.jpg, notes.docx."
    trouble = Trouble(IntakeStatus.REFUSED, "lab.ipynb is a link. Hand in the file itself.")
    assert take_in(Handed((), files, (trouble,)), TEMPLATE).status is IntakeStatus.REFUSED


def test_notes_are_not_endless():
    copies = [{**of(solved(), "area-tests"), "source": str(n)} for n in range(3)]
    assert len(after(lambda nb: nb["cells"].extend(copies)).notes) == 1
    troubles = tuple(Trouble(IntakeStatus.REFUSED, f"{n} is a link") for n in range(99))
    assert len(take_in(Handed((), (), troubles), TEMPLATE).notes) == MAX_NOTES + 1


def test_of_many_notes_of_a_kind_the_first_is_shown():
    troubles = tuple(Trouble(IntakeStatus.REFUSED, f"'{n}' is a link") for n in range(9))
    notes = take_in(replace(handed(solved()), troubles=troubles), TEMPLATE).notes
    assert notes == ("'0' is a link", "and 8 more of the kind")
    few = take_in(replace(handed(solved()), troubles=troubles[:5]), TEMPLATE).notes
    assert len(few) == 5


def test_nothing_slow_is_imported():
    heavy = "{'nbformat', 'nbgrader', 'nbconvert', 'jupytext', 'IPython', 'numpy', 'jsonschema'}"
    code = f"import sys, autograder.intake; print(sorted({heavy} & sys.modules.keys()))"
    root = Path(__file__).resolve().parents[3]
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "other", ["scratch", "01_shapes-Copy1", "01_shapes_old", "old/01_shapes", "z.zip/01_shapes"]
)
def test_of_equal_notebooks_the_one_with_the_name_of_the_lab_is_taken(other):
    changed = solved()
    of(changed, "area")["source"] = ANSWERS["area"] + " * 1"
    intake = taken(changed, solved(), names=(f"{other}.ipynb", "01_shapes.ipynb"))
    assert answers(intake) == ANSWERS
    assert "of 2 notebooks 01_shapes.ipynb was taken" in intake.notes[0]


def test_a_browser_numbers_the_later_of_two_notebooks():
    changed = solved()
    of(changed, "area")["source"] = ANSWERS["area"] + " * 1"
    names = ("01_shapes (1).ipynb", "01_shapes.ipynb")
    assert answers(taken(changed, solved(), names=names))["area"].endswith("* 1")


def test_an_export_beside_the_notebook_is_nothing_to_tell():
    script = "\n\n".join(ANSWERS.values()).encode()
    intake = taken(solved(), script, b"def other(): ...", names=("lab.ipynb", "lab.py", "x.py"))
    assert intake.status is IntakeStatus.OK and answers(intake) == ANSWERS
    assert "of 2 notebooks" in taken(RELEASED, script, names=("lab.ipynb", "lab.py")).notes[0]


def test_another_notebook_is_left_aside_and_nobody_is_told_to_hand_in_again():
    intake = taken(solved(), OTHER_LAB, names=("lab.ipynb", "other.ipynb"))
    assert intake.notes == ("other.ipynb was left aside: it is not the notebook of 01_shapes",)


def test_a_long_name_keeps_its_end():
    script = "\n\n".join(ANSWERS.values()).encode()
    intake = taken(script, names=(shown("Abgabe von Mustermann, Übungsgruppe 7/" * 3 + "lab.py"),))
    assert answers(intake).keys() == ANSWERS.keys()
