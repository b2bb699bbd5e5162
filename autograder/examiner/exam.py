"""The instructor's side of a lab: the names its tests start from, and the tests."""

import ast
import contextlib
import functools
import io
import re
import traceback
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any

from autograder.cells import graded_cells, grading
from autograder.examiner.asked import Asked
from autograder.examiner.dice import Dice
from autograder.examiner.names import Names, free
from autograder.examiner.plain import code_of, compiled, plain
from autograder.examiner.process import replaced, undone
from autograder.examiner.setting import Setting, follow
from autograder.examiner.signs import asks_for_classes

if TYPE_CHECKING:  # it takes seconds to import
    from nbformat import NotebookNode


_MARK = re.compile(r"(BEGIN|END) HIDDEN TESTS")


@dataclass(frozen=True)
class Test:
    """A test cell: statements, a last expression whose value may be the points, and names.

    said: the names in its strings, if it looks for names by what is in a string;
    binds_anything: whether more names may be bound than those that are written as such;
    hidden: the numbers of its lines that students do not see.
    """

    exercise: str
    points: float
    body: CodeType
    last: CodeType | None
    tree: ast.Module
    names: Names
    said: frozenset[str]
    binds_anything: bool
    hidden: frozenset[int]

    @classmethod
    def of(cls, exercise: str, points: float, source: str) -> "Test":
        """Compile a test cell. CourseError where it cannot be run as Python."""
        where = f"The test cell of '{exercise}'"
        tree, shows = plain(source, where)
        names, looks = Names.of(tree.body), _looks(tree)
        *statements, final = tree.body or ast.parse("pass").body
        last = ast.Expression(final.value) if shows and isinstance(final, ast.Expr) else None
        body = code_of([*statements, *([] if last else [final])], where)
        value = compiled(last, where) if last else None
        said = frozenset(_said(tree) if looks else ())
        binds_anything = looks or "*" in names.binds
        hidden = frozenset(_hidden_in(source))
        return cls(exercise, points, body, value, tree, names, said, binds_anything, hidden)

    def run(self, space: dict[str, Any], *, hidden: bool = True) -> Any:
        """Run it on these names, with its `hidden` lines or not; the value, or None."""
        if self.hidden and not hidden:
            exec(self._shown, space)
            return None
        exec(self.body, space)
        return eval(self.last, space) if self.last else None

    @functools.cached_property
    def _shown(self) -> CodeType:
        lines = {s: range(s.lineno, (s.end_lineno or s.lineno) + 1) for s in self.tree.body}
        shown = [s for s in self.tree.body if not self.hidden.intersection(lines[s])]
        return code_of(shown, self.body.co_filename.strip("<>"))

    def fails_hidden(self, error: BaseException) -> bool:
        """Whether an error came up in lines that students do not see."""
        frames = traceback.walk_tb(error.__traceback__)
        own = [line for frame, line in frames if frame.f_code.co_filename == self.body.co_filename]
        return bool(self.hidden.intersection(own))


class Exam:
    """A lab as the examiner needs it, made once from the instructor's source notebook.

    tests: by exercise.
    """

    def __init__(self, source: "NotebookNode") -> None:
        self.tests = {
            name: Test.of(name, float(grading(cell)["points"]), "".join(cell["source"]))
            for name, cell in graded_cells(source).items()
        }
        answered = [*_answered(source)]
        self.has_classes = asks_for_classes(answered)
        asked = Asked(answered, [test.tree for test in self.tests.values()])
        self._signs = {name: self._signs_of(test, asked) for name, test in self.tests.items()}
        with quiet():
            self._setting = Setting(source["cells"])
        self._stages = self._setting.stages
        names = {n: v for stage in self._stages.values() for n, v in stage.values.items()}
        self._replaced = replaced([test.tree for test in self.tests.values()], names)
        self._dice = Dice()
        self.classes = self._setting.classes
        self._order = sorted(self.tests, key=lambda name: self._stages[name].place)
        self._read = {name: self._read_by(test) for name, test in self.tests.items()}
        self._sources = {name: self._sources_of(test) for name, test in self.tests.items()}
        self._concerning: dict[str, set[str]] = {}
        for test in map(self.tests.__getitem__, self._order):
            earlier = (self._concerning[e.exercise] for e, _ in self.sources(test))
            self._concerning[test.exercise] = {*self.wanted(test)}.union(*earlier)

    @contextlib.contextmanager
    def sitting(self) -> Iterator[None]:
        """Inside, the tests of one submission are run: nothing that they change is left."""
        self._dice.restore()
        with undone(self._replaced):
            try:
                yield
            finally:
                self._setting.clear()

    def space(self, test: Test) -> dict[str, Any]:
        """The lab's names as it finds them; what is done to their values ends with it."""
        return self._setting.at(test.exercise)

    def signs(self, test: Test) -> frozenset[str]:
        """Those that a student's objects may have in it."""
        return self._signs[test.exercise]

    def leading_to(self, exercises: Iterable[str]) -> set[str]:
        """These exercises, and those whose tests bind names that their tests read, and so on."""
        found, waiting = set(), [*exercises]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [earlier.exercise for earlier, _ in self._sources[name]]
        return found

    def wanted(self, test: Test) -> list[str]:
        """The names in a test that only the student's notebook can give, sorted."""
        is_known = self._stages[test.exercise].is_known
        return sorted(name for name in self._read[test.exercise] if not is_known(name))

    def sources(self, test: Test) -> list[tuple[Test, set[str]]]:
        """The earlier tests that may bind names which this one reads, in order, and the names.

        A name that a later cell of the lab binds, as its source has it, is that cell's. What else
        students define in between is not asked.
        """
        return self._sources[test.exercise]

    def concerning(self, test: Test) -> set[str]:
        """The names of the student's that the test reads, or tests whose names it reads."""
        return self._concerning[test.exercise]

    def _signs_of(self, test: Test, asked: Asked) -> frozenset[str]:
        return asked.all if test.binds_anything else asked.by(test.tree)

    def _before(self, test: Test) -> list[Test]:
        return [self.tests[name] for name in self._order[: self._order.index(test.exercise)]]

    def _read_by(self, test: Test) -> set[str]:
        """All names that it may look for, and what it calls, besides those that it binds first."""
        tables = [self._stages[test.exercise].inside, test.names.inside]
        tables += [earlier.names.inside for earlier in self._before(test)]
        own = test.names.binds - test.names.reads
        return follow({*test.names.reads, *test.said}, *tables) - own

    def _sources_of(self, test: Test) -> list[tuple[Test, set[str]]]:
        """For each earlier test the names that it may leave for this one, if there are any."""
        found, bound = [], self._stages[test.exercise].bound
        for earlier in self._before(test):
            place = self._stages[earlier.exercise].place
            left = {n for n in self._read[test.exercise] if bound.get(n, -1) < place}
            if not earlier.binds_anything:
                left &= earlier.names.binds
            found += [(earlier, left)] if left else []
        return found


def _answered(source: "NotebookNode") -> Iterator[str]:
    """The texts of all code cells but the tests, with the lab's own answers."""
    for cell in source["cells"]:
        if cell["cell_type"] == "code" and not grading(cell).get("grade"):
            yield "".join(cell["source"])


def _hidden_in(source: str) -> Iterator[int]:
    """The numbers of the lines between the marks of hidden tests."""
    inside = False
    for number, line in enumerate(source.split("\n"), start=1):
        if mark := _MARK.search(line):
            inside = mark.group(1) == "BEGIN"
        elif inside:
            yield number


_LOOKS = {"globals", "locals", "vars", "dir", "eval", "exec"}


def _looks(tree: ast.Module) -> bool:
    """Whether names may be looked for by what is in a string."""
    return any(isinstance(node, ast.Name) and node.id in _LOOKS for node in ast.walk(tree))


def _said(tree: ast.Module) -> Iterator[str]:
    """The names in its strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            with contextlib.suppress(SyntaxError, ValueError):
                yield from free(ast.parse(node.value))


@contextlib.contextmanager
def quiet() -> Iterator[io.StringIO]:
    """Keep what is printed inside, and let warnings pass unseen."""
    text = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(text):
        warnings.simplefilter("ignore")
        with contextlib.redirect_stderr(io.StringIO()):
            yield text
