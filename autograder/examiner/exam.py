"""The instructor's side of a lab: the names its tests start from, and the tests."""

import ast
import builtins
import contextlib
import copy
import io
import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any

from autograder.cells import graded_cells, grading

if TYPE_CHECKING:  # it takes seconds to import
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Test:
    """A test cell: statements, a last expression whose value may be the points, and names."""

    exercise: str
    points: float
    body: CodeType
    last: CodeType | None
    names: frozenset[str]

    @classmethod
    def of(cls, exercise: str, points: float, source: str) -> "Test":
        """Compile a test cell, which is plain Python."""
        tree, name = ast.parse(source), f"<the tests of {exercise}>"
        *statements, final = tree.body or [ast.Pass()]
        last = ast.Expression(final.value) if isinstance(final, ast.Expr) else None
        body = ast.Module([*statements, *([] if last else [final])], type_ignores=[])
        loaded = (n for n in ast.walk(tree) if isinstance(n, ast.Name))
        return cls(
            exercise,
            points,
            compile(body, name, "exec"),
            compile(last, name, "eval") if last else None,
            frozenset(n.id for n in loaded if isinstance(n.ctx, ast.Load)),
        )

    def run(self, space: dict[str, Any]) -> Any:
        """Run it on these names; the value that it ends in, or None."""
        exec(self.body, space)
        return eval(self.last, space) if self.last else None


class Exam:
    """A lab as the examiner needs it, made once from the instructor's source notebook.

    tests: by exercise. What the locked cells before the first exercise define is there for all
    tests; locked cells that come later run with the student's work, where it is.
    """

    def __init__(self, source: "NotebookNode") -> None:
        self.tests = {
            name: Test.of(name, float(grading(cell)["points"]), "".join(cell["source"]))
            for name, cell in graded_cells(source).items()
        }
        self._space: dict[str, Any] = {"__name__": "__main__"}
        for cell in itertools.takewhile(
            lambda cell: not grading(cell).get("solution"), source["cells"]
        ):
            if cell["cell_type"] == "code" and grading(cell).get("locked"):
                code = compile("".join(cell["source"]), "<the setup of the lab>", "exec")
                exec(code, self._space)
        self._space.pop("__builtins__", None)  # each test gets them from `exec`
        self._shared = {id(v): v for v in self._space.values() if not _can_be_copied(v)}

    def space(self) -> dict[str, Any]:
        """The names that a test starts from; what a student does to their values ends with it."""
        return copy.deepcopy(self._space, dict(self._shared))

    def wanted(self, test: Test) -> list[str]:
        """The names in a test that only the student's notebook can give, sorted."""
        return sorted(test.names - self._space.keys() - vars(builtins).keys())


def _can_be_copied(value: Any) -> bool:
    """False for modules, and what holds one."""
    try:
        copy.deepcopy(value)
    except Exception:
        return False
    return True


@contextlib.contextmanager
def quiet() -> Iterator[io.StringIO]:
    """Keep what is printed inside, and let warnings pass unseen."""
    text = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(text):
        warnings.simplefilter("ignore")
        with contextlib.redirect_stderr(io.StringIO()):
            yield text
