"""Lists and dicts that a test took from a student's object: what it does to them is done there too.

`net.params["w"] = w` takes the dict of the network and changes it. What crossed is a copy, so the
next message says what became of it.
"""

import sys
from typing import Any

from autograder.wire.changes import Container, carry_over, change_of
from autograder.wire.terms import WireError

_MOST = 1000  # that are watched; of others, changes are seen here alone


class Lent:
    """The examiner's book of them."""

    def __init__(self) -> None:
        self._books: list[tuple[int, str, Any, Any]] = []  # object, attribute, it, as it was

    def note(self, number: int, name: str, value: Any) -> Any:
        """The value of an attribute, which is watched from now on if it can be changed."""
        if type(value) in (list, dict, set) and len(self._books) < _MOST:
            self._books.append((number, name, value, value.copy()))
        return value

    def changed(self) -> list[tuple[int, str, tuple]]:
        """What was done to them since; those that nobody holds any more are forgotten."""
        books, self._books = self._books, []
        changes = []
        while books:
            number, name, box, before = books.pop()
            if change := change_of(box, before):
                changes.append((number, name, change))
            if sys.getrefcount(box) > _ALONE:
                self._books.append((number, name, box, box.copy()))
        return changes[::-1]


def change_there(thing: Any, name: str, change: Any) -> None:
    """Do it to the object's own. Raises WireError where that is no container."""
    box = getattr(thing, name, None)
    if not isinstance(box, Container):
        raise WireError(f"Expected a list or dict {name!r:.40}.")
    carry_over({0: change}, [box])


def _references_in(books: list) -> int:
    """To a container that only this book knows."""
    _, _, box, _ = books.pop()
    return sys.getrefcount(box)


_ALONE = _references_in([(0, "", [], [])])
