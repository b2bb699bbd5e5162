"""The values of a lab, as they are before any test: what a test does to them is undone."""

import contextlib
import copy
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

_CONTAINERS = list | dict | set | np.ndarray


def uncopied(values: Iterable[Any]) -> dict[int, Any]:
    """Those that cannot be copied, modules for one, as `copy.deepcopy` takes them: by their ids."""
    return {id(value): value for value in values if not _can_be_copied(value)}


def copied(values: dict[str, Any]) -> dict[str, Any]:
    """Copies that share what the values share; what cannot be copied is as it was."""
    return copy.deepcopy(values, uncopied(values.values()))


@dataclass(frozen=True)
class State:
    """What a class of the lab holds besides what Python gives it: counters, records, methods."""

    kind: type
    values: dict[str, Any]

    @classmethod
    def of_classes(cls, values: Iterable[Any]) -> "list[State]":
        """Of all that cells have defined, each once."""
        own = {id(v): v for v in values if isinstance(v, type) and v.__module__ == "__main__"}
        return [cls(v, _held(v)) for v in own.values() if not issubclass(v, Enum)]

    def restore(self, memo: dict[int, Any]) -> None:
        """Make the class hold the same again. memo: the copies that were made of other values."""
        for name in _held(self.kind).keys() - self.values.keys():
            delattr(self.kind, name)
        for name, value in self.values.items():
            again = _again(value, memo)
            if vars(self.kind).get(name) is not again:
                setattr(self.kind, name, again)


def _held(kind: type) -> dict[str, Any]:
    return {name: value for name, value in vars(kind).items() if not name.startswith("__")}


def _again(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, _CONTAINERS):
        with contextlib.suppress(Exception):
            return copy.deepcopy(value, memo)
    return value


def _can_be_copied(value: Any) -> bool:
    """False for modules, and what holds one."""
    try:
        copy.deepcopy(value)
    except Exception:
        return False
    return True
