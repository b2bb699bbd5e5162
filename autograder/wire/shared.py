"""Arrays that both sides have, and that stay the same: what one side writes, the other sees.

An object keeps arrays between calls: a network its parameters, an optimizer what it is to change.
A test that takes `net.w` and adds a little to one number means the network's own. So each array
that crosses has a name; both sides keep it, and every message says which were written to since.
"""

import sys
from typing import Any

import numpy as np

from autograder.wire.terms import OWNERS, Ref, WireError

Place = tuple[str, int]  # whose it was first, and its number there

_MOST, _MOST_BYTES = 10_000, 64 * 2**20  # of the arrays that are shared; others cross as copies


class SharedArrays:
    """One side's part. Nothing is shared before it is `active`."""

    def __init__(self, me: str) -> None:
        self.active = False
        self._me, self._bytes = me, 0
        self._arrays: dict[Place, np.ndarray] = {}
        self._places: dict[int, Place] = {}  # by id: the arrays are kept, so no other gets it
        self._known: dict[Place, bytes] = {}  # what the other side has in it
        self._held: set[Place] = set()  # those that somebody may have written to since

    def begin(self) -> None:
        """Share from now on, as the other side does."""
        self.active = True

    def forget(self) -> None:
        """Say all again: a message did not go."""
        self._known = dict.fromkeys(self._known, b"")

    def shares(self, array: np.ndarray) -> bool:
        """Whether it crosses by its name."""
        if id(array) in self._places:
            return True
        fits = len(self._arrays) < _MOST and self._bytes + array.nbytes <= _MOST_BYTES
        return fits and type(array) is np.ndarray and array.size > 0 and array.flags.writeable

    def refer(self, array: np.ndarray) -> Ref:
        """Its name, and what is in it if that is news."""
        place = self._places.get(id(array))
        if place is None:
            place = self._me, len(self._arrays)
            self._keep(place, array)
        self._held.add(place)
        content = array.tobytes()
        is_news = self._known.get(place) != content
        self._known[place] = content
        return Ref(*place, "array", "", array if is_news else None)

    def resolve(self, ref: Ref) -> np.ndarray:
        """The array that is named. Raises WireError where it is not known and not told."""
        place = ref.owner, ref.number
        mine = self._arrays.get(place)
        if mine is None:
            if not isinstance(ref.state, np.ndarray) or not self.shares(ref.state):
                raise WireError("Expected an array that can be shared.")
            self._keep(place, ref.state)
            self._known[place] = ref.state.tobytes()
            return ref.state
        self._held.add(place)
        if ref.state is not None:
            if not isinstance(ref.state, np.ndarray) or ref.state.shape != mine.shape:
                raise WireError("Expected what is in an array that is shared.")
            self._write(place, ref.state.astype(mine.dtype).tobytes())
        return mine

    def changed(self) -> list[tuple[str, int, bytes]]:
        """What was written to since the other side was told."""
        news = []
        if not self.active:
            return news
        for place in [*self._held]:
            content = self._arrays[place].tobytes()
            if content != self._known[place]:
                self._known[place] = content
                news.append((*place, content))
            if _references(self._arrays, place) == _ALONE:  # from now on nobody can write to it
                self._held.remove(place)
        return news

    def heard(self, news: Any) -> None:
        """Write what was written there. Raises WireError for what makes no sense."""
        for told in news:
            if type(told) is not tuple or [*map(type, told)] != [str, int, bytes]:
                raise WireError("Expected the name of an array and what is in it.")
            self._write(told[:2], told[2])

    def _keep(self, place: Place, array: np.ndarray) -> None:
        if place[0] not in OWNERS or place in self._arrays:
            raise WireError("Expected a new name for a new array.")
        self._arrays[place], self._places[id(array)] = array, place
        self._held.add(place)
        self._bytes += array.nbytes

    def _write(self, place: Place, content: bytes) -> None:
        mine = self._arrays.get(place)
        if mine is None or len(content) != mine.nbytes:
            raise WireError("Expected what is in an array that is shared.")
        if mine.flags.writeable:
            mine[...] = np.frombuffer(content, mine.dtype).reshape(mine.shape)
        self._known[place] = content


def _references(arrays: dict[Any, np.ndarray], place: Any) -> int:
    return sys.getrefcount(arrays[place])


_ALONE = _references({0: np.empty(0)}, 0)
