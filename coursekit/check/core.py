"""Run a student's function on seeded trials and say which mistake its answers look like.

A `Check` holds the reference, a way to draw calls, and a list of misconceptions. A misconception
has its one home here: its name, its hint, and what the mistake would give. When the answers are
wrong, the check reports the first misconception that gives the student's own wrong answers.
"""

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coursekit.check.compare import agree, difference
from coursekit.check.disguise import DISGUISES, copy_arrays, same_arrays
from coursekit.check.failure import CheckFailed, describe_call, failure_of

VISIBLE_SEED = 0

IN_PLACE_HINT = (
    "Your function changes its input. The caller still needs those values: "
    "work on a copy, and avoid `+=`, `*=` and `out=` on an argument."
)


@dataclass(frozen=True)
class Call:
    """One call of the student's function; `known` is what the reference may see besides."""

    args: tuple
    kwargs: dict[str, Any]
    known: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """A call, what the student's function returned, and what was expected."""

    call: Call
    got: Any
    want: Any


@dataclass(frozen=True)
class Misconception:
    """A mistake with a name and a hint.

    Give either `gives`, a function that computes what the mistake returns (called like the
    reference), or `probe`, a function of the student's function that is True when it is made.
    """

    name: str
    hint: str
    gives: Callable[..., Any] | None = None
    probe: Callable[..., bool] | None = None

    def __post_init__(self):
        if (self.gives is None) == (self.probe is None):
            raise ValueError(
                f"Misconception '{self.name}': expected exactly one of gives= and probe=."
            )


@dataclass(frozen=True)
class Check:
    """The check of one exercise: call it with the student's function.

    Parameters
    ----------
    name: the function's name, as in the lab
    reference: the right answer; called as the student's function, plus what is `known`
    draw: (rng, *given) -> Call; `given` are the functions that the check is handed besides
    returns: the names of what comes back, in order; one name for a single value
    misconceptions: in the order in which they are tried
    observe: (call, got) -> dict, further knowledge read off the answer (a dropout mask, say)

    Calling it raises `CheckFailed` with a hint, or prints one line and returns None.

    References: none; the idea that a failing check should teach is folklore of the field.
    """

    name: str
    reference: Callable[..., Any]
    draw: Callable[..., Call]
    returns: tuple[str, ...]
    misconceptions: tuple[Misconception, ...] = ()
    observe: Callable[[Call, Any], Mapping[str, Any]] | None = None
    trials: int = 6

    def __call__(self, student: Callable, *given: Callable) -> None:
        """The visible check: few trials, and the message shows values."""
        self._run(student, given, seed=VISIBLE_SEED, hidden=False)
        print(f"{self.name}: all visible checks passed.")

    def hidden(self, student: Callable, *given: Callable, seed: int) -> None:
        """The hidden check: more trials, arrays in disguise (float32, strided …), no values."""
        self._run(student, given, seed=seed, hidden=True)

    def hint(self, name: str) -> str:
        """The hint of the misconception called `name`; KeyError with the known names otherwise."""
        hints = {m.name: m.hint for m in self.misconceptions} | {"in_place": IN_PLACE_HINT}
        if name not in hints:
            raise KeyError(f"check.{self.name} has no misconception '{name}'. It has: {[*hints]}.")
        return hints[name]

    def _run(self, student: Callable, given: tuple, *, seed: int, hidden: bool) -> None:
        for role in (student, *given):
            if not callable(role):
                raise CheckFailed(
                    f"{self.name}: expected a function, got {type(role).__name__}. "
                    "Run the cell that defines it first."
                )
        rng = np.random.default_rng(seed)
        trials = []
        for number in range(self.trials * (2 if hidden else 1)):
            disguise = DISGUISES[number % len(DISGUISES)] if hidden else None
            trials.append(self._trial(student, given, rng, disguise))
        self._judge(student, given, trials, hidden=hidden)

    def _trial(self, student: Callable, given: tuple, rng: np.random.Generator, disguise) -> Trial:
        call = self._quietly(self.draw, (rng, *given), {}, Call((), {}))
        if disguise is not None:
            call = Call(disguise(call.args), disguise(call.kwargs), call.known)
        before = copy_arrays((call.args, call.kwargs))
        got = self._quietly(student, call.args, call.kwargs, call, hidden=disguise is not None)
        if not same_arrays(before, (call.args, call.kwargs)):
            raise self._in_place()
        call = Call(before[0], before[1], call.known)
        return Trial(call, got, self._answer(self.reference, call, got))

    def _quietly(
        self, function: Callable, args: tuple, kwargs: dict, call: Call, *, hidden: bool = False
    ) -> Any:
        """Call it; a warning on stderr must not cost points, an error becomes a sentence."""
        try:
            with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
                warnings.simplefilter("ignore")
                return function(*args, **kwargs)
        except CheckFailed:
            raise
        except (Exception, SystemExit) as error:
            if "read-only" in str(error):
                raise self._in_place() from None
            raise failure_of(self.name, error, call, hidden=hidden) from None

    def _in_place(self) -> CheckFailed:
        return CheckFailed(f"{self.name}: {IN_PLACE_HINT}", misconception="in_place")

    def _answer(self, function: Callable, call: Call, got: Any) -> Any:
        known = dict(call.known)
        if self.observe is not None:
            known |= self.observe(call, got)
        with np.errstate(all="ignore"):  # a mistake may divide by zero
            return function(*call.args, **call.kwargs, **known)

    def _judge(self, student: Callable, given: tuple, trials: list[Trial], *, hidden: bool) -> None:
        wrong = [t for t in trials if not agree(t.got, t.want)]
        for misconception in self.misconceptions:
            if self._is_made(misconception, student, given, wrong):
                shown = "" if hidden or not wrong else "\n  " + self._difference(wrong[0])
                raise CheckFailed(
                    f"{self.name}: {misconception.hint}{shown}", misconception=misconception.name
                )
        if wrong:
            detail = (
                self._difference(wrong[0])
                if not hidden
                else (
                    "wrong on a hidden case. Think of float32 or strided input, extreme "
                    "hyper-parameters, and shapes other than the visible ones."
                )
            )
            raise CheckFailed(f"{self.name}: {detail}")

    def _is_made(self, misconception, student, given, wrong) -> bool:
        if misconception.probe is not None:
            return bool(self._quietly(misconception.probe, (student, *given), {}, Call((), {})))
        return bool(wrong) and all(
            agree(t.got, self._answer(misconception.gives, t.call, t.got)) for t in wrong
        )

    def _difference(self, trial: Trial) -> str:
        return (
            f"{difference(self.returns, trial.got, trial.want)}, for {describe_call(trial.call)}."
        )
