"""Which signs, such as `a + b`, a test may ask of a student's objects: those that it is about.

An object may lie. In a lab of vectors and of numbers, a function that is to give a number gives an
object that equals all: so it is looked what the lab's own answer to this test could give.
"""

import ast
from collections.abc import Iterable

from autograder.errors import CourseError
from autograder.examiner.names import bound_by
from autograder.examiner.plain import plain
from autograder.examiner.setting import follow
from autograder.examiner.signs import signs_asked_for


class Asked:
    """What the statements of a lab define and name. sources: of cells; tests: trees of the tests.

    `all` are the signs that any class of the lab defines.
    """

    def __init__(self, sources: Iterable[str], tests: Iterable[ast.Module]) -> None:
        self._signs: dict[str, frozenset[str]] = {}
        self._leads: dict[str, frozenset[str]] = {}
        self.all = signs_asked_for([])
        for source in sources:
            for statement in _statements(source):
                self._note(statement, signs_asked_for([ast.unparse(statement)]))
        for test in tests:
            for statement in test.body:
                self._note(statement, frozenset())

    def by(self, test: ast.Module) -> frozenset[str]:
        """Those of the classes that a test names, or what it names does, and so on."""
        found = [self._signs[name] for name in follow(_names(test), self._leads) & {*self._signs}]
        return signs_asked_for([]).union(*found)

    def _note(self, statement: ast.stmt, signs: frozenset[str]) -> None:
        self.all |= signs
        for name in bound_by([statement]):
            self._signs[name] = self._signs.get(name, frozenset()) | signs
            self._leads[name] = self._leads.get(name, frozenset()) | _names(statement)


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _statements(source: str) -> list[ast.stmt]:
    try:
        return plain(source, "The cell")[0].body
    except CourseError:  # it defines no class in this language
        return []
