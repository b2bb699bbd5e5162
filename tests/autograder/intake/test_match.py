"""What students do to a notebook, and what is graded: their text, and the lab's own cells?"""

from copy import deepcopy

import pytest

from autograder.errors import CourseError
from autograder.intake import IntakeStatus, Role, Template
from tests.autograder.intake.labs import (
    ANSWERS,
    LAB,
    NAMES,
    PROTECTED,
    RELEASED,
    after,
    answers,
    cell,
    ids,
    notebook,
    of,
    own,
    solved,
    taken,
    texts,
)

LOST_METADATA = "the cell '{}' had lost or changed its metadata"


def insert(before: str, *cells):
    """A change: put cells before another one, or at the end."""

    def change(nb):
        place = next((n for n, c in enumerate(nb["cells"]) if c["id"] == before), len(nb["cells"]))
        nb["cells"][place:place] = cells

    return change


def remove(*names: str):
    """A change: delete cells."""

    def change(nb):
        nb["cells"] = [c for c in nb["cells"] if c["id"] not in names]

    return change


def strip(*keys: str):
    """A change: drop keys from every cell, as other programs do."""

    def change(nb):
        for found in nb["cells"]:
            for key in keys:
                found.pop(key, None)
            found.setdefault("metadata", {})

    return change


def test_an_honest_notebook_stays_as_it_is():
    intake = after(insert("area", own("helper = 1"), own("my thoughts", "markdown")))
    assert intake.status is IntakeStatus.OK and intake.notes == ()
    assert ids(intake) == [*NAMES[:3], "own-1", "own-2", *NAMES[3:]]
    assert answers(intake) == ANSWERS
    assert texts(intake, Role.OWN) == ["helper = 1", "my thoughts"]
    assert [c.metadata for c in intake.cells if c.role is not Role.OWN] == [
        c["metadata"] for c in RELEASED["cells"]
    ]


def test_an_untouched_notebook_has_no_answers():
    intake = taken(RELEASED)
    assert intake.status is IntakeStatus.OK
    assert answers(intake) == {}
    assert [c.text for c in intake.cells] == [c["source"] for c in RELEASED["cells"]]


def test_space_and_line_ends_are_no_changes():
    def change(nb):
        of(nb, "area-tests")["source"] = "check.area(area)  \r\n\n"
        of(nb, "twice")["source"] = of(RELEASED, "twice")["source"] + "\r\n"

    intake = after(change)
    assert intake.notes == ()
    assert answers(intake) == {"area": ANSWERS["area"]}


@pytest.mark.parametrize("name", ["setup", "area-tests"])
def test_a_changed_locked_cell_is_as_released_again(name):
    intake = after(lambda nb: of(nb, name).update(source="assert True  # mine"))
    assert intake.notes == (f"the locked cell '{name}' was changed",)
    assert not [c for c in intake.cells if "mine" in c.text]
    assert ids(intake) == NAMES


def test_an_answer_in_a_locked_cell_is_not_taken_but_told():
    def change(nb):
        of(nb, "area")["source"] = of(RELEASED, "area")["source"]
        of(nb, "area-tests")["source"] = ANSWERS["area"] + "\ncheck.area(area)"

    intake = after(change)
    assert answers(intake) == {"twice": ANSWERS["twice"]}
    assert "an answer to 'area' stands in the locked cell 'area-tests': grade it by hand" in (
        intake.notes
    )


@pytest.mark.parametrize("name", ["setup", "area", "area-tests", "twice-tests"])
def test_a_deleted_cell_is_put_back_in_its_place(name):
    intake = after(remove(name))
    assert intake.notes == (f"the cell '{name}' was deleted",)
    assert ids(intake) == NAMES
    assert name not in answers(intake)


def test_a_deleted_test_cell_comes_after_the_helpers_below_its_answer():
    intake = after(lambda nb: (insert("between", own("helper = 1"))(nb), remove("area-tests")(nb)))
    assert ids(intake) == [*NAMES[:4], "own-1", *NAMES[4:]]


@pytest.mark.parametrize(
    "damage", [{"schema_version": 99}, {"points": 100}, {"locked": False}, {"grade": False}]
)
def test_changed_metadata_is_as_released_again(damage):
    intake = after(lambda nb: of(nb, "area-tests")["metadata"]["nbgrader"].update(damage))
    assert intake.notes == (LOST_METADATA.format("area-tests"),)
    assert dict(intake.cells[4].metadata) == of(RELEASED, "area-tests")["metadata"]


def test_without_metadata_cells_are_known_by_their_ids():
    intake = after(strip("metadata"))
    assert answers(intake) == ANSWERS and ids(intake) == NAMES
    assert len(intake.notes) == 5
    assert intake.cells[2].is_skipped


def test_without_ids_cells_are_known_by_their_metadata_and_texts():
    intake = after(strip("id"))
    assert answers(intake) == ANSWERS and ids(intake) == NAMES
    assert intake.notes == ()
    assert intake.cells[2].is_skipped


def test_without_either_answers_are_known_by_what_they_define_and_the_rest_by_its_text():
    intake = after(strip("id", "metadata"))
    assert answers(intake) == ANSWERS and ids(intake) == NAMES
    assert texts(intake, Role.OWN) == []


def test_a_renamed_cell_is_known_by_its_id():
    def change(nb):
        of(nb, "area-tests")["metadata"]["nbgrader"]["grade_id"] = "mine"
        of(nb, "twice")["metadata"]["nbgrader"]["grade_id"] = "mine too"

    intake = after(change)
    assert ids(intake) == NAMES and answers(intake) == ANSWERS
    assert intake.notes == tuple(LOST_METADATA.format(n) for n in ("area-tests", "twice"))


@pytest.mark.parametrize("kind", ["markdown", "raw", "mystery", ["code"], None])
def test_an_answer_in_a_cell_of_another_type_is_code_again(kind):
    intake = after(lambda nb: of(nb, "area").update(cell_type=kind))
    assert intake.notes == (LOST_METADATA.format("area"),)
    assert intake.cells[3].kind == "code" and answers(intake) == ANSWERS


def test_a_test_cell_of_another_type_is_code_again():
    intake = after(lambda nb: of(nb, "area-tests").update(cell_type="markdown"))
    assert intake.cells[4].kind == "code" and len(intake.notes) == 1


def test_a_second_test_cell_goes():
    copy = {**of(solved(), "area-tests"), "id": "copy", "source": "print('mine')"}
    intake = after(insert("between", copy))
    assert intake.notes == ("the cell 'area-tests' was there more than once",)
    assert ids(intake) == NAMES


def copied(text: str, **changes):
    return {**of(solved(), "area"), "id": "copy", "source": text, **changes}


def test_of_two_answers_the_last_counts_and_the_first_still_runs():
    better = ANSWERS["area"].replace("* height", "* height * 1")
    intake = after(insert("between", copied(better)))
    assert answers(intake)["area"] == better
    assert texts(intake, Role.OWN) == [ANSWERS["area"]]
    names = [c.name for c in intake.cells if c.name]
    assert names == ["setup", "area", "area-tests", "twice", "twice-tests"]
    assert "the cell 'area' was there more than once" in intake.notes


def test_a_cell_split_off_an_answer_does_not_take_its_place():
    intake = after(insert("area-tests", copied("print(area(1, 2))")))
    assert answers(intake)["area"] == ANSWERS["area"]
    assert texts(intake, Role.OWN) == ["print(area(1, 2))"]


def test_prose_with_an_answers_id_does_not_take_its_place():
    intake = after(insert("area-tests", copied("def area: as in the book", cell_type="markdown")))
    assert answers(intake)["area"] == ANSWERS["area"]


def test_an_untouched_copy_below_an_answer_does_not_undo_it():
    intake = after(insert("area-tests", copied(of(RELEASED, "area")["source"])))
    assert answers(intake) == ANSWERS and ids(intake) == NAMES
    assert intake.notes == ("an empty copy of the cell 'area' was left out",)


def test_a_scratch_cell_does_not_take_the_place_of_the_answer():
    intake = after(insert("intro", own("def area(w):\n    return 1")))
    assert answers(intake) == ANSWERS
    assert ids(intake) == ["own-1", *NAMES] and intake.notes == ()


def test_an_answer_below_the_tests_is_found_and_tested_after_it():
    def change(nb):
        of(nb, "area")["source"] = of(RELEASED, "area")["source"]
        insert("between", own(ANSWERS["area"]))(nb)

    intake = after(change)
    assert answers(intake) == ANSWERS
    assert ids(intake) == NAMES
    assert "the answer to 'area' was taken from another cell" in intake.notes


def test_an_emptied_cell_stays_empty():
    intake = after(lambda nb: of(nb, "area").update(source=" "))
    assert intake.cells[3].text == " " and not intake.cells[3].answered


def test_a_cell_of_comments_is_no_answer_and_stays_as_it_is():
    intake = after(lambda nb: of(nb, "area").update(source="# later\n\n# TODO"))
    assert intake.cells[3].text == "# later\n\n# TODO" and not intake.cells[3].answered


def test_two_answers_in_one_cell_are_both_graded():
    def change(nb):
        of(nb, "area")["source"] = f"{ANSWERS['area']}\n\n{ANSWERS['twice']}\n"
        of(nb, "twice")["source"] = of(RELEASED, "twice")["source"]

    intake = after(change)
    assert answers(intake)["twice"] == ANSWERS["twice"]
    assert answers(intake)["area"].startswith(ANSWERS["area"])
    names = [c.name for c in intake.cells if c.name]
    assert names == ["setup", "area", "twice", "area-tests", "twice-tests"]


def test_a_merged_cell_with_an_untouched_exercise_is_one_answer():
    def change(nb):
        of(nb, "area")["source"] += "\n\n" + of(RELEASED, "twice")["source"]
        remove("twice")(nb)

    assert list(answers(after(change))) == ["area"]


def test_a_script_as_one_cell_answers_all_of_its_exercises():
    script = "import numpy as np\n\n" + "\n\n\n".join(ANSWERS.values())
    intake = taken(notebook([own(script)]))
    found = answers(intake)
    assert found["area"] == script and found["twice"] == ANSWERS["twice"]


def test_helpers_stay_with_an_answer_that_was_found_by_name():
    def change(nb):
        remove("area")(nb)
        insert("area-tests", own("k = 1\n" + ANSWERS["area"] + " * k"))(nb)

    assert answers(after(change))["area"].startswith("k = 1\n")


def test_a_broken_answer_is_an_answer():
    broken = "def area(width, height):\n    return width *"

    def change(nb):
        remove("area")(nb)
        insert("area-tests", own(broken))(nb)

    assert answers(after(change))["area"] == broken


def test_answers_stay_in_the_students_order_and_tests_below_them():
    def change(nb):
        order = ["setup", "twice", "area-tests", "twice-tests", "intro", "area"]
        nb["cells"] = [of(nb, name) for name in order]

    intake = after(change)
    assert ids(intake) == ["setup", "twice", "twice-tests", "intro", "area", "area-tests"]
    assert intake.notes == ("the cell 'area-tests' stood above its answer",)


def test_a_setup_cell_that_was_moved_down_comes_before_the_exercises():
    def change(nb):
        nb["cells"].append(nb["cells"].pop(1))

    intake = after(change)
    assert ids(intake).index("setup") < ids(intake).index("area")
    assert intake.notes == ("the locked cell 'setup' stood below cells that need it",)


def test_free_cells_of_the_lab_may_be_edited_copied_and_deleted():
    def change(nb):
        of(nb, "demo")["source"] = "show(2)"
        nb["cells"].append({**deepcopy(of(nb, "demo")), "source": "show(3)"})
        remove("intro")(nb)

    intake = after(change)
    assert intake.notes == ()
    assert [c.text for c in intake.cells if c.is_skipped] == ["show(2)", "show(3)"]
    assert len(set(ids(intake))) == len(intake.cells)


def test_a_student_cannot_mark_cells_to_be_skipped():
    intake = after(lambda nb: of(nb, "area")["metadata"].update(tags=["skip-execution"]))
    assert not intake.cells[3].is_skipped


def test_ids_of_the_students_choice_are_not_used():
    evil = {**own("x = 1"), "id": "../../own-1"}
    assert "own-1" in ids(after(insert("area", evil)))
    nb = deepcopy(RELEASED)
    nb["cells"].append(cell("markdown", "last", "own-1"))
    template = Template.of(LAB, nb)
    assert "own-1" in template.by_id
    assert ids(after(insert("area", evil))).count("own-1") == 1


def test_swapped_ids_never_let_a_submission_speak_for_a_locked_cell():
    def change(nb):
        one, other = of(nb, "area"), of(nb, "area-tests")
        one["metadata"], other["metadata"] = other["metadata"], one["metadata"]

    intake = after(change)
    locked = {c.text for c in intake.cells if c.role in (Role.TESTS, Role.LOCKED)}
    assert locked == PROTECTED


def test_a_lab_with_its_answers_in_it_is_no_template():
    nb = deepcopy(RELEASED)
    of(nb, "area")["source"] = "def area():\n    ### BEGIN SOLUTION\n    1\n    ### END SOLUTION"
    with pytest.raises(CourseError, match="'area' has its answer in it"):
        Template.of(LAB, nb)


def test_a_test_cell_of_another_name_marks_the_answer_above_it():
    nb = notebook(
        [cell("code", stub, name, role) for name, role, stub in (
            ("first", "solution", "def a(): ..."),
            ("q1", "tests", "check(a)"),
            ("written", "solution", "Your answer"),
        )]
    )  # fmt: skip
    assert Template.of(LAB, nb).solution_of == {"q1": "first"}


def test_the_template_and_the_submission_are_not_changed():
    before = deepcopy(RELEASED)
    template = Template.of(LAB, RELEASED)
    template.named["area"].metadata["nbgrader"]["points"] = 9  # type: ignore[index]
    assert before == RELEASED
