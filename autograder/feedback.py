"""What a student gets back shows no hidden test."""

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests

from autograder.leaks import find_secrets, hidden_tests, notebook_strings

_HIDDEN = "(This output quotes a hidden test, and is not shown.)"


class HideTests(ClearHiddenTests):
    """nbgrader's `ClearHiddenTests`, and outputs too: a traceback or a print may quote a test."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Remember what is hidden before it is gone, then go through the cells."""
        self._secret_lines = hidden_tests(nb)
        return super().preprocess(nb, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Remove hidden regions, and of a test cell's errors all but their sentence."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if cell.cell_type == "code":
            cell.outputs = [self._shown(output, utils.is_grade(cell)) for output in cell.outputs]
        return cell, resources

    def _shown(self, output: NotebookNode, graded: bool) -> NotebookNode:
        if graded and output.output_type == "error":
            output.traceback = [f"{output.ename}: {output.evalue}"]
        if find_secrets(notebook_strings(output), self._secret_lines):
            return new_output("stream", name="stdout", text=_HIDDEN)
        return output
