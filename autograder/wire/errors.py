"""Errors that cross: a name, a sentence and a line, never an object."""

import builtins
import traceback

_LONGEST = 2000  # characters
# As themselves these would end a loop of the caller as if it had run through.
_ENDS_LOOPS = (StopIteration, StopAsyncIteration)


def said(error: BaseException, *, own: bool, number: int) -> tuple[str, str, str, int]:
    """What the other side is told: type, message, the student's line, and a number to know it by.

    own: whether it may know more than the type: not of the examiner's errors, which may quote a
    test. An error that came from over there goes home under the number that it has there, negated.
    """
    number = -getattr(error, "number_there", -number)
    if not own:
        return type(error).__name__, "the function that was passed in failed", "", number
    return type(error).__name__[:100], _text(error), _line(error), number


def error_of(name: str, text: str, line: str, number: int, own: list[BaseException]) -> Exception:
    """What to raise here: an own error that comes back, a built-in one, or one of that name."""
    if 0 < -number <= len(own) and isinstance(mine := own[-number - 1], Exception):
        return mine
    error = _made(name[:100], text[:_LONGEST])
    error.number_there, error.student_line = max(number, 0), line[:_LONGEST]  # pyright: ignore[reportAttributeAccessIssue]
    return error


def _made(name: str, text: str) -> Exception:
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, _ENDS_LOOPS):
        try:
            return kind(text)
        except TypeError:  # some want more than a message
            pass
    return type(name if name.isidentifier() else "Error", (Exception,), {})(text)


def _text(error: BaseException) -> str:
    try:
        return _sendable(str(error)[:_LONGEST])
    except Exception:
        return "an error that cannot be printed"


def _line(error: BaseException) -> str:
    """The last line of a notebook cell that the error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.line for f in frames if f.line and f.filename.startswith("<ipython-input")]
    return _sendable(lines[-1][:_LONGEST]) if lines else ""


def _sendable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
