"""Objects of which both sides have a copy, by the side that had it first and a number."""

from collections.abc import Callable
from typing import Any

from autograder.wire.terms import WireError

_MOST = 20_000

Place = tuple[str, int]


class Places:
    """What is shared, found by its place, and the place of what is shared."""

    def __init__(self, me: str) -> None:
        self.me = me
        self._things: dict[Place, Any] = {}
        self._places: dict[int, Place] = {}  # by id: what is shared is kept, so no other gets it

    def of(self, thing: object) -> Place | None:
        """Its place, if it is shared."""
        return self._places.get(id(thing))

    def add(self, thing: object) -> Place:
        """Its place, which it gets if it has none."""
        return self.of(thing) or self.put((self.me, len(self._things)), thing)

    def put(self, place: Place, thing: object) -> Place:
        """Share it there. Raises WireError where there are too many."""
        if len(self._things) >= _MOST:
            raise WireError(f"Expected at most {_MOST:,} tensors and modules, got more.")
        self._things[place] = thing
        self._places[id(thing)] = place
        return place

    def find(self, place: Place, kind: type) -> Any:
        """What is there. Raises WireError if it is none of that kind."""
        thing = self._things.get(place)
        if not isinstance(thing, kind):
            raise WireError(f"Expected the place of a {kind.__name__}, got {place!r:.60}.")
        return thing

    def ensure(self, place: Place, make: Callable[[], Any]) -> None:
        """Put there what is made, if there is nothing; no side makes what the other had first."""
        if place not in self._things:
            if place[0] == self.me:
                raise WireError(f"Expected something known, got the place {place!r:.60}.")
            self.put(place, make())

    def all_of(self, kind: type) -> list[Any]:
        """All that is shared of that kind."""
        return [thing for thing in self._things.values() if isinstance(thing, kind)]


def place_of(owner: object, number: object) -> Place:
    """The place that they say, or WireError."""
    if owner not in ("examiner", "candidate") or type(number) is not int:
        raise WireError(f"Expected a place, got {owner!r:.40} and {number!r:.40}.")
    return str(owner), number
