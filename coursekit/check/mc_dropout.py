"""The check of Monte-Carlo dropout.

The student is handed a stochastic `forward` that keeps a record of what it was given and what it
returned, so any right way of calling it passes.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from coursekit.check.compare import numeric
from coursekit.check.core import Call, Check, Misconception

_SAMPLES = (1, 3, 3, 3)  # two passes have their mean as median


class _Recorder:
    """A random layer forward(x, rng) with a record; no two passes are alike."""

    def __init__(self, w: np.ndarray):
        self.w = w
        self.inputs: list[np.ndarray] = []
        self.passes: list[np.ndarray] = []

    def __call__(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        out = (x * rng.random(x.shape)) @ self.w
        self.inputs.append(np.array(x))
        self.passes.append(out.copy())
        return out


def _draw(rng: np.random.Generator) -> Call:
    forward = _Recorder(rng.normal(size=(3, 3)))
    x = rng.uniform(0.5, 2.0, (rng.integers(2, 6), 3))
    hyper = {"n_samples": int(rng.choice(_SAMPLES)), "rng": _generator(int(rng.integers(2**32)))}
    return Call((forward, x), hyper, {"passes": forward.passes})


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def _gives(answer: Callable[[np.ndarray], object]) -> Callable:
    """What a mistake returns, computed from the passes that were made, (S, N, K)."""

    def given(forward, x, *, n_samples, rng, passes):
        made = np.array(passes) if passes else np.full((1, *x.shape), np.nan)
        return answer(made)

    return given


class _Records:
    """Passes of the student's function, on record, made when the first probe asks for them."""

    def __init__(self, student: Callable) -> None:
        self.student = student

    def _record(self, n_samples: int, seed: int) -> _Recorder:
        forward = _Recorder(_generator(0).normal(size=(3, 3)))
        self.student(forward, _input(), n_samples=n_samples, rng=_generator(seed))
        return forward

    @cached_property
    def first(self) -> _Recorder:
        """The one to look at."""
        return self._record(3, seed=1)

    @cached_property
    def again(self) -> _Recorder:
        """Another one with the same seed."""
        return self._record(3, seed=1)

    @cached_property
    def other(self) -> _Recorder:
        """One with another seed, and fewer."""
        return self._record(2, seed=2)


def _input() -> np.ndarray:
    return _generator(1).uniform(0.5, 2.0, (4, 3))


def _is_input(given: np.ndarray) -> bool:
    return given.shape == (4, 3) and np.allclose(given, _input(), rtol=1e-5)


def _all_alike(passes: list[np.ndarray]) -> bool:
    return len(passes) > 1 and all(np.array_equal(passes[0], made) for made in passes)


def _as_asked(records: _Records) -> bool:
    return (len(records.first.passes), len(records.other.passes)) == (3, 2)


def _same_passes(a: _Recorder, b: _Recorder) -> bool:
    """As far as both go."""
    return all(map(np.array_equal, a.passes, b.passes))


def _feeds_back(records: _Records) -> bool:
    inputs = records.first.inputs
    return len(inputs) > 1 and _is_input(inputs[0]) and not all(map(_is_input, inputs))


def _same_for_two_seeds(records: _Records) -> bool:
    return bool(records.first.passes) and _same_passes(records.first, records.other)


def _assumes_shape_of_x(records: _Records) -> bool:
    """It fails when forward returns another number of columns than x has."""
    forward = _Recorder(_generator(0).normal(size=(3, 5)))
    try:
        records.student(forward, _input(), n_samples=2, rng=_generator(1))
    except Exception:
        return len(forward.passes) > 0
    return False


def _nan_when_passes_agree(records: _Records) -> bool:
    """Passes that do not differ have a spread of 0, not NaN from the root of a rounding error."""
    made = np.full((4, 3), [0.59, 0.61, 0.97])  # three of these have rounding errors below 0
    got = records.student(lambda x, rng: made.copy(), _input(), n_samples=3, rng=_generator(1))
    std = numeric(got[1]) if isinstance(got, (tuple, list)) and len(got) == 2 else None
    return std is not None and bool(np.isnan(std).any())


mc_dropout_predict = Check(
    name="mc_dropout_predict",
    reference=_gives(lambda s: (s.mean(axis=0), s.std(axis=0))),
    draw=_draw,
    returns=("mean", "std"),
    evidence=_Records,
    trials=4,
    misconceptions=(
        Misconception(
            "feeds_back",
            "You hand the output of one pass to the next. Every pass starts from the same x: "
            "do not assign to x in the loop.",
            probe=_feeds_back,
        ),
        Misconception(
            "one_pass",
            "You call forward once. One pass shows one thinned network; the spread needs "
            "n_samples passes. Call it in a loop.",
            probe=lambda records: len(records.first.passes) == 1,
        ),
        Misconception(
            "miscounts",
            "The number of passes is not n_samples. Check where your loop starts and ends.",
            probe=lambda records: not _as_asked(records),
        ),
        Misconception(
            "changes_the_input",
            "forward is not handed x as it is. The randomness sits inside forward, in its dropout; "
            "x itself stays clean.",
            probe=lambda records: not all(map(_is_input, records.first.inputs)),
        ),
        Misconception(
            "assumes_shape_of_x",
            "Your arrays have the shape of x, but a pass has the shape (N, K) of what forward "
            "returns. Collect the passes in a list, or ask a pass for its shape.",
            probe=_assumes_shape_of_x,
        ),
        Misconception(
            "nan_when_passes_agree",
            "Where all passes agree your spread is NaN: mean(o²) − mean(o)² comes out as a tiny "
            "negative number, and you take its root. Average (o − mean)² instead.",
            probe=_nan_when_passes_agree,
        ),
        Misconception(
            "same_mask_each_pass",
            "All passes are the same: you make a new generator with the same seed for each pass. "
            "Hand on rng itself, which moves on by itself.",
            probe=lambda records: _all_alike(records.first.passes),
        ),
        Misconception(
            "unseeded",
            "The same seed gives different passes: you do not hand rng to forward. Without it no "
            "result can be repeated. Hand on the rng that you are given.",
            probe=lambda records: not _same_passes(records.first, records.again),
        ),
        Misconception(
            "own_generator",
            "Another rng gives the same passes: you use a generator of your own. The caller "
            "decides about the randomness: hand on the rng that you are given.",
            probe=_same_for_two_seeds,
        ),
        Misconception(
            "only_the_mean",
            "You return the mean alone. The spread is what Monte-Carlo dropout is for: "
            "return the pair mean, std.",
            _gives(lambda s: s.mean(axis=0)),
        ),
        Misconception(
            "returns_all_passes",
            "You return the passes themselves where the mean is expected. Average over them.",
            _gives(lambda s: (s, s.std(axis=0))),
        ),
        Misconception(
            "swapped",
            "You return the spread first. The caller unpacks mean, std: swap the order.",
            _gives(lambda s: (s.std(axis=0), s.mean(axis=0))),
        ),
        Misconception(
            "variance",
            "Your spread is the variance, in squared units. Take its root.",
            _gives(lambda s: (s.mean(axis=0), s.var(axis=0))),
        ),
        Misconception(
            "sample_std",
            "You divide by n_samples − 1 under the root. Asked for is the population form, which "
            "divides by n_samples and gives 0, not NaN, for a single pass. Mind ddof.",
            _gives(
                lambda s: (
                    s.mean(axis=0),
                    np.sqrt(np.square(s - s.mean(axis=0)).sum(axis=0) / np.float64(len(s) - 1)),
                )
            ),
        ),
        Misconception(
            "standard_error",
            "You divide the spread by the root of n_samples: that is the error of the mean, which "
            "vanishes with more passes. The model's own doubt does not. Leave it undivided.",
            _gives(lambda s: (s.mean(axis=0), s.std(axis=0) / np.sqrt(len(s)))),
        ),
        Misconception(
            "root_mean_square",
            "Your spread is measured from 0, not from the mean. Subtract the mean before you "
            "square.",
            _gives(lambda s: (s.mean(axis=0), np.sqrt((s * s).mean(axis=0)))),
        ),
        Misconception(
            "mean_absolute_deviation",
            "You average absolute deviations. The standard deviation averages squares and takes "
            "the root.",
            _gives(lambda s: (s.mean(axis=0), np.abs(s - s.mean(axis=0)).mean(axis=0))),
        ),
        Misconception(
            "range_as_spread",
            "Your spread is largest minus smallest, which grows with every further pass. "
            "Take the standard deviation.",
            _gives(lambda s: (s.mean(axis=0), np.ptp(s, axis=0))),
        ),
        Misconception(
            "sum_not_mean",
            "You add the passes up and do not divide by their number.",
            _gives(lambda s: (s.sum(axis=0), s.std(axis=0))),
        ),
        Misconception(
            "last_pass",
            "Your mean is the last pass alone. Keep all passes and average them.",
            _gives(lambda s: (s[-1], s.std(axis=0))),
        ),
        Misconception(
            "median",
            "You take the median of the passes. Asked for is the mean.",
            _gives(lambda s: (np.median(s, axis=0), s.std(axis=0))),
        ),
        Misconception(
            "over_examples",
            "You average over the examples of the batch. Each example keeps its own prediction: "
            "average over the axis of the passes.",
            _gives(lambda s: (s.mean(axis=1), s.std(axis=1))),
        ),
        Misconception(
            "over_outputs",
            "You average over the outputs of a pass, the last axis. Each output keeps its own "
            "mean: average over the axis of the passes.",
            _gives(lambda s: (s.mean(axis=-1), s.std(axis=-1))),
        ),
        Misconception(
            "over_everything",
            "You average over everything and get one number. Each output of each example has its "
            "own mean and spread: name the axis of the passes.",
            _gives(lambda s: (s.mean(), s.std())),
        ),
    ),
)
