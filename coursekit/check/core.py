"""Run a student's function on seeded trials and say which mistake its answers look like.

A `Check` holds the reference, a way to draw calls, and a list of misconceptions. A misconception
has its one home here: its name, its hint, and what the mistake would give. When the answers are
wrong, the check reports the first misconception that gives the student's own wrong answers.
"""

import contextlib
import io
import operator
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coursekit.check.compare import agree, difference
from coursekit.check.disguise import DISGUISES, as_is, copy_arrays, same_arrays
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


def each_answer(function: Callable, calls: Sequence[Call]) -> Iterator[Any]:
    """What the function answers to each call, made when it is asked for.

    A function of another process, where students' work is marked, has a method `each_answer` of
    its own, which makes the calls together: a message there takes longer than most answers.
    """
    if make := getattr(type(function), "each_answer", None):
        return make(function, [(call.args, call.kwargs) for call in calls])
    return map(lambda call: function(*call.args, **call.kwargs), calls)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """A warning on stderr must not cost points."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


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
    reference), or `probe`, a function of the student's function that is True when it is made (of
    what the check's `evidence` makes of it, where there is any).
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
    evidence: (student, *given) -> what the probes look at, made once for all of them; by default
        they are handed the functions themselves

    Calling it raises `CheckFailed` with a hint, or prints one line and returns None.

    References: none; the idea that a failing check should teach is folklore of the field.
    """

    name: str
    reference: Callable[..., Any]
    draw: Callable[..., Call]
    returns: tuple[str, ...]
    misconceptions: tuple[Misconception, ...] = ()
    observe: Callable[[Call, Any], Mapping[str, Any]] | None = None
    evidence: Callable[..., Any] | None = None
    trials: int = 6
    _probed: list[weakref.ref] = field(default_factory=list, init=False, repr=False, compare=False)

    def __call__(self, student: Callable, *given: Callable) -> None:
        """The visible check: few trials, and the message shows values."""
        with _quiet():
            self._run(student, given, seed=VISIBLE_SEED, hidden=False)
        with contextlib.suppress(TypeError):  # of some callables there is no weak reference
            self._probed[:] = map(weakref.ref, (student, *given))
        print(f"{self.name}: all visible checks passed.")

    def hidden(self, student: Callable, *given: Callable, seed: int) -> None:
        """The hidden check: more trials, arrays in disguise (float32, strided …), no values.

        Probes ask the same whatever the seed: functions that have just passed the visible check
        are not asked again.
        """
        with _quiet():
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
        disguises = [DISGUISES[number % len(DISGUISES)] for number in range(2 * self.trials)]
        disguises = disguises if hidden else self.trials * [as_is]
        drawn = (self._drawn(given, rng, disguise) for disguise in disguises)
        # A call that is drawn with the student's own forward pass is made before the next one.
        groups = ([call] for call in drawn) if given else [[*drawn]]
        trials = [t for calls in groups for t in self._tried(student, calls, hidden=hidden)]
        self._judge(student, given, trials, hidden=hidden)

    def _drawn(self, given: tuple, rng: np.random.Generator, disguise: Callable) -> Call:
        call = self._in_words(self.draw, (rng, *given), {}, Call((), {}))
        return Call(disguise(call.args), disguise(call.kwargs), call.known)

    def _tried(self, student: Callable, calls: list[Call], *, hidden: bool) -> list[Trial]:
        """Every call made, and none that changed what it was given."""
        kept = [Call(copy_arrays(c.args), copy_arrays(c.kwargs), c.known) for c in calls]
        answers, trials = each_answer(student, calls), []
        for call, before in zip(calls, kept, strict=True):
            got = self._in_words(next, (answers,), {}, call, hidden=hidden)
            if not same_arrays((before.args, before.kwargs), (call.args, call.kwargs)):
                raise self._in_place()
            trials.append(Trial(before, got, self._answer(self.reference, before, got)))
        return trials

    def _in_words(
        self, function: Callable, args: tuple, kwargs: dict, call: Call, *, hidden: bool = False
    ) -> Any:
        """Call it; an error becomes a sentence."""
        try:
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
        roles = (student, *given)
        clean = hidden and self._have_passed(roles)
        probed = (self.evidence(*roles),) if self.evidence and not clean else roles
        for misconception in self.misconceptions:
            if not (clean and misconception.probe) and self._is_made(misconception, probed, wrong):
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

    def _have_passed(self, roles: tuple) -> bool:
        """Whether the visible check was the last one, and of these functions."""
        known = [reference() for reference in self._probed]
        return len(known) == len(roles) and all(map(operator.is_, known, roles))

    def _is_made(self, misconception: Misconception, probed: tuple, wrong: list[Trial]) -> bool:
        if misconception.probe is not None:
            return bool(self._in_words(misconception.probe, probed, {}, Call((), {})))
        gives = misconception.gives
        if gives is None or not wrong:
            return False
        return all(agree(t.got, self._answer(gives, t.call, t.got)) for t in wrong)

    def _difference(self, trial: Trial) -> str:
        return (
            f"{difference(self.returns, trial.got, trial.want)}, for {describe_call(trial.call)}."
        )
