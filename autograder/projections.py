"""What a lesson becomes: the student notebook, the executed solution, the page of the book.

    student  = clear(source)            released; what Colab opens
    solution = execute(source)          for instructors
    page     = clear(execute(source))   figures kept, answers gone

Clearing is done by nbgrader's own preprocessors, so that `nbgrader generate_assignment` gives the
same notebook.
"""

from copy import deepcopy
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from autograder.environ import environment
from autograder.errors import CourseError

_CELL_TIMEOUT = 300  # seconds; only the instructor's own code runs here


def clear(nb: NotebookNode) -> NotebookNode:
    """The student notebook: solutions replaced by stubs, hidden tests and outputs removed."""
    steps = [LockCells, ClearSolutions, ClearOutput, ClearHiddenTests]
    return _apply(nb, [*steps, ComputeChecksums, CheckCellMetadata])


def execute(nb: NotebookNode, *, folder: Path) -> NotebookNode:
    """Run every cell in a kernel, explorers as static frames; CourseError at the first failure."""
    executed = deepcopy(nb)
    client = NotebookClient(
        executed,
        timeout=_CELL_TIMEOUT,
        kernel_name="python3",
        skip_cells_with_tag="",
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        with environment(COURSEKIT_RENDERER="frames"):
            client.execute()
    except CellExecutionError as error:
        raise CourseError(f"The lesson in {folder} does not run through: {error}") from error
    for cell in executed.cells:
        cell.metadata.pop("execution", None)  # time stamps: two runs must give the same file
    return executed


def page(executed: NotebookNode) -> NotebookNode:
    """The executed notebook without answers: no solutions, no hidden tests, no graded output."""
    shown = _apply(executed, [LockCells, ClearSolutions, ClearHiddenTests])
    for cell in shown.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
            if "nbgrader" in cell.metadata:
                cell.outputs = []
    return shown


def _apply(nb: NotebookNode, steps: list[type]) -> NotebookNode:
    nb, resources = deepcopy(nb), ResourcesDict()
    for step in steps:
        nb, resources = step().preprocess(nb, resources)
    return nb
