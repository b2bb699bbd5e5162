"""What the lab itself defines for its tests, at the place of each: of the student nothing is here.

The locked cells before the first exercise are run here, and of later ones what does not need the
student's work: imports, definitions and constants. All else that a test reads is the student's.
"""

import ast
import builtins
import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.cells import grade_id, grading, has_role
from autograder.errors import CourseError
from autograder.examiner.dice import Dice, stand_of
from autograder.examiner.names import Names, bound_by, changed_by
from autograder.examiner.plain import Kernel, code_of, nothing, plain
from autograder.examiner.state import State, copied, uncopied

if TYPE_CHECKING:  # it takes seconds to import
    from nbformat import NotebookNode

_BUILTINS = frozenset(vars(builtins))
_CONTAINERS = list | dict | set | np.ndarray
_GIVEN = {"__name__": "__main__", "get_ipython": Kernel, "display": nothing}
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
_CONSTANTS = ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Stage:
    """What stands where a test does.

    place: of its cell in the lab; values: what the lab's names are; bound: the places where names
    were bound last, be it by the lab or in a student's cell; inside: by name, the names that its
    functions look for when they are called.
    """

    place: int
    values: dict[str, Any]
    bound: dict[str, int]
    inside: dict[str, frozenset[str]]

    def is_known(self, name: str) -> bool:
        """Whether it is the lab's, or Python's own."""
        return name in self.values or (name in _BUILTINS and name not in self.bound)

    def later(self, place: int) -> "Stage":
        """The same at another place, for changes of its own."""
        return Stage(place, dict(self.values), dict(self.bound), dict(self.inside))


class Setting:
    """The lab's names as one namespace, in which the tests are run one by one.

    stages: by exercise; classes: those that the lab defines, by name. The namespace is one, since
    the lab's functions look for names there.
    """

    def __init__(self, cells: Iterable["NotebookNode"]) -> None:
        self._space: dict[str, Any] = {**_GIVEN}
        self.stages: dict[str, Stage] = {}
        self._now, self._has_begun = Stage(0, dict(_GIVEN), {}, {}), False
        for place, cell in enumerate(cells):
            self._now = self._now.later(place)
            self._take(cell)
        every = [value for stage in self.stages.values() for value in stage.values.values()]
        self._shared = uncopied(every)
        self._states = State.of_classes(every)
        self.classes = {state.kind.__qualname__: state.kind for state in self._states}

    def at(self, exercise: str) -> dict[str, Any]:
        """The namespace as a test finds it: what others have done to it is undone."""
        memo = dict(self._shared)
        self._fill(copy.deepcopy(self.stages[exercise].values, memo))
        for state in self._states:
            state.restore(memo)
        return self._space

    def clear(self) -> None:
        """Let go of what the last test had, which may be much."""
        self._space.clear()

    def _fill(self, values: dict[str, Any]) -> None:
        self._space.clear()
        self._space.update(values, __builtins__=builtins)

    def _take(self, cell: "NotebookNode") -> None:
        """Go past a cell of the lab."""
        if has_role(cell, "grade"):
            self.stages[str(grade_id(cell)).removesuffix("-tests")] = self._now.later(
                self._now.place
            )
        self._has_begun |= bool(grading(cell).get("solution"))
        is_test = has_role(cell, "grade") and not grading(cell).get("solution")
        is_skipped = "skip-execution" in cell["metadata"].get("tags", [])
        if cell["cell_type"] != "code" or is_test or is_skipped:
            return
        name = f"The locked cell '{grade_id(cell)}'"
        source, is_locked = "".join(cell["source"]), grading(cell).get("locked")
        if is_locked and not self._has_begun:
            self._run_first(plain(source, name)[0].body, name)
            return
        try:
            statements = plain(source, name)[0].body
        except CourseError:  # it runs in IPython, where the student's work is
            return
        if is_locked:
            self._run_later(statements, name)
        elif not grading(cell).get("solution"):
            self._run_imports(statements, name)
        else:
            self._leave(statements)

    def _run_first(self, statements: list[ast.stmt], name: str) -> None:
        """Run a cell of the lab's beginning, or what in it does without the student's cells."""
        if self._knows(Names.of(statements).reads):
            self._run(statements, name)
            return
        for statement in statements:
            if self._knows(Names.of([statement]).reads):
                self._run([statement], name)
            else:
                self._leave([statement])

    def _run_later(self, statements: list[ast.stmt], name: str) -> None:
        """Run what in a later cell is the same whatever a student does."""
        alone = self._independent(statements)
        for statement in statements:
            try:
                if statement not in alone or not self._knows(Names.of([statement]).reads):
                    self._leave([statement])
                elif isinstance(statement, _CONSTANTS):
                    self._run_constant(statement, name)
                else:
                    self._run([statement], name)
            except CourseError:  # where the student's work is, it may go well
                self._leave([statement])

    def _run_imports(self, statements: list[ast.stmt], name: str) -> None:
        """Run those of a cell that students may change: the tests mean what the lab imports."""
        for statement in statements:
            try:
                if isinstance(statement, ast.Import | ast.ImportFrom):
                    self._run([statement], name)
                else:
                    self._leave([statement])
            except CourseError:
                self._leave([statement])

    def _independent(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """Those that need nothing but what the lab has, and each other."""
        found, more = [s for s in statements if _is_plain(s)], len(statements) + 1
        while len(found) < more:
            own, more = bound_by(found), len(found)
            found = [s for s in found if self._knows(_all_reads(s) - own)]
        return found

    def _knows(self, names: Iterable[str]) -> bool:
        return all(map(self._now.is_known, names))

    def _run_constant(self, statement: ast.stmt, name: str) -> None:
        """Run it on copies: CourseError where it draws random numbers, which others do as well."""
        values, before = self._now.values, Dice()
        self._space.update(copied({n: values[n] for n in self._followed(statement) & {*values}}))
        stood = stand_of(self._space.values())
        try:
            exec(code_of([statement], name), self._space)
            if stand_of(self._space.values()) != stood:
                raise CourseError(f"{name} draws random numbers.")
            made = {n: self._space[n] for n in bound_by([statement])}
        except Exception as error:
            raise CourseError(f"{name} fails: {type(error).__name__}: {error}") from error
        finally:
            before.restore()
            self._fill(values)
        self._space.update(made)
        self._note([statement], made)

    def _followed(self, statement: ast.stmt) -> set[str]:
        """The names that it may read, by what it calls as well."""
        return follow(Names.of([statement]).reads, self._now.inside)

    def _run(self, statements: list[ast.stmt], name: str) -> None:
        before = dict(self._space)
        try:
            exec(code_of(statements, name), self._space)
        except Exception as error:
            raise CourseError(f"{name} fails: {type(error).__name__}: {error}") from error
        for gone in before.keys() - self._space.keys():
            self._now.values.pop(gone, None)
        made = {n: v for n, v in self._space.items() if n not in before or before[n] is not v}
        self._note(statements, made)

    def _note(self, statements: list[ast.stmt], made: dict[str, Any]) -> None:
        """Keep what the lab's statements have bound."""
        made = {name: value for name, value in made.items() if name != "__builtins__"}
        self._now.values.update(made)
        self._now.bound.update(dict.fromkeys(made, self._now.place))
        for statement in statements:
            names = Names.of([statement])
            own = {n: names.inside.get(n, frozenset(names.reads)) for n in names.binds}
            self._now.inside.update(own)

    def _leave(self, statements: list[ast.stmt]) -> None:
        """From now on, what these bind or change is as the student's notebook has it.

        A module that it imports again is the same as before.
        """
        changed = changed_by(statements)
        values = self._now.values
        for name in bound_by(statements, imports=False) | {
            name for name in changed if isinstance(values.get(name), _CONTAINERS)
        }:
            values.pop(name, None)
            self._now.inside.pop(name, None)
            self._now.bound[name] = self._now.place


def follow(names: Iterable[str], *tables: dict[str, frozenset[str]]) -> set[str]:
    """These names, and what the functions among them look for."""
    found, waiting = set(), [*names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [n for table in tables for n in table.get(name, ())]
    return found


def _is_plain(statement: ast.stmt) -> bool:
    """Whether it is an import, a definition or a name for a value."""
    if not isinstance(statement, _CONSTANTS):
        return isinstance(statement, _DEFINITIONS)
    targets = [statement.target] if isinstance(statement, ast.AnnAssign) else statement.targets
    kinds = ast.Name | ast.Tuple | ast.List | ast.Starred | ast.expr_context
    return all(isinstance(node, kinds) for target in targets for node in ast.walk(target))


def _all_reads(statement: ast.stmt) -> set[str]:
    names = Names.of([statement])
    return names.reads.union(*names.inside.values())
