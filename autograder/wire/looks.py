"""Looking into objects, by attributes: who may see and change what.

The examiner may look into a candidate's objects as into any others. A candidate may look into
instances of the lab's own classes, for that is what they are for, and into nothing else of the
examiner: from the attributes of almost any object a way leads to all of Python.
"""

import copy
import functools
import inspect
from types import SimpleNamespace
from typing import Any

from autograder.wire.protocols import OPEN, perform, signs_of
from autograder.wire.terms import LAB, WireError


class Looks:
    """What can be asked for of `known(number)`, one end's own object. me: whose they are."""

    def __init__(self, me: str, known: Any) -> None:
        self._known, self._trusting = known, me == "candidate"
        self.verbs = {"get": self._get, "set": self._set, "delete": self._delete}
        self.verbs["perform"] = self._perform
        if self._trusting:
            self.verbs |= {"signature": self._signature, "deepcopy": self._copy}

    def description(self, thing: object) -> tuple | None:
        """What a stand-in has to know: signs, and the names of its classes that a cell defines."""
        told = self.signs(thing), cell_classes(type(thing))
        return told if any(told) else None

    def signs(self, thing: object) -> tuple[str, ...]:
        """Python's signs that the other side may use on it."""
        signs = signs_of(type(thing))
        return signs if self._may_look_into(thing) else tuple(s for s in signs if s in OPEN)

    def _may_look_into(self, thing: object) -> bool:
        return self._trusting or is_of_the_lab(thing)

    def _perform(self, number: int, name: str, args: tuple) -> list:
        thing = self._known(number)
        if not self._may_look_into(thing) and [*map(type, args)] not in ([], [int]):
            raise TypeError("Expected the number of an item.")
        return perform(thing, name, args, self.signs(thing))

    def _get(self, number: int, name: str) -> Any:
        return getattr(self._open(number, name), name)

    def _set(self, number: int, name: str, value: Any) -> None:
        setattr(self._changing(number, name), name, value)

    def _delete(self, number: int, name: str) -> None:
        delattr(self._changing(number, name), name)

    def _copy(self, number: int) -> Any:
        return copy.deepcopy(self._known(number))

    def _signature(self, number: int) -> list[tuple]:
        parameters = inspect.signature(self._known(number)).parameters.values()
        return [
            (p.name, int(p.kind), () if p.default is p.empty else (p.default,)) for p in parameters
        ]

    def _open(self, number: int, name: str) -> Any:
        """The object, if its attribute of this name may be seen."""
        thing = self._known(number)
        if type(name) is not str:
            raise WireError(f"Expected the name of an attribute, got {name!r:.40}.")
        if not self._may_look_into(thing) or (not self._trusting and name.startswith("_")):
            raise AttributeError(f"what the tests pass here has no attribute {name!r:.60}")
        return thing

    def _changing(self, number: int, name: str) -> Any:
        """The object, if its attribute may be changed: what its class can do stays as it is."""
        thing = self._open(number, name)
        if not self._trusting and callable(getattr(type(thing), name, None)):
            raise AttributeError(f"the method {name:.60} cannot be replaced here")
        return thing


@functools.lru_cache(maxsize=1000)
def cell_classes(kind: type) -> tuple[str, ...]:
    """The names of those of a class's bases, itself among them, that a cell defines."""
    return tuple(base.__qualname__ for base in kind.__mro__ if base.__module__ == LAB)


def is_of_the_lab(thing: object) -> bool:
    """Whether it is an instance of a class that a cell of the notebook defines, or a namespace."""
    kind = type(thing)
    return kind is SimpleNamespace or (kind.__module__ == LAB and not issubclass(kind, type))
