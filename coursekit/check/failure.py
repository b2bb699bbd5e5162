"""What a student reads when a check fails: a sentence, not a traceback."""

import traceback

import numpy as np


class CheckFailed(AssertionError):
    """A check failed; the message is the hint, `misconception` the name of the mistake if known."""

    def __init__(self, message: str, *, misconception: str | None = None):
        super().__init__(message)
        self.misconception = misconception

    def _render_traceback_(self) -> list[str]:
        """IPython shows this instead of a traceback, whose lines would quote the test cell."""
        return [f"{type(self).__name__}: {self}"]


class NotAttempted(CheckFailed):
    """The exercise still holds its stub."""


class AnswerRaised(CheckFailed):
    """The student's code raised an exception of its own."""


def describe_call(call) -> str:
    """The arguments of a call in a few words: arrays by shape, numbers by value."""
    words = [_describe(value) for value in call.args]
    words += [f"{name}={_describe(value)}" for name, value in call.kwargs.items()]
    return "arguments " + ", ".join(words)


def failure_of(name: str, error: BaseException, call, *, hidden: bool = False) -> CheckFailed:
    """The failure to report for what the student's function raised, with the student's own line.

    hidden: the call is not to be known, and the error's words may quote it.
    """
    if isinstance(error, NotImplementedError):
        return NotAttempted(
            f"{name}: not implemented yet. Replace `raise NotImplementedError()` by your code."
        )
    line = _line_of(error)
    where = f" in the line `{line}`" if line else ""
    if hidden:
        kind = type(error).__name__ if type(error).__module__ == "builtins" else "an error"
        return AnswerRaised(f"{name}: on a hidden case your code raised {kind}{where}.")
    called = f" Called with {describe_call(call)}." if call.args or call.kwargs else ""
    return AnswerRaised(f"{name}: your code raised {type(error).__name__}: {error}{where}.{called}")


def _line_of(error: BaseException) -> str | None:
    """The last line of a notebook cell that the error went through.

    It comes with the error (`student_line`) where the code ran in another process.
    """
    frames = traceback.extract_tb(error.__traceback__)
    here = next((f.line for f in reversed(frames) if _is_cell(f.filename)), None)
    return here or getattr(error, "student_line", None)


def _is_cell(filename: str) -> bool:
    return "ipykernel_" in filename or "<ipython-input" in filename


def _describe(value) -> str:
    if isinstance(value, np.ndarray):
        return f"array{value.shape}"
    if isinstance(value, np.random.Generator):
        return "a Generator"
    if callable(value):
        return "a function"
    if isinstance(value, (bool, str)) or not np.isscalar(value):
        return repr(value) if isinstance(value, (bool, str)) else type(value).__name__
    return f"{value:.6g}"
