"""What a `Case` is, how its inputs are drawn, and how it is run.

Inputs are drawn from a short description:

    given_inputs(x="N D", w="D M", b="M")      normal arrays; a letter is one size everywhere
    given_inputs(x=away_from_zero("N D"))      no value near a kink at 0
    given_inputs(x="N C H W", w="F C KH KW", stride=st.integers(1, 3), sizes={"KH": (1, 3)},
                 where=lambda v: v["x"].shape[2] >= v["w"].shape[2])
"""

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from coursekit import numpy_ref

Values = dict[str, Any]

# The same examples in every run: a test that fails today fails tomorrow.
drawn = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


# --- inputs -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seed:
    """An rng argument: every call of an op gets a fresh generator of this seed."""

    number: int


@dataclass(frozen=True)
class Array:
    """Draws an array: `axes` such as "N D" or "N C*H" name the sizes, `fill` makes the values."""

    axes: str
    fill: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

    def letters(self) -> set[str]:
        return set(self.axes.replace("*", " ").split())

    def draw(self, sizes: Mapping[str, int], rng: np.random.Generator) -> np.ndarray:
        shape = tuple(
            int(np.prod([sizes[letter] for letter in axis.split("*")]))
            for axis in self.axes.split()
        )
        return self.fill(rng, shape)


def normal(axes: str) -> Array:
    """Standard normal values."""
    return Array(axes, lambda rng, shape: rng.standard_normal(shape))


def away_from_zero(axes: str) -> Array:
    """Values of either sign whose size is 0.1 to 2: no step of finite differences crosses 0."""
    return Array(
        axes, lambda rng, shape: rng.choice([-1.0, 1.0], shape) * rng.uniform(0.1, 2, shape)
    )


@dataclass(frozen=True)
class Labels:
    """Draws class numbers: one of 0 ... sizes[below] − 1 for each of sizes[axis] samples."""

    axis: str
    below: str

    def letters(self) -> set[str]:
        return {self.axis, self.below}

    def draw(self, sizes: Mapping[str, int], rng: np.random.Generator) -> np.ndarray:
        return rng.integers(sizes[self.below], size=sizes[self.axis])


@dataclass(frozen=True)
class Given:
    """A description of inputs; `strategy(N=1)` draws them with the size N fixed."""

    spec: Values
    where: Callable[[Values], bool]
    sizes: Mapping[str, tuple[int, int]]

    def letters(self) -> set[str]:
        arrays = [item for item in self.spec.values() if isinstance(item, Array | Labels)]
        return set().union(*(item.letters() for item in arrays))

    def strategy(self, **fixed: int) -> st.SearchStrategy[Values]:
        @st.composite
        def inputs(draw) -> Values:
            sizes = {
                letter: draw(st.integers(*self.sizes.get(letter, (1, 5))))
                for letter in sorted(self.letters())
            }
            rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
            return {
                name: _value(item, draw, sizes | fixed, rng) for name, item in self.spec.items()
            }

        return inputs().filter(self.where)


def given_inputs(
    *,
    where: Callable[[Values], bool] = lambda values: True,
    sizes: Mapping[str, tuple[int, int]] | None = None,
    **spec: Any,
) -> Given:
    """Describe inputs by name: axes (a normal array), Array, Labels, a strategy, or a constant.

    `sizes={"H": (4, 8)}` bounds a size (else 1 to 5); `where` refuses inputs that do not fit.
    """
    described = {
        name: normal(item) if isinstance(item, str) else item for name, item in spec.items()
    }
    return Given(described, where, sizes or {})


def _value(item: Any, draw: Callable, sizes: Mapping[str, int], rng: np.random.Generator) -> Any:
    if isinstance(item, Array | Labels):
        return item.draw(sizes, rng)
    return draw(item) if isinstance(item, st.SearchStrategy) else copy.deepcopy(item)


seeds = st.builds(Seed, st.integers(0, 2**32 - 1))


# --- a case -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hand:
    """A value worked by hand: `gives` for `inputs`; for a pair also the gradients for `dout`."""

    inputs: Values
    gives: Any
    dout: Any = None
    grads: Mapping[str, Any] = field(default_factory=dict)


class Bad:
    """Inputs that are refused: replace these in the hand-worked ones, expect error and words.

    In a pair, naming `dout` tests the backward function. `twin=False`: for NumPy's op only.
    """

    def __init__(self, error: type[Exception], words: str, *, twin: Any = True, **replaced: Any):
        self.error, self.words, self.twin, self.replaced = error, words, twin, replaced

    def goes_back(self, case: "Case") -> bool:
        """Whether it is the backward function that must refuse."""
        return case.kind == "pair" and "dout" in self.replaced

    def __repr__(self) -> str:
        return "-".join(self.replaced) + f"-{self.error.__name__}-{self.words}"


@dataclass(frozen=True)
class Case:
    """An op: how to draw its inputs, what it must give, what it must refuse.

    kind: "pair"      <op>_forward(...) -> (out, cache, ...), <op>_backward(dout, cache) -> grads
          "loss"      <op>(...) -> (loss, grads ...)
          "function"  <op>(...) -> out, or a tuple of them
          "update"    <op>(w, dw, state, ...) -> (w, state), run for several steps
    grads: the differentiable inputs, in the order in which their gradients are returned.
    empty: True where an empty batch gives an empty or zero result, else words of the error.
    float32: whether float32 in gives float32 out; only a check may say no.
    call: op -> the function to call with the inputs, for an op of other arguments than arrays
          and numbers (a list, a dict, a function), or one whose results need several calls.
    """

    op: str
    kind: str
    inputs: Given
    hand: Hand
    grads: tuple[str, ...] = ()
    bad: tuple[Bad, ...] = ()
    empty: bool | str = True
    float32: bool = True
    label: str = ""
    call: Callable[[Callable], Callable] = lambda op: op

    def __repr__(self) -> str:
        return f"{self.op}{'-' if self.label else ''}{self.label}"

    def function(self, package: Any) -> Callable:
        """The (forward) function of numpy_ref or torch_ref, to be called with the inputs."""
        return self.call(getattr(package, self.names[0]))

    @property
    def names(self) -> tuple[str, ...]:
        """The public functions that this case is about: "conv2d_naive" is conv2d_forward_naive."""
        if self.kind == "pair" and self.op.endswith("_naive"):
            op = self.op.removesuffix("_naive")
            return (f"{op}_forward_naive", f"{op}_backward_naive")
        return (f"{self.op}_forward", f"{self.op}_backward") if self.kind == "pair" else (self.op,)


@dataclass(frozen=True)
class Result:
    """What an op gave: its outputs in order, and gradients by the name of the input."""

    outputs: tuple
    grads: dict[str, Any]


def fresh(values: Values) -> Values:
    """The inputs of one call: each Seed becomes a new generator."""
    return {
        name: np.random.default_rng(value.number) if isinstance(value, Seed) else value
        for name, value in values.items()
    }


def run(case: Case, values: Values, dout: Any = None) -> Result:
    """Run the NumPy op; a pair goes back too, when there is a `dout`."""
    function = case.function(numpy_ref)
    if case.kind == "update":
        return Result(descend(function, values), {})
    result = as_tuple(function(**fresh(values)))
    if case.kind == "loss":
        return Result(result[:1], dict(zip(case.grads, result[1:], strict=True)))
    if case.kind == "function":
        return Result(result, {})
    out, cache, *others = result
    if dout is None:
        return Result((out, *others), {})
    grads = as_tuple(getattr(numpy_ref, case.names[1])(dout, cache))
    return Result((out, *others), dict(zip(case.grads, grads, strict=True)))


def descend(function: Callable, values: Values, steps: int = 5) -> tuple:
    """The weights after each step of an update rule whose gradient shrinks and changes sign."""
    w, state, path = values["w"], values["state"], []
    for step in range(steps):
        dw = values["dw"] * (1 - 0.4 * step)
        w, state = function(**{**values, "w": w, "dw": dw, "state": state})
        path.append(w)
    return tuple(path)


def random_dout(case: Case, values: Values) -> np.ndarray | None:
    """A random upstream gradient of the shape of out, for a pair."""
    if case.kind != "pair":
        return None
    out = run(case, values).outputs[0]
    return np.random.default_rng(7).standard_normal(out.shape).astype(out.dtype)


def refuse(case: Case, bad: Bad) -> Callable[[], Any]:
    """The call of the NumPy op that must be refused."""
    values = {**case.hand.inputs, **bad.replaced}
    if not bad.goes_back(case):
        return lambda: case.function(numpy_ref)(**fresh(values))
    dout = values.pop("dout")
    _, cache, *_ = getattr(numpy_ref, case.names[0])(**fresh(values))
    return lambda: getattr(numpy_ref, case.names[1])(dout, cache)


def assert_grammar(case: Case, bad: Bad, error: Exception) -> None:
    """The message names the op, what was expected and what came, in whole sentences."""
    op = case.names[-1] if bad.goes_back(case) else case.names[0]
    sentences = rf"{op}: \S.+\. Expected \S.+, got .+\.( \S.+\.)?"
    assert re.fullmatch(sentences, str(error), re.DOTALL), str(error)


def as_tuple(result: Any) -> tuple:
    """A result as a tuple, also where it is a single one, or a dict."""
    if isinstance(result, dict):
        return tuple(result.values())
    return result if isinstance(result, tuple) else (result,)


def arrays_of_floats(values: Values) -> list[str]:
    """The names of the inputs that are arrays of floats."""
    return [
        name
        for name, value in values.items()
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    ]


def cast(values: Values, dtype: type) -> Values:
    """The same inputs with all arrays of floats in another type."""
    return {**values, **{name: values[name].astype(dtype) for name in arrays_of_floats(values)}}


# --- what more than one table draws -------------------------------------------------------------

probability = st.one_of(st.just(0.0), st.floats(0.05, 0.95))
strength = st.one_of(st.just(0.0), st.floats(0.01, 2.0))
rate = st.floats(0.01, 0.5)
f = np.array
