"""What students do to a notebook without meaning to, and what is put right."""

from copy import deepcopy

import pytest

from autograder.files import notebook_text
from autograder.ingest import rebuild
from autograder.lesson import grade_id, solution_cells
from autograder.projections import clear

ANSWER = "def l2_penalty(w, *, weight_decay):\n    return 0.0, w"


@pytest.fixture
def original(source):
    return clear(source)


@pytest.fixture
def mine(original):
    """An answered notebook with a helper cell of the student's own before the answer."""
    nb = deepcopy(original)
    answer = solution_cells(nb)["l2_penalty"]
    answer.source = ANSWER
    helper = deepcopy(answer)
    helper.metadata, helper.source, helper.id = type(answer.metadata)(), "helper = 1", "mine"
    nb.cells.insert(nb.cells.index(answer), helper)
    return nb


def names(nb) -> list:
    return [grade_id(cell) for cell in nb.cells]


def cell_of(nb, name):
    return next(c for c in nb.cells if grade_id(c) == name)


def test_an_honest_notebook_stays_as_it_is(mine, original):
    rebuilt, notes = rebuild(mine, original)
    assert notes == []
    assert [c.source for c in rebuilt.cells] == [c.source for c in mine.cells]
    assert [c.metadata for c in rebuilt.cells] == [c.metadata for c in mine.cells]


def test_the_submission_itself_is_not_changed(mine, original):
    before = notebook_text(mine)
    rebuild(mine, original)
    assert notebook_text(mine) == before


def test_a_changed_locked_cell_is_as_released_again(mine, original):
    cell_of(mine, "l2_penalty-tests").source = "assert True"
    rebuilt, notes = rebuild(mine, original)
    assert notes == ["the locked cell 'l2_penalty-tests' was changed"]
    expected = cell_of(original, "l2_penalty-tests").source
    assert cell_of(rebuilt, "l2_penalty-tests").source == expected


@pytest.mark.parametrize("name", ["setup", "l2_penalty", "l2_penalty-tests"])
def test_a_deleted_cell_is_put_back_in_its_place(mine, original, name):
    mine.cells = [c for c in mine.cells if grade_id(c) != name]
    rebuilt, notes = rebuild(mine, original)
    assert notes == [f"the cell '{name}' was deleted"]
    assert [n for n in names(rebuilt) if n] == [n for n in names(original) if n]


def test_a_second_test_cell_goes_and_a_second_answer_becomes_a_free_cell(mine, original):
    for name in ("l2_penalty", "l2_penalty-tests"):
        copy = deepcopy(cell_of(mine, name))
        copy.source += "\n# again"
        mine.cells.append(copy)
    rebuilt, notes = rebuild(mine, original)
    assert len(notes) == 2
    assert names(rebuilt) == [*names(mine)[:-2], None]
    assert rebuilt.cells[-1].source.endswith("# again")
    assert cell_of(rebuilt, "l2_penalty").source == ANSWER


@pytest.mark.parametrize("damage", [{"schema_version": 99}, {"points": 100}, {"locked": False}])
def test_changed_metadata_is_as_released_again(mine, original, damage):
    cell_of(mine, "l2_penalty-tests").metadata.nbgrader.update(damage)
    rebuilt, notes = rebuild(mine, original)
    assert notes == ["the cell 'l2_penalty-tests' had lost or changed its metadata"]
    expected = cell_of(original, "l2_penalty-tests").metadata
    assert cell_of(rebuilt, "l2_penalty-tests").metadata == expected


def test_without_any_metadata_cells_are_known_by_their_ids(mine, original):
    for cell in mine.cells:
        cell.metadata = type(cell.metadata)()
    rebuilt, notes = rebuild(mine, original)
    assert len(notes) == 3
    assert cell_of(rebuilt, "l2_penalty").source == ANSWER
    assert "helper = 1" in [c.source for c in rebuilt.cells]


def test_a_scratch_cell_does_not_take_the_place_of_the_answer(mine, original):
    scratch = deepcopy(mine.cells[0])
    scratch.cell_type, scratch.source, scratch.id = "code", "def l2_penalty(w):\n    return 1", "s"
    scratch.metadata = type(scratch.metadata)()
    mine.cells.insert(0, scratch)
    rebuilt, notes = rebuild(mine, original)
    assert notes == []
    assert cell_of(rebuilt, "l2_penalty").source == ANSWER


def test_without_ids_either_an_answer_is_known_by_the_function_it_defines(mine, original):
    for cell in mine.cells:
        cell.metadata = type(cell.metadata)()
        cell.id = "x" + cell.id
    rebuilt, _ = rebuild(mine, original)
    assert cell_of(rebuilt, "l2_penalty").source == ANSWER
    assert names(rebuilt).count("l2_penalty-tests") == 1
