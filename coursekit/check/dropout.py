"""The checks of inverted dropout.

A right answer may draw its mask in any way from `rng`, so no mask is expected: the check reads the
kept entries off the answer (x has no zeros) and judges the rest with probes, whose limits are so
wide that a right answer fails them with a probability below 1e-9.
"""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from coursekit.check.compare import ANYTHING, numeric
from coursekit.check.core import Call, Check, Misconception, each_answer
from coursekit.check.failure import CheckFailed, NotAttempted

SHAPES = ((40,), (6, 8), (2, 3, 4, 4))


def _draw_inputs(rng: np.random.Generator) -> tuple[np.ndarray, dict]:
    """x without zeros, and p away from ½ so that p and 1 − p differ."""
    shape = SHAPES[rng.integers(len(SHAPES))]
    x = rng.uniform(0.5, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
    p = rng.uniform(0.1, 0.4) if rng.random() < 0.6 else rng.uniform(0.6, 0.8)
    drawn = np.random.default_rng(int(rng.integers(2**32)))
    return x, {"p": p, "training": bool(rng.random() < 0.6), "rng": drawn}


def _draw_forward(rng: np.random.Generator) -> Call:
    x, hyper = _draw_inputs(rng)
    return Call((x,), hyper)


def _observe_kept(call: Call, got) -> dict:
    """The entries that the answer kept; none where the answer has not the shape of x."""
    x, out = call.args[0], _out_of(got)
    if out is None or out.shape != x.shape:
        return {"kept": np.zeros(x.shape, dtype=bool)}
    return {"kept": out != 0}


def _out_of(got) -> np.ndarray | None:
    return numeric(got[0] if isinstance(got, (tuple, list)) and got else got)


def _gives(out: Callable[..., np.ndarray], *, cache: bool = True) -> Callable:
    """What a mistake returns, from its `out(x, kept, p, training)`; any cache will do."""

    def answer(x, *, p, training, rng, kept):
        value = out(x, kept, p, training)
        return (value, ANYTHING) if cache else value

    return answer


class _Malformed(Exception):
    """The answer has not the shape of x: not for a probe to judge."""


Question = tuple[float, int, tuple[int, ...], int]  # p, seed, shape, and for the how manieth time
_LARGE, _TABLE, _MAPS = (100, 100), (60, 50), (12, 10, 10, 10)
# What the probes ask of an answer that is right, in their order.
_USUAL: tuple[Question, ...] = (
    *((0.2, 0, _LARGE, 1), (0.1, 0, _LARGE, 1), (0.5, 0, (6, 5), 1), (0.5, 0, _TABLE, 1)),
    *((0.5, 1, _LARGE, 1), (0.5, 1, _LARGE, 2), (0.5, 4, _MAPS, 1)),
    *((0.35, 0, _LARGE, 1), (0.85, 0, _LARGE, 1)),
)


class _Outputs:
    """What the student's function makes of ones in training: the usual is asked for together."""

    def __init__(self, student: Callable) -> None:
        self.student = student
        ones = {shape: np.ones(shape) for _, _, shape, _ in _USUAL}  # trials found it unchanged
        calls = [_training(ones[shape], p, seed) for p, seed, shape, _ in _USUAL]
        self._usual = zip(_USUAL, each_answer(student, calls), strict=True)
        self._known: dict[Question, object] = {}

    def __call__(
        self, p: float, seed: int, shape: tuple[int, ...] = _LARGE, time: int = 1
    ) -> np.ndarray:
        """Its output; the usual questions are put once, in their order."""
        question = p, seed, shape, time
        if question not in _USUAL:
            return _formed(self._call(np.ones(shape), p, seed), shape)
        while question not in self._known:
            self._known.update([next(self._usual)])
        return _formed(self._known[question], shape)

    def _call(self, x: np.ndarray, p: float, rng: int | np.random.Generator) -> object:
        call = _training(x, p, rng)
        return self.student(*call.args, **call.kwargs)

    def going_on(self, seed: int, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
        """Its outputs for p = ½ and one generator, without end."""
        rng = np.random.default_rng(seed)
        while True:
            yield _formed(self._call(np.ones(shape), 0.5, rng), shape)


def _training(x: np.ndarray, p: float, rng: int | np.random.Generator) -> Call:
    """rng: a generator, or the seed of a new one."""
    return Call((x,), {"p": p, "training": True, "rng": np.random.default_rng(rng)})


def _formed(got: object, shape: tuple[int, ...]) -> np.ndarray:
    out = _out_of(got)
    if out is None or out.shape != shape:
        raise _Malformed
    return out


def _probe(judge: Callable[[_Outputs], bool]) -> Callable[[_Outputs], bool]:
    """A probe from a judge of outputs."""

    def probe(outputs: _Outputs) -> bool:
        try:
            return bool(judge(outputs))
        except _Malformed:
            return False

    return probe


def _mixed(out: np.ndarray) -> bool:
    """True when some entries are dropped and some kept."""
    return bool(0 < np.count_nonzero(out) < out.size)


def _removes_entries(outputs: _Outputs) -> bool:
    x = np.ones((20, 10))
    out = _out_of(outputs.student(x, p=0.5, training=True, rng=np.random.default_rng(0)))
    return out is not None and 0 < out.size < x.size and out.ndim == 1


def _p_is_keep(outputs: _Outputs) -> bool:
    out = outputs(0.2, 0)
    kept = out != 0
    return abs(kept.mean() - 0.2) < 0.05 and np.allclose(out[kept], 5.0)


def _mask_inverted(outputs: _Outputs) -> bool:
    return all(abs(np.mean(outputs(p, 0) != 0) - p) < 0.05 for p in (0.1, 0.2, 0.8))


def _rate_is_off(outputs: _Outputs) -> bool:
    return any(abs(np.mean(outputs(p, 0) == 0) - p) > 0.03 for p in (0.1, 0.35, 0.85))


def _one_coin(outputs: _Outputs) -> bool:
    seen = set()
    for seed in range(30):
        kept = outputs(0.5, seed, (6, 5)) != 0
        if _mixed(kept):
            return False
        seen.add(bool(kept.all()))
    return len(seen) == 2


def _shared_along(axis: int) -> Callable[..., bool]:
    def judge(outputs: _Outputs) -> bool:
        kept = outputs(0.5, 0, _TABLE) != 0
        return _mixed(kept) and bool(np.all(kept == np.take(kept, [0], axis=axis)))

    return judge


def _ignores_rng(outputs: _Outputs) -> bool:
    return not np.array_equal(outputs(0.5, 1) != 0, outputs(0.5, 1, time=2) != 0)


def _mask_never_changes(outputs: _Outputs) -> bool:
    first, second = islice(outputs.going_on(1, _LARGE), 2)
    return _mixed(first) and np.array_equal(first != 0, second != 0)


def _exact_count(outputs: _Outputs) -> bool:
    counts = map(np.count_nonzero, islice(outputs.going_on(2, (10, 10)), 40))
    first = next(counts)
    return first not in (0, 100) and all(count == first for count in counts)


def _drops_blocks(outputs: _Outputs) -> bool:
    """Neighbours along an axis agree far more often than two coins do."""
    dropped = outputs(0.5, 4, _MAPS) == 0
    alike = [np.mean(dropped == np.roll(dropped, 1, axis=axis)) for axis in range(4)]
    return bool(max(alike) > 0.6)


def _fails_at_zero(outputs: _Outputs) -> bool:
    x = np.ones((20, 10))
    try:
        got = outputs.student(x, p=0.0, training=True, rng=np.random.default_rng(0))
    except Exception:
        return True
    out = _out_of(got)
    if out is None or out.shape != x.shape:
        return False
    return not np.allclose(out, x) or not (isinstance(got, (tuple, list)) and len(got) == 2)


dropout_forward = Check(
    name="dropout_forward",
    reference=_gives(lambda x, kept, p, training: x * kept / (1 - p) if training else x),
    draw=_draw_forward,
    observe=_observe_kept,
    evidence=_Outputs,
    returns=("out", "cache"),
    # A mistake in evaluation alone stands before those that touch both branches.
    misconceptions=(
        Misconception(
            "no_cache",
            "You return out alone. The backward pass needs the very mask that was drawn here: "
            "return the pair out, cache.",
            _gives(lambda x, kept, p, training: x * kept / (1 - p) if training else x, cache=False),
        ),
        Misconception(
            "removes_entries",
            "You remove the dropped entries, so out is shorter than x and the next layer does not "
            "fit. Keep the shape: dropped entries become 0.",
            probe=_removes_entries,
        ),
        Misconception(
            "never_drops",
            "You return x unchanged in training too, so nothing is regularised. Draw a mask from "
            "rng and multiply.",
            _gives(lambda x, kept, p, training: x),
        ),
        Misconception(
            "scales_twice",
            "You scale in training and again in evaluation. One correction is enough: "
            "in evaluation inverted dropout returns x.",
            _gives(lambda x, kept, p, training: x * kept / (1 - p) if training else x * (1 - p)),
        ),
        Misconception(
            "scales_in_evaluation",
            "In evaluation you do not drop, but still divide by 1 − p. With nothing dropped there "
            "is nothing to make up for: return x.",
            _gives(lambda x, kept, p, training: (x * kept if training else x) / (1 - p)),
        ),
        Misconception(
            "drops_in_evaluation",
            "You drop in evaluation as well: `training` is ignored. Predictions would change from "
            "call to call. With training=False return x.",
            _gives(lambda x, kept, p, training: x * kept / (1 - p)),
        ),
        Misconception(
            "training_inverted",
            "You drop in evaluation and not in training: the flag is the wrong way round. "
            "Look at your `if`.",
            _gives(lambda x, kept, p, training: x if training else x * kept / (1 - p)),
        ),
        Misconception(
            "p_is_keep",
            "You read p as the probability of keeping, as some lectures do. Here, as in PyTorch, "
            "p is the probability of dropping: p = 0.2 drops a fifth. Change mask and scale.",
            probe=_probe(_p_is_keep),
        ),
        Misconception(
            "mask_inverted",
            "You keep an entry with probability p and drop it with 1 − p: the comparison is the "
            "wrong way round. How often is a uniform number below p?",
            probe=_probe(_mask_inverted),
        ),
        Misconception(
            "one_coin",
            "You toss one coin for the whole array: all is kept or all is dropped. Each entry "
            "needs a draw of its own: ask rng for an array of the shape of x.",
            probe=_probe(_one_coin),
        ),
        Misconception(
            "mask_shared_by_examples",
            "All examples of the batch get the same mask, so a batch trains a single thinned "
            "network. Draw a mask of the full shape of x, not of one row.",
            probe=_probe(_shared_along(0)),
        ),
        Misconception(
            "mask_shared_by_features",
            "You draw one number per example, so whole rows vanish. Each unit is dropped on its "
            "own: draw a mask of the full shape of x, not of one column.",
            probe=_probe(_shared_along(1)),
        ),
        Misconception(
            "ignores_rng",
            "The same seed gives different masks: you do not draw from the rng that you are "
            "handed. Without it no run can be repeated. Use rng, not np.random or a new one.",
            probe=_probe(_ignores_rng),
        ),
        Misconception(
            "mask_never_changes",
            "Every call gives the same mask: you seed a generator inside, or the mask is not "
            "random. Then the same units are off for ever. Draw from rng, which moves on.",
            probe=_probe(_mask_never_changes),
        ),
        Misconception(
            "exact_count",
            "You drop exactly the same number of entries in each call. Entries must be dropped "
            "independently of each other, so the number varies: decide each by its own draw.",
            probe=_probe(_exact_count),
        ),
        Misconception(
            "drops_blocks",
            "You drop entries in groups: neighbours are off together (whole channels or maps, or a "
            "run of entries). Each entry needs a draw of its own, whatever the shape of x: ask rng "
            "for an array of x.shape.",
            probe=_probe(_drops_blocks),
        ),
        Misconception(
            "wrong_rate",
            "The fraction of entries that you drop is not p. Try p = 0.1 and p = 0.8 on an array "
            "of ones and print the mean of out == 0.",
            probe=_probe(_rate_is_off),
        ),
        Misconception(
            "no_scale",
            "You drop, but do not scale what is left, so activations are smaller in training than "
            "in evaluation. Inverted dropout makes up for it in training: by which factor does "
            "the mean shrink?",
            _gives(lambda x, kept, p, training: x * kept if training else x),
        ),
        Misconception(
            "vanilla",
            "This is vanilla dropout: no scale in training, times 1 − p in evaluation. The mean "
            "agrees, but evaluation should cost nothing. Move the correction into training.",
            _gives(lambda x, kept, p, training: x * kept if training else x * (1 - p)),
        ),
        Misconception(
            "vanilla_with_p",
            "You multiply by p in evaluation. Vanilla dropout scales by the keep probability there "
            "(one lecture says it wrongly), and inverted dropout leaves evaluation alone.",
            _gives(lambda x, kept, p, training: x * kept if training else x * p),
        ),
        Misconception(
            "scales_by_p",
            "You scale by the drop probability p, not by the keep probability 1 − p, so the mean "
            "of out is not x. Think of p = 0.1: what is left should hardly grow.",
            _gives(lambda x, kept, p, training: x * kept / p if training else x),
        ),
        Misconception(
            "multiplies_by_keep",
            "You multiply by the keep probability. What is left then shrinks a second time; it has "
            "to grow to make up for what is gone. Divide.",
            _gives(lambda x, kept, p, training: x * kept * (1 - p) if training else x),
        ),
        Misconception(
            "scales_by_what_was_kept",
            "You divide by the fraction that happened to be kept. Then one entry's value depends "
            "on its neighbours' luck. Divide by the probability of keeping, which is known.",
            _gives(lambda x, kept, p, training: x * kept / max(kept.mean(), 1e-9)),
        ),
        Misconception(
            "p_zero",
            "With p = 0 nothing is dropped and you return x and a cache, as for any other p; "
            "yours does not. Do you divide by p, or treat 0 as a special case?",
            probe=_fails_at_zero,
        ),
    ),
)


def _draw_backward(rng: np.random.Generator, forward: Callable) -> Call:
    x, hyper = _draw_inputs(rng)
    out, cache = _run_forward(forward, x, hyper)
    known = {"factor": out / x, "x": x, "p": hyper["p"], "training": hyper["training"]}
    dout = rng.uniform(0.5, 2.0, x.shape) * rng.choice([-1.0, 1.0], x.shape)
    return Call((dout, cache), {}, known)


def _run_forward(forward: Callable, x: np.ndarray, hyper: dict) -> tuple:
    """The student's own out and cache, or a failure that names the other exercise."""
    try:
        got = forward(x.copy(), **hyper)
    except NotImplementedError:
        raise NotAttempted(
            "dropout_backward: not implemented yet: it works on the cache of your "
            "dropout_forward. Write that one first."
        ) from None
    except Exception as error:
        raise CheckFailed(
            f"dropout_backward: your dropout_forward raised {type(error).__name__}: {error}. "
            "Its cache is needed here: mend it first."
        ) from None
    out = _out_of(got)
    if not isinstance(got, (tuple, list)) or len(got) != 2 or out is None or out.shape != x.shape:
        raise CheckFailed(
            "dropout_backward: your dropout_forward does not return out, of the shape of x, and "
            "cache. Its cache is needed here: mend it first."
        )
    return out, got[1]


def _new_mask(student: Callable, forward: Callable) -> bool:
    """The gradient is mixed 0 and not 0, but at other places than the output."""
    hyper = {"p": 0.5, "training": True, "rng": np.random.default_rng(3)}
    out, cache = _run_forward(forward, np.ones((20, 20)), hyper)
    dx = numeric(student(np.ones((20, 20)), cache))
    if dx is None or dx.shape != out.shape or not (_mixed(dx) and _mixed(out)):
        return False
    return not np.array_equal(dx != 0, out != 0) and not np.array_equal(dx == 0, out != 0)


def _needs_inputs(student: Callable, forward: Callable) -> bool:
    """Right for ones, but NaN or 0 where x itself was 0: the mask is read off the output."""
    generators = [np.random.default_rng(5) for _ in range(2)]
    gradients = []
    for x, rng in zip((np.ones((20, 20)), np.zeros((20, 20))), generators, strict=True):
        _, cache = _run_forward(forward, x, {"p": 0.5, "training": True, "rng": rng})
        gradients.append(numeric(student(np.ones((20, 20)), cache)))
    of_ones, of_zeros = gradients
    if of_ones is None or of_zeros is None or of_ones.shape != of_zeros.shape:
        return False
    return not np.allclose(of_ones, of_zeros)


def _remembers_elsewhere(student: Callable, forward: Callable) -> bool:
    """After a second forward pass the first cache gives another gradient than before it."""
    rng, dout = np.random.default_rng(6), np.full((20, 20), 2.0)
    hyper = {"p": 0.5, "training": True, "rng": rng}
    _, cache = _run_forward(forward, np.ones((20, 20)), hyper)
    before = numeric(student(dout.copy(), cache))
    _run_forward(forward, np.ones((20, 20)), hyper)
    try:
        after = numeric(student(dout.copy(), cache))
    except Exception:
        return True
    return before is not None and (after is None or not np.array_equal(before, after))


dropout_backward = Check(
    name="dropout_backward",
    reference=lambda dout, cache, factor, **_: dout * factor,
    draw=_draw_backward,
    returns=("dx",),
    trials=4,
    misconceptions=(
        Misconception(
            "returns_a_pair",
            "You return more than dx. The mask has no gradient that anyone needs: "
            "return one array.",
            lambda dout, cache, factor, **_: (dout * factor, ANYTHING),
        ),
        Misconception(
            "ignores_the_mask",
            "You pass the gradient on unchanged. What was dropped had no effect on the loss, so "
            "its gradient is 0: use the mask in cache.",
            lambda dout, cache, **_: dout,
        ),
        Misconception(
            "no_scale",
            "You apply the mask, but not the scale of the forward pass. The chain rule multiplies "
            "by the same factor: out = factor · x gives dx = factor · dout.",
            lambda dout, cache, factor, **_: dout * (factor != 0),
        ),
        Misconception(
            "scale_without_mask",
            "You scale the gradient, but let it through where the entry was dropped. "
            "Use the mask too.",
            lambda dout, cache, p, training, **_: dout / (1 - p) if training else dout,
        ),
        Misconception(
            "scales_twice",
            "You apply the scale twice: the mask in your cache holds it already. "
            "Multiply dout by it once.",
            lambda dout, cache, factor, **_: dout * factor**2,
        ),
        Misconception(
            "divides_by_the_scale",
            "You undo the scale instead of applying it again. The gradient is multiplied by what x "
            "was multiplied by.",
            lambda dout, cache, factor, **_: dout * (factor != 0) / np.where(factor, factor, 1.0),
        ),
        Misconception(
            "mask_inverted",
            "Your gradient flows where entries were dropped and is 0 where they were kept. "
            "Turn the mask round.",
            lambda dout, cache, p, factor, training, **_: (
                dout * (factor == 0) / (1 - p) if training else dout
            ),
        ),
        Misconception(
            "wrong_sign",
            "Your dx has the wrong sign. The minus belongs to the update step, not here.",
            lambda dout, cache, factor, **_: -dout * factor,
        ),
        Misconception(
            "multiplies_by_out",
            "You multiply dout by the output. The derivative of factor · x with respect to x is "
            "the factor alone; no x is left in it. Cache the mask, not the output.",
            lambda dout, cache, factor, x, **_: dout * factor * x,
        ),
        Misconception(
            "ignores_dout",
            "You return the mask. The chain rule multiplies it by the upstream gradient dout.",
            lambda dout, cache, factor, **_: factor,
        ),
        Misconception(
            "averages_over_examples",
            "You divide by the number of examples. If the loss is an average, dout holds that "
            "factor already: do not divide again.",
            lambda dout, cache, factor, **_: dout * factor / len(dout),
        ),
        Misconception(
            "sums_over_examples",
            "You sum over the examples, as for a bias. Every entry of x has a gradient of its own: "
            "dx has the shape of x.",
            lambda dout, cache, factor, **_: np.sum(dout * factor, axis=0),
        ),
        Misconception(
            "nothing_in_evaluation",
            "With training=False your gradient is 0. There out = x, so dx = dout. "
            "What does your cache hold in that case?",
            lambda dout, cache, factor, training, **_: dout * factor if training else 0 * dout,
        ),
        Misconception(
            "scales_in_evaluation",
            "With training=False you still divide by 1 − p. There out = x, so dx = dout.",
            lambda dout, cache, factor, p, training, **_: (
                dout * factor if training else dout / (1 - p)
            ),
        ),
        Misconception(
            "new_mask",
            "Your gradient is 0 at other places than your output was: you draw a new mask. That is "
            "the gradient of another network. Take the mask from cache.",
            probe=_new_mask,
        ),
        Misconception(
            "mask_from_the_output",
            "Where x is 0, and after a ReLU it often is, your gradient is NaN or 0 although the "
            "entry was kept: you read the mask off the output. Put the mask itself in cache.",
            probe=_needs_inputs,
        ),
        Misconception(
            "remembers_elsewhere",
            "Call forward twice and then backward with the first cache: your gradient has changed. "
            "Two layers would mix up their masks. Use nothing but cache, and leave it as it is.",
            probe=_remembers_elsewhere,
        ),
    ),
)
