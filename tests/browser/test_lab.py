"""A student opens the lab in JupyterLab: it runs, its sliders answer, it validates."""

import json

import nbformat
import pytest

from autograder.course import Course, Lab
from autograder.lesson import answers, read_lesson, solution_cells
from tests.browser import notebook
from tests.browser.conftest import ROOT, Jupyter

LAB = Course.find(ROOT).lab("09_regularization")
EXPLORERS = ("regularization_strength", "dropout_rate", "learning_rate")


def solved(lab: Lab) -> nbformat.NotebookNode:
    """The student notebook with the right answers typed in."""
    nb = nbformat.read(lab.student, as_version=4)
    right = answers(read_lesson(lab.lesson))
    for name, cell in solution_cells(nb).items():
        cell.source = right[name]
    return nb


def saved(jupyter: Jupyter, name: str) -> nbformat.NotebookNode:
    return nbformat.read(jupyter.folder / name, as_version=4)


def test_the_solved_lab_runs_and_its_sliders_answer(visit, jupyter):
    nbformat.write(solved(LAB), jupyter.folder / "solved.ipynb")
    notebook.open_notebook(visit.page, jupyter.url.format("solved.ipynb"))
    notebook.run_all(visit.page)
    assert visit.page.locator(".jp-RenderedText[data-mime-type*='error']").count() == 0
    for explorer in notebook.explorers(visit.page, count=len(EXPLORERS)):
        text = explorer.inner_text()
        forth = notebook.move(visit.page, explorer, "ArrowRight")
        assert explorer.inner_text() != text, "the description does not follow the slider"
        back = notebook.move(visit.page, explorer, "ArrowLeft")
        assert min(forth, back) > 0
    assert visit.errors == []


def test_the_untouched_lab_validates_with_a_hint_for_each_exercise(visit, jupyter):
    (jupyter.folder / "untouched.ipynb").write_bytes(LAB.student.read_bytes())
    notebook.open_notebook(visit.page, jupyter.url.format("untouched.ipynb"))
    visit.page.get_by_label("untouched.ipynb").get_by_text("Validate", exact=True).click()
    dialog = visit.page.locator(".jp-Dialog")
    dialog.wait_for(timeout=120_000)
    text = dialog.inner_text()
    assert "failed" in text.lower()
    for name in solution_cells(read_lesson(LAB.lesson)):
        assert f"{name}: not implemented yet" in text


def test_the_lab_runs_as_colab_would_see_it(tmp_path):
    """No notebook file on disk, no cell ids, an empty folder: only the cells' code is there."""
    from nbclient import NotebookClient

    nb = json.loads(nbformat.writes(solved(LAB)))
    for cell in nb["cells"]:
        del cell["id"]
    nb["nbformat_minor"] = 4
    node = nbformat.reads(json.dumps(nb), as_version=4)
    client = NotebookClient(
        node, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    outputs = json.dumps(node)
    for name in solution_cells(read_lesson(LAB.lesson)):
        assert f"{name}: all visible checks passed" in outputs
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("width", [1200, 700])
def test_an_explorer_fits_its_notebook(visit, jupyter, width):
    nb = nbformat.v4.new_notebook(metadata=nbformat.read(LAB.student, as_version=4).metadata)
    show = f"from coursekit import explore\nexplore.show({EXPLORERS[0]!r})"
    nb.cells = [nbformat.v4.new_code_cell(show)]
    nbformat.write(nb, jupyter.folder / "one.ipynb")
    visit.page.set_viewport_size({"width": width, "height": 900})
    notebook.open_notebook(visit.page, jupyter.url.format("one.ipynb"))
    notebook.run_all(visit.page)
    (explorer,) = notebook.explorers(visit.page, count=1)
    box = explorer.locator("img").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
