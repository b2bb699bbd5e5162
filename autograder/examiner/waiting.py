"""Which tests can wait until all cells have run, because no later cell changes what they see.

A copy of the candidate at the place of each test is exact for any notebook, and takes as long as
all else that is done for an exercise. Most notebooks only define functions, which nothing earlier
can know of: then one copy at the end is the same.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

from autograder.wire.terms import WireError


@dataclass(frozen=True)
class Effects:
    """Names that a cell reads, and those that it binds where it does nothing else.

    None where that is not known. The candidate says it: a lie only changes what its own work is
    marked by.
    """

    reads: frozenset[str] | None = None
    binds: frozenset[str] | None = None

    @classmethod
    def of(cls, told: Any) -> "Effects":
        """From what a candidate says; WireError where it makes no sense."""
        if told is None:
            return cls()
        kinds = [*map(type, told)] if isinstance(told, tuple) else [type(told)]
        if kinds not in ([list, list], [list, NoneType]):
            raise WireError(f"expected the effects of a cell, got {kinds}")
        reads, binds = told
        try:
            return cls(frozenset(reads), None if binds is None else frozenset(binds))
        except TypeError as error:
            raise WireError(f"expected the names in a cell: {error}") from error


def waiting(cells: Sequence[Effects | Collection[str]]) -> Iterator[int]:
    """The places of the tests that can wait.

    cells: the effects of each cell that is run, and for each test the names that it wants.
    """
    later: frozenset[str] | None = frozenset()
    bound_after = []
    for cell in reversed(cells):
        bound_after.append(later)
        if isinstance(cell, Effects):
            later = None if later is None or cell.binds is None else later | cell.binds
    read: frozenset[str] | None = frozenset()
    for place, (cell, bound) in enumerate(zip(cells, reversed(bound_after), strict=True)):
        if isinstance(cell, Effects):
            read = None if read is None or cell.reads is None else read | cell.reads
        elif read is not None and bound is not None and not bound & (read | {*cell}):
            yield place
