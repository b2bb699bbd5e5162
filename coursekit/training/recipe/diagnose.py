"""Step seven: read the curves of a run, and say what they show."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.training.callbacks import History, diverges
from coursekit.training.recipe.curves import Curves, read
from coursekit.training.recipe.verdict import Verdict

MIN_EPOCHS = 6  # two for each third
NO_GUESS = 10.0  # a guess among 22,000 classes costs ln 22,000 = 10
CREEPING = 0.17  # pace; a straight line has 0.4
LEVEL = 0.08  # pace: less is no progress
STEADY = 0.7  # share of late epochs in which the train loss falls, on the way down
SMOOTH = 0.8  # the same share without noise
LEARNED = 0.99  # train accuracy of a network that has nothing left to learn
HALF = 0.5  # drop, as a share of the start
TREMBLING = 0.005  # wobble, as a share of the end; a run that has converged has less
SHAKY = 0.013  # the same; more than a trace of noise
NOISY = 0.05  # the same; it can be seen from afar
ROUGH = 0.03  # wobble, as a share of the way from start to end
GAP = 0.12  # between train and validation accuracy
SOME_GAP = 0.03
RISE = 1.5  # of the validation loss above its minimum, as a factor

ADVICE = {
    "too short": "Train for longer, then ask again.",
    "NaN": "Try a learning rate 10 to 100 times smaller; if that is no help, look for NaN in x.",
    "lr too high": "Try a learning rate 3 to 10 times smaller.",
    "lr too low": "Try a learning rate 3 to 10 times larger or, if that is worse, more epochs.",
    "too noisy": "Try larger batches, or a smaller learning rate.",
    "overfitting": "Try more data, augmentation, a penalty, dropout, or to stop earlier.",
    "underfitting": "Try a larger network, a weaker penalty, or better features.",
    "plateaued": "Try to lower the learning rate here: to a tenth, or by a schedule.",
    "good": "Go on with the next choice.",
}


@dataclass(frozen=True)
class Diagnosis(Verdict):
    """What the curves of a run show.

    label: a key of `ADVICE`; ok if it is "good". remarks: what else they show, a sentence each.
    """

    label: str = "good"
    remarks: tuple[str, ...] = ()

    @property
    def advice(self) -> str:
        """What to try next."""
        return ADVICE[self.label]

    @property
    def title(self) -> str:
        """The label, with a capital."""
        return self.label[0].upper() + self.label[1:]

    def __str__(self) -> str:
        return "\n".join([f"{self.title}: {self.reason} {self.advice}", *self.remarks])


def diagnose(history: History, *, target: float = 0.9) -> Diagnosis:
    """What is wrong with a run, by its curves, and what to try.

    The epochs are cut into thirds, and the train loss is followed from its start, before the first
    epoch, to its end, the mean of the last third. The first line that fits is the diagnosis; others
    that fit become remarks.

    - too short: fewer than 6 epochs (unless the run broke, see the next two lines)
    - NaN: a loss is not finite
    - lr too high: the run was stopped because it diverges, or the train loss ends above three
      times its start, or above 10; or the network gives one answer to all; or the loss hovers,
      falling in less than 70% of the epochs, with not even half of it gone and accuracy below
      `target`
    - lr too low: the loss falls steadily and does not level out, with 17% of the way or more, or 8%
      if accuracy is below `target`, from the middle third to the last (a straight line has 40%);
      or it does not move at all
    - too noisy: the loss jumps by 5% of itself and by 3% of the way that it came
    - overfitting: train accuracy is 0.12 or more above validation accuracy; or the validation loss
      has risen to 1.5 times its minimum, with a gap of 0.03 at least
    - underfitting: the loss is quiet, and train accuracy below `target`
    - plateaued: no more than 8% of the way since the middle third, with a little noise, as from a
      learning rate that should be lowered by now

    A network with a train accuracy of 0.99 has nothing left to learn: of it only the gap is
    judged. A regression has no accuracy; then half of the loss should be gone instead.

    The rules see curves and nothing else. A small batch and a high rate look alike where both make
    noise, and a network that still learns slowly looks like one that cannot.

    history: of any run with a column loss or train_loss; target in [0, 1]: the train accuracy that
    a suitable network would reach, lower where labels are wrong or classes overlap. The
    thresholds were chosen on real runs whose trouble was built in; on others, of which they know
    nothing, nine labels of ten are right (experiments/diagnose_runs.py).
    Returns a Diagnosis: label, reason, advice, remarks, and the figures as values.
    Raises TypeError for what is no history, ValueError for a target out of range or a history
    without losses.

    >>> from coursekit.data import moons
    >>> from coursekit.numpy_ref import Linear, ReLU, Sequential
    >>> from coursekit.training import Trainer
    >>> rng = np.random.default_rng(0)
    >>> net = Sequential(Linear(2, 16, rng=rng), ReLU(), Linear(16, 2, rng=rng))
    >>> history = Trainer(net, lr=1e-3, epochs=20).fit(moons("train"), moons("validation"))
    >>> print(diagnose(history))
    Lr too low: The train loss went from 0.606 to 0.6, 39% of it since the middle third: it does \
not level out. Try a learning rate 3 to 10 times larger or, if that is worse, more epochs.

    References: goodfellow2016, bengio2012
    """
    target = _check.in_range("diagnose", "target", target, "[0, 1]")
    if not isinstance(history, History):
        raise TypeError(
            "diagnose: this is no history. Expected what Trainer.fit returned, "
            f"got {type(history).__name__}."
        )
    curves = read(history) if history.records else None
    broken = _broken(curves, history.stopped or "")
    if broken:
        return Diagnosis(False, broken[1], label=broken[0])
    if curves is None or len(curves.train) < MIN_EPOCHS:
        n = len(history.records)
        reason = f"{n} epoch{'s' * (n != 1)} say little; {MIN_EPOCHS} or more make a curve."
        return Diagnosis(False, reason, label="too short")
    return _judged(curves, target)


def _broken(curves: Curves | None, stopped: str) -> tuple[str, str] | None:
    """Label and reason of a run that left all bounds."""
    finite = np.isfinite(curves.loss + curves.train) if curves else np.array([])
    if not finite.all():
        return "NaN", f"The loss of epoch {int(np.argmin(finite)) + 1} is not finite."
    if "to nan" in stopped or "to inf" in stopped:
        return "NaN", stopped
    if "diverges" in stopped:
        return "lr too high", stopped
    last = 0.0 if curves is None else float(curves.train[-1])
    if curves and (diverges(last, first=curves.start) or last > NO_GUESS):
        return "lr too high", f"The train loss ends at {last:.3g}, after {curves.start:.3g}."
    return None


def _judged(curves: Curves, target: float) -> Diagnosis:
    found = {label: reason for label, sign in SIGNS.items() if (reason := sign(curves, target))}
    label, reason = next(iter(found.items()), ("good", _all_well(curves)))
    # With a wrong learning rate the run says nothing about the network.
    others = [] if label.startswith("lr") else [other for other in found if other != label]
    remarks = [f"Also {other}: {found[other]}" for other in others]
    if curves.validation is None:
        remarks.append("Without validation data nobody can see whether it overfits.")
    names = ("start", "end", "drop", "pace", "falls", "wobble", "accuracy", "gap", "rise")
    values = {name: getattr(curves, name) for name in names}
    return Diagnosis(label == "good", reason, values, label, tuple(remarks))


def _way(c: Curves) -> str:
    return f"The train loss went from {c.start:.3g} to {c.end:.3g}"


def _all_well(c: Curves) -> str:
    if c.gap is None or c.accuracy is None:
        return f"{_way(c)}."
    validation = c.accuracy - c.gap
    return f"{_way(c)}; accuracy: train {c.accuracy:.3f}, validation {validation:.3f}."


def _learned(c: Curves) -> bool:
    return c.accuracy is not None and c.accuracy >= LEARNED


def _falls_short(c: Curves, target: float) -> bool:
    return c.drop < HALF if c.accuracy is None else c.accuracy < target


def _too_high(c: Curves, target: float) -> str | None:
    if _gives_one_answer(c):
        return (
            f"{_way(c)}, which is what guessing costs with an accuracy of {c.accuracy:.2f}: the "
            "network gives one answer to all. A step too large, or a penalty, has killed it."
        )
    hovers = c.falls < STEADY and c.pace < CREEPING and c.wobble > SHAKY * c.end
    if hovers and c.drop < HALF and _falls_short(c, target):
        return f"{_way(c)} only, and late in the run it fell in {c.falls:.0%} of the epochs."
    return None


def _gives_one_answer(c: Curves) -> bool:
    """Whether the loss came down to −ln(accuracy), that of shares alone, and accuracy stands."""
    if c.train_accuracy is None or not c.accuracy:
        return False
    stands = np.ptp(c.train_accuracy[-len(c.late) :]) < 0.05
    cost = -math.log(c.accuracy)
    return bool(stands and c.drop > 0.15 and abs(c.end - cost) < 0.1 * c.end and c.accuracy < 0.6)


def _too_low(c: Curves, target: float) -> str | None:
    if abs(c.drop) < 1e-6:
        return f"The train loss has not moved from {c.start:.3g}; or are layers frozen, or dead?"
    enough = LEVEL if _falls_short(c, target) else CREEPING
    if not _learned(c) and c.pace >= enough and c.falls >= STEADY:
        return f"{_way(c)}, {c.pace:.0%} of it since the middle third: it does not level out."
    return None


def _too_noisy(c: Curves, target: float) -> str | None:
    jumps = c.wobble >= NOISY * c.end and c.wobble >= ROUGH * (c.start - c.end)
    if jumps and not _learned(c):
        return f"{_way(c)}, but it jumps by {c.wobble:.2g} from epoch to epoch."
    return None


def _overfits(c: Curves, target: float) -> str | None:
    if c.accuracy is not None and c.gap is not None and c.gap >= GAP:
        return (
            f"Train accuracy is {c.accuracy:.3f}, validation accuracy {c.accuracy - c.gap:.3f}, "
            f"{c.gap:.2f} less."
        )
    if c.rise is not None and c.rise >= RISE and (c.gap is None or c.gap >= SOME_GAP):
        return f"The validation loss has risen to {c.rise:.1f} times its minimum."
    return None


def _underfits(c: Curves, target: float) -> str | None:
    if not _falls_short(c, target) or c.wobble >= NOISY * c.end:
        return None
    if c.accuracy is None:
        return f"{_way(c)}, with {c.drop:.0%} of it gone."
    return f"{_way(c)}; even the train accuracy is {c.accuracy:.3f}, below {target:g}."


def _plateaued(c: Curves, target: float) -> str | None:
    level = c.pace < LEVEL and c.falls < SMOOTH
    if level and not _learned(c) and c.wobble >= TREMBLING * c.end:
        return f"{_way(c)}, but since the middle third it goes up and down by {c.wobble:.2g}."
    return None


SIGNS: dict[str, Callable[[Curves, float], str | None]] = {
    "lr too high": _too_high,
    "lr too low": _too_low,
    "too noisy": _too_noisy,
    "overfitting": _overfits,
    "underfitting": _underfits,
    "plateaued": _plateaued,
}
