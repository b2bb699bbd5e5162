"""Which of Python's signs, such as `a + b`, a lab asks of the objects that students make."""

import ast
from collections.abc import Iterable, Iterator

from autograder.errors import CourseError
from autograder.examiner.plain import plain
from autograder.wire.protocols import HARMLESS, SIGNS

_OF_DATACLASSES = ("__eq__", "__lt__", "__le__", "__gt__", "__ge__")


def signs_asked_for(sources: Iterable[str]) -> frozenset[str]:
    """Those that the classes in these cells, an answer among them, define; and the harmless ones.

    >>> "__add__" in signs_asked_for(["class Vector:\\n    def __add__(self, other): ..."])
    True
    """
    defined = {name for source in sources for name in _methods(source)}
    return frozenset({*HARMLESS, *(sign for sign in SIGNS if sign in defined)})


def asks_for_classes(sources: Iterable[str]) -> bool:
    """Whether one of these cells defines a class, whose objects may keep what they are given."""
    return any(isinstance(node, ast.ClassDef) for source in sources for node in _nodes(source))


def _methods(source: str) -> Iterator[str]:
    for node in _nodes(source):
        if isinstance(node, ast.ClassDef):
            if any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
                yield from _OF_DATACLASSES
            for part in node.body:
                yield from _bound(part)


def _bound(part: ast.stmt) -> list[str]:
    """The names that a definition, or an assignment such as `__radd__ = __add__`, binds."""
    if isinstance(part, ast.FunctionDef):
        return [part.name]
    targets = part.targets if isinstance(part, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _nodes(source: str) -> Iterator[ast.AST]:
    try:
        return ast.walk(plain(source, "The cell")[0])
    except CourseError:  # it defines no class in this language
        return iter(())
