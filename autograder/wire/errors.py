"""Errors that cross: their classes' names, what they say and hold, and a line; never an object.

Who raises an error only says what its function did. So an error of that name may be a built-in one,
one that the notebook defines on both sides, or one of some libraries, but none that does more than
to end a call: with a test's skip or the end of a loop, a test would end as if it had gone well.
"""

import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.wire.terms import LAB, WireError

_MODULES = {  # of errors that both sides have by the same name
    *("numpy.linalg", "numpy.exceptions", "torch", "pandas.errors", "sklearn.exceptions"),
    *("builtins", "json.decoder", "dataclasses", "decimal", "statistics", "zipfile"),
}
# As themselves these would end a loop of the caller as if it had run through.
_ENDS_LOOPS = (StopIteration, StopAsyncIteration)
_NOT_THEIRS = ("misconception", "number_there", "student_line")  # what the examiner asks for
_LONGEST = 2000  # characters
_MOST, _DEEPEST = 100, 3  # values of a container, attributes; containers or causes in each other
_MOST_CLASSES = 1000
_HIDDEN = "the function that was passed in failed"


class Errors:
    """What one end knows of errors: its own that were told, and classes of the other side's.

    open: whether the other side may know more than the class of the own ones: not of the
    examiner's, which may quote a test. `names` are those of the notebook's cells, `lines` all
    that can have failed: any other would say what hidden tests pass to a function.
    """

    def __init__(self, *, open: bool) -> None:
        self.names: Mapping[str, Any] = {}
        self.lines: set[str] = set()
        self._open = open
        self._own: list[BaseException] = []
        self._theirs: dict[tuple, type[Exception]] = {}

    def said(self, error: BaseException) -> tuple:
        """What the other side is told of an own error, which is kept.

        Its name, its message, the student's line, a number to know it by (an error that came from
        over there goes home under the one that it has there, negated), and more where that does not
        say all.
        """
        self._own.append(error)
        number = -getattr(error, "number_there", -len(self._own))
        if self._open:
            return _told(error, number, depth=0)
        kind = type(error)
        more = [(class_names(kind), (), {}, None)] if kind.__module__ == LAB else []
        return kind.__name__[:100], _HIDDEN, "", number, *more

    def error_of(self, told: Sequence) -> Exception:
        """What to raise: an own error that comes back, or one of that class. Raises WireError."""
        _, _, line, number, *_ = _checked(told)
        if 0 < -number <= len(self._own) and isinstance(mine := self._own[-number - 1], Exception):
            return mine
        error = self._made(told, depth=0)
        line = line if line in self.lines else ""
        vars(error).update(number_there=max(number, 0), student_line=line)
        return error

    def class_of(self, names: Any) -> type[Exception]:
        """The class of these names, its own and those of its bases. Raises WireError."""
        if not (isinstance(names, tuple) and names and all(isinstance(n, str) for n in names)):
            raise WireError(f"Expected the names of classes, got {type(names).__name__}.")
        known = [*map(self._known, names[:_MOST])]
        if known[0]:
            return known[0]
        if names in self._theirs:
            return self._theirs[names]
        kind = _derived(names[0].rpartition(":")[2], next(filter(None, known), Exception))
        if len(self._theirs) < _MOST_CLASSES:
            self._theirs[names] = kind
        return kind

    def _known(self, name: str) -> type[Exception] | None:
        module, _, own_name = name.partition(":")
        if module == LAB:
            found = self.names.get(own_name)
        else:
            found = getattr(sys.modules.get(module), own_name, None) if module in _MODULES else None
        kind: Any = found if issubclass(type(found), type) else None  # a stand-in says it is one
        if kind is None or (module == LAB and kind.__module__ != LAB):
            return None
        may_be_raised = issubclass(kind, Exception) and not issubclass(kind, _ENDS_LOOPS)
        return kind if may_be_raised else None

    def _made(self, told: Sequence, depth: int) -> Exception:
        name, text, _, _, *more = _checked(told)
        text = text[:_LONGEST]
        names, args, attributes, cause = more[0] if more else ((), (text,), {}, None)
        plain = self._known(f"builtins:{name}")
        kind = plain if plain and not names else self.class_of(names or (f"{LAB}:{name[:100]}",))
        error = _instance(kind, args, attributes, text)
        if cause and depth < _DEEPEST:
            error.__cause__ = self._made(cause, depth + 1)
        return error


def class_names(kind: type) -> tuple[str, ...]:
    """The names of an error's class and its bases, each with its module."""
    bases = [base for base in kind.__mro__ if issubclass(base, BaseException)][:_MOST]
    return tuple(sendable(f"{base.__module__}:{base.__qualname__}"[:200]) for base in bases)


def _told(error: BaseException, number: int, depth: int) -> tuple:
    kind, text = type(error), _text(error)
    try:
        more = _more(error, text, depth)
    except Exception:  # student code may be asked, which may do anything
        more = []
    return sendable(kind.__name__[:100]), text, _line(error), number, *more


def _more(error: BaseException, text: str, depth: int) -> list[tuple]:
    """What the name and the message of an error do not say."""
    kind, args = type(error), _plain(error.args, (text,))
    own = kind.__module__ != "builtins"
    attributes = _attributes(vars(error)) if own else {}
    cause = error.__cause__ if depth < _DEEPEST else None
    if not own and cause is None and len(args) == 1 and type(args[0]) is str and args[0] == text:
        return []
    names = class_names(kind) if own else ()
    return [(names, args, attributes, _told(cause, 0, depth + 1) if cause else None)]


def _checked(told: Sequence) -> Sequence:
    """What was told, if it has the form that `said` gives."""
    head, more = [*told[:4]], [*told[4:]]
    if [*map(type, head)] != [str, str, str, int] or len(more) > 1:
        raise WireError(f"Expected what to say of an error, got {len(told)} other things.")
    if more:
        parts = [*map(type, more[0])] if isinstance(more[0], tuple) else []
        if parts[:3] != [tuple, tuple, dict] or parts[3:] not in ([type(None)], [tuple]):
            raise WireError("Expected what more there is of an error.")
    return told


def _instance(kind: type[Exception], args: tuple, attributes: dict, text: str) -> Exception:
    """An error of this class; of its name alone if it cannot be made."""
    short = _plain(args, (text,))
    args = short if len(repr(short)) <= 2 * _LONGEST else (text,)
    try:
        return _with_parts(kind, args, _attributes(attributes), text)
    except Exception:  # a class may want anything of what it is made of
        return _with_parts(_derived(kind.__name__, Exception), (text,), {}, text)


def _with_parts(kind: type[Exception], args: tuple, attributes: dict, text: str) -> Exception:
    made = kind.__module__ in (LAB, _DERIVED)
    try:
        error = kind.__new__(kind, *args) if made else kind(*args)
    except TypeError:  # its args are not what it was made with
        error = kind.__new__(kind, *args)
    vars(error).update(attributes)
    if kind.__module__ == _DERIVED:
        vars(error)["_text"] = text
    if len(str(error)) > 2 * _LONGEST:
        raise ValueError("too long a message")
    return error


_DERIVED = "notebook"  # the module of classes that are made here


def _derived(name: str, base: type[Exception]) -> type[Exception]:
    """A class of that name, whose errors say what they are told to have said."""

    def __str__(self: Any) -> str:
        return vars(self).get("_text") or super(kind, self).__str__()

    name = name.rpartition(".")[2]
    parts = {"__str__": __str__, "__module__": _DERIVED}
    kind = type(name[:100] if name.isidentifier() else "Error", (base,), parts)
    return kind


def _plain(value: Any, otherwise: Any) -> Any:
    """The value if it is plain data of a sensible size."""
    return value if _is_plain(value, 0) else otherwise


def _is_plain(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind in (type(None), bool, float, complex):
        return True
    if kind is int:
        return value.bit_length() < 1024
    if kind in (str, bytes):
        return len(value) <= _LONGEST and (kind is bytes or sendable(value) == value)
    if kind is np.ndarray or isinstance(value, np.generic):
        return value.dtype.kind in "biuf" and value.itemsize <= 8 and value.size <= _MOST
    if kind is dict:
        inner = [*value, *value.values()]
        keys = all(type(key) in (str, int) for key in value)
        return depth < _DEEPEST and keys and _are_plain(inner, depth)
    return kind in (tuple, list) and depth < _DEEPEST and _are_plain([*value], depth)


def _are_plain(values: list, depth: int) -> bool:
    return len(values) <= 2 * _MOST and all(_is_plain(value, depth + 1) for value in values)


def _attributes(held: dict) -> dict[str, Any]:
    """What can be told of an error's attributes: the plain ones."""
    pairs = [*held.items()][:_MOST]
    public = [(k, v) for k, v in pairs if type(k) is str and k.isidentifier() and k[0] != "_"]
    return {k: v for k, v in public if k not in _NOT_THEIRS and len(k) < 100 and _is_plain(v, 0)}


def _text(error: BaseException) -> str:
    try:
        return sendable(str(error)[:_LONGEST])
    except Exception:
        return "an error that cannot be printed"


def _line(error: BaseException) -> str:
    """The last line of a notebook cell that the error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.line for f in frames if f.line and f.filename.startswith("<ipython-input")]
    return sendable(lines[-1][:_LONGEST]) if lines else ""


def sendable(text: str) -> str:
    """The text without half surrogate pairs, which no message can hold."""
    return text.encode("utf-8", "backslashreplace").decode()
