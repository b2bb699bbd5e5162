"""What a function did to the arrays, lists, dicts and sets that it was given, to be done again."""

from collections.abc import Iterable, Sequence
from typing import Any

from autograder.wire.terms import WireError

Container = list | dict | set


def containers(content: Iterable[Any]) -> list[Container]:
    """The lists, dicts and sets in the arguments of a request, in an order of their own.

    The parts of `content` are not among them: they are made for the request.
    """
    return [box for part in content for value in _values(part) for box in _within(value)]


def _within(value: Any) -> list[Container]:
    kind = type(value)  # isinstance would ask the object
    if not issubclass(kind, (tuple, list, dict, set)):
        return []
    inner = [box for part in _values(value) for box in _within(part)]
    return inner if issubclass(kind, tuple) else [value, *inner]


def _values(value: Any) -> Iterable[Any]:
    if issubclass(type(value), dict):
        return value.values()
    return value if issubclass(type(value), (tuple, list)) else ()


def change_of(box: Any, before: Any) -> tuple | None:
    """What makes of a container that is as before what it is now; None for nothing."""
    if isinstance(box, set):
        return (box - before, before - box) if box != before else None
    if isinstance(box, dict):
        new = {k: v for k, v in box.items() if k not in before or v is not before[k]}
        gone = before.keys() - box.keys()
        return (new, gone) if new or gone else None
    known = len(before)
    new = {i: v for i, v in enumerate(box) if i >= known or v is not before[i]}
    return (new, len(box)) if new or len(box) != known else None


def carry_over(changes: dict, boxes: Sequence[Container]) -> None:
    """Do these changes to our containers. Raises WireError where they make no sense."""
    for place, change in changes.items():
        if not isinstance(place, int) or not 0 <= place < len(boxes):
            raise WireError(f"Expected the place of a container, got {place!r:.40}.")
        if not (isinstance(change, tuple) and len(change) == 2):
            raise WireError(f"Expected the change of a container, got {type(change).__name__}.")
        _do(boxes[place], *change)


def _do(box: Container, new: Any, rest: Any) -> None:
    """rest: what is gone, or how long a list is."""
    kinds = set if isinstance(box, set) else dict, int if isinstance(box, list) else set
    if (type(new), type(rest)) != kinds:
        raise WireError(f"Expected the change of a {type(box).__name__}, got another one.")
    if isinstance(box, list):
        known = {**dict(enumerate(box)), **new}
        if rest > len(known) or any(i not in known for i in range(rest)):
            raise WireError(f"Expected what is new in a list of {rest}.")
        box[:] = [known[i] for i in range(rest)]
    elif isinstance(box, set):
        box -= rest
        box |= new
    else:
        for key in rest:
            box.pop(key, None)
        for key, value in new.items():  # a Counter's update adds
            box[key] = value
