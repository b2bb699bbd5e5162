"""One table of all reference functions; the common tests of numpy_ref and torch_ref run over it.

A new op is one `Case`. What it gets for that: a check by finite differences, its twin in PyTorch,
a value worked by hand, float32, read-only and non-contiguous inputs, inputs left alone, a batch
of one and of none, NaN, and its table of errors. Inputs are drawn from a short description:

    given_inputs(x="N D", w="D M", b="M")      normal arrays; a letter is one size everywhere
    given_inputs(x=away_from_zero("N D"))      no value near a kink at 0
    given_inputs(x="N C H W", w="F C KH KW", stride=st.integers(1, 3), sizes={"KH": (1, 3)},
                 where=lambda v: v["x"].shape[2] >= v["w"].shape[2])
"""

import copy
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

    kind: "pair"      <op>_forward(...) -> (out, ..., cache), <op>_backward(dout, cache) -> grads
          "loss"      <op>(...) -> (loss, grads ...)
          "function"  <op>(...) -> out, or a tuple of them
          "update"    <op>(w, dw, state, ...) -> (w, state), run for several steps
    grads: the differentiable inputs, in the order in which their gradients are returned.
    empty: True where an empty batch gives an empty or zero result, else words of the error.
    float32: whether float32 in gives float32 out; only a check may say no.
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

    def __repr__(self) -> str:
        return f"{self.op}{'-' if self.label else ''}{self.label}"

    @property
    def names(self) -> tuple[str, ...]:
        """The public functions that this case is about."""
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
    function = getattr(numpy_ref, case.names[0])
    if case.kind == "update":
        return Result(descend(function, values), {})
    result = as_tuple(function(**fresh(values)))
    if case.kind == "loss":
        return Result(result[:1], dict(zip(case.grads, result[1:], strict=True)))
    if case.kind == "function":
        return Result(result, {})
    if dout is None:
        return Result(result[:-1], {})
    grads = as_tuple(getattr(numpy_ref, case.names[1])(dout, result[-1]))
    return Result(result[:-1], dict(zip(case.grads, grads, strict=True)))


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
        return lambda: getattr(numpy_ref, case.names[0])(**fresh(values))
    dout = values.pop("dout")
    *_, cache = getattr(numpy_ref, case.names[0])(**fresh(values))
    return lambda: getattr(numpy_ref, case.names[1])(dout, cache)


def assert_grammar(case: Case, bad: Bad, error: Exception) -> None:
    """The message names the op, what was expected and what came."""
    op = case.names[-1] if bad.goes_back(case) else case.names[0]
    assert str(error).startswith(f"{op}: "), str(error)
    assert "Expected" in str(error) and "got" in str(error), str(error)


def as_tuple(result: Any) -> tuple:
    """A result as a tuple, also where it is a single one."""
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


# --- the table ----------------------------------------------------------------------------------

probability = st.one_of(st.just(0.0), st.floats(0.05, 0.95))
strength = st.one_of(st.just(0.0), st.floats(0.01, 2.0))
rate = st.floats(0.01, 0.5)
f = np.array

_AFFINE = Hand(
    {"x": f([[1.0, 2.0]]), "w": f([[1.0, 0.0, 2.0], [3.0, -1.0, 0.0]]), "b": f([0.5, 0.0, 1.0])},
    gives=f([[7.5, -2.0, 3.0]]),
    dout=f([[1.0, 10.0, 100.0]]),
    grads={
        "x": f([[201.0, -7.0]]),
        "w": f([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]]),
        "b": f([1.0, 10.0, 100.0]),
    },
)

# default_rng(0).random(4) starts 0.64, 0.27, 0.04, 0.02: at p = 0.25 the last two are dropped.
_DROPOUT_IN = {"x": f([1.0, 2.0, 3.0, 4.0]), "p": 0.25, "training": True, "rng": Seed(0)}
_DROPOUT_INPUTS = given_inputs(x="N D", p=probability, training=st.booleans(), rng=seeds)
_DROPOUT_BAD = (
    Bad(ValueError, "p in [0, 1), got 1.0", p=1.0),
    Bad(ValueError, "p in [0, 1), got -0.1", p=-0.1),
    Bad(ValueError, "p is out of range", p=float("nan")),
    Bad(TypeError, "p is not a number", p="0.5"),
    Bad(TypeError, "p is not a number", p=True),
    Bad(TypeError, "True or False, got 'test'", training="test"),
    Bad(TypeError, "training is not a bool", training=1),
    Bad(TypeError, "rng is not a generator", rng=0),
    Bad(TypeError, "rng is not a generator", rng=None),
    Bad(ValueError, "dout of shape (4,), got (3,)", dout=np.ones(3)),
    Bad(TypeError, "dout is not an array of floats", dout=np.ones(4, dtype=int)),
)

_STEP_IN = {"w": f([1.0, -2.0]), "dw": f([0.5, 1.0]), "lr": 0.1, "weight_decay": 0.5}
_STEP_INPUTS = {"w": "A B", "dw": "A B", "lr": rate, "weight_decay": strength}
_STEP_BAD = (
    Bad(ValueError, "dw of shape (2,), got (3,)", dw=np.ones(3)),
    Bad(ValueError, "dw has the wrong shape", dw=np.ones((2, 1))),
    Bad(ValueError, "lr in (0, inf), got 0.0", lr=0.0),
    Bad(ValueError, "lr is out of range", lr=-0.1),
    Bad(ValueError, "lr is out of range", lr=float("inf")),
    Bad(ValueError, "lr is out of range", lr=float("nan")),
    Bad(TypeError, "lr is not a number", lr=[0.1]),
    Bad(ValueError, "weight_decay in [0, inf), got -1.0", weight_decay=-1.0),
)
_RULE_BAD = (
    *_STEP_BAD,
    Bad(TypeError, "state is not a dict", state=[]),
    Bad(ValueError, "state is not this rule's", state={"velocity": np.zeros(2)}),
)


def _not_a_strength(name: str) -> tuple[Bad, ...]:
    """What every strength of a penalty refuses."""
    return (
        Bad(ValueError, f"{name} in [0, inf), got -1.0", **{name: -1.0}),
        Bad(ValueError, f"{name} is out of range", **{name: float("inf")}),
        Bad(ValueError, f"{name} is out of range", **{name: float("nan")}),
        Bad(TypeError, f"{name} is not a number", **{name: None}),
    )


def _noisy(x, rng):
    """One pass that is random, for arrays and tensors alike."""
    return x * float(rng.random() > 0.5) + x


CASES = [
    Case(
        "affine",
        "pair",
        given_inputs(x="N D", w="D M", b="M"),
        _AFFINE,
        grads=("x", "w", "b"),
        bad=(
            Bad(ValueError, "w of shape (2, M), got (3, 2)", w=np.ones((3, 2))),
            Bad(ValueError, "w has the wrong shape", w=np.ones(2)),
            Bad(ValueError, "b of shape (3,), got (1,)", b=np.ones(1)),
            Bad(ValueError, "b has the wrong shape", b=np.ones((1, 3))),
            Bad(ValueError, "x has no batch axis", x=np.ones(2)),
            Bad(ValueError, "dout of shape (1, 3), got (3,)", dout=np.ones(3)),
            Bad(ValueError, "dout has the wrong shape", dout=np.ones((2, 3))),
            Bad(TypeError, "dout is not an array of floats", dout=[[1.0, 1.0, 1.0]]),
        ),
    ),
    Case(
        "affine",
        "pair",
        given_inputs(x="N C H W", w="C*H*W M", b="M", sizes={"H": (1, 3), "W": (1, 3)}),
        Hand(
            {"x": f([[[[1.0, 2.0]]]]), "w": f([[1.0], [3.0]]), "b": f([0.5])},
            gives=f([[7.5]]),
            dout=f([[2.0]]),
            grads={"x": f([[[[2.0, 6.0]]]]), "w": f([[2.0], [4.0]]), "b": f([2.0])},
        ),
        grads=("x", "w", "b"),
        label="of_pictures",
    ),
    Case(
        "relu",
        "pair",
        given_inputs(x=away_from_zero("N D")),
        Hand(
            {"x": f([-1.0, 0.0, 2.0])},
            gives=f([0.0, 0.0, 2.0]),
            dout=f([5.0, 6.0, 7.0]),
            grads={"x": f([0.0, 0.0, 7.0])},
        ),
        grads=("x",),
        bad=(
            Bad(ValueError, "dout of shape (3,), got (2,)", dout=np.ones(2)),
            Bad(TypeError, "dout is not an array of floats", dout=np.ones(3, dtype=int)),
        ),
    ),
    Case(
        "softmax_cross_entropy",
        "loss",
        given_inputs(scores="N K", y=Labels("N", "K"), label_smoothing=st.floats(0, 1)),
        Hand(  # softmax is (1/4, 3/4), the target (0.9, 0.1)
            {"scores": np.log(f([[1.0, 3.0]])), "y": f([0]), "label_smoothing": 0.2},
            gives=0.9 * np.log(4) + 0.1 * np.log(4 / 3),
            grads={"scores": f([[-0.65, 0.65]])},
        ),
        grads=("scores",),
        bad=(
            Bad(TypeError, "y is not an array of integers", y=f([0.0])),
            Bad(TypeError, "y is not an array of integers", y=f([True])),
            Bad(TypeError, "y is not an array of integers", y=[0]),
            Bad(TypeError, "y is not an array of integers", y=0),
            Bad(ValueError, "classes 0 to 1, got 2 to 2", y=f([2])),
            Bad(ValueError, "classes 0 to 1, got -1 to -1", y=f([-1])),
            Bad(ValueError, "y of shape (1,), got (2,)", y=f([0, 1])),
            Bad(ValueError, "y has the wrong shape", y=f([[0]])),
            Bad(ValueError, "scores of shape (N, K), got (2,)", scores=np.ones(2)),
            Bad(ValueError, "scores is empty", scores=np.ones((1, 0))),
            Bad(ValueError, "label_smoothing in [0, 1], got 1.1", label_smoothing=1.1),
        ),
        empty="scores is empty",
    ),
    Case(
        "numerical_gradient",
        "function",
        given_inputs(f=st.just(np.sin), x="N D", dout="N D"),
        Hand(
            {"f": np.square, "x": f([1.0, 3.0]), "dout": f([1.0, 10.0]), "h": 0.5},
            gives=f([2.0, 60.0]),
        ),
        bad=(
            Bad(TypeError, "f is not a function", f=3.0),
            Bad(ValueError, "h in (0, inf), got 0.0", h=0.0),
            Bad(ValueError, "dout of shape (2,), got (1,)", dout=np.ones(1)),
        ),
        float32=False,
    ),
    Case(
        "relative_error",
        "function",
        given_inputs(a="N D", b="N D"),
        Hand({"a": f([0.0, 4.0]), "b": f([0.0, 3.0])}, gives=0.25),
        bad=(Bad(ValueError, "b of shape (2,), got (1,)", b=np.ones(1)),),
    ),
    Case(
        "l2_penalty",
        "loss",
        given_inputs(w="D M", weight_decay=strength),
        Hand({"w": f([3.0, -4.0]), "weight_decay": 0.1}, gives=1.25, grads={"w": f([0.3, -0.4])}),
        grads=("w",),
        bad=_not_a_strength("weight_decay"),
    ),
    Case(
        "l1_penalty",
        "loss",
        given_inputs(w=away_from_zero("D M"), strength=strength),
        Hand(
            {"w": f([3.0, 0.0, -4.0]), "strength": 0.5},
            gives=3.5,
            grads={"w": f([0.5, 0.0, -0.5])},
        ),
        grads=("w",),
        bad=_not_a_strength("strength"),
    ),
    Case(
        "elastic_net_penalty",
        "loss",
        given_inputs(w=away_from_zero("D M"), l1=strength, l2=strength),
        Hand({"w": f([3.0, -4.0]), "l1": 1.0, "l2": 0.5}, gives=19.5, grads={"w": f([4.0, -5.0])}),
        grads=("w",),
        bad=_not_a_strength("l1") + _not_a_strength("l2"),
    ),
    Case(
        "max_norm",
        "function",
        given_inputs(w="D M", c=st.floats(0.1, 10.0)),
        Hand({"w": f([[3.0, 0.1], [4.0, 0.2]]), "c": 1.0}, gives=f([[0.6, 0.1], [0.8, 0.2]])),
        bad=(
            Bad(ValueError, "c in (0, inf), got 0.0", c=0.0),
            Bad(ValueError, "c is out of range", c=-1.0),
            Bad(ValueError, "w of shape (D, M), got (2,)", w=np.ones(2)),
        ),
    ),
    Case(
        "vanilla_dropout",
        "pair",
        _DROPOUT_INPUTS,
        Hand(
            _DROPOUT_IN,
            gives=f([1.0, 2.0, 0.0, 0.0]),
            dout=f([3.0, 6.0, 9.0, 9.0]),
            grads={"x": f([3.0, 6.0, 0.0, 0.0])},
        ),
        grads=("x",),
        bad=_DROPOUT_BAD,
    ),
    Case(
        "dropout",
        "pair",
        _DROPOUT_INPUTS,
        Hand(
            _DROPOUT_IN,
            gives=f([4 / 3, 8 / 3, 0.0, 0.0]),
            dout=f([3.0, 6.0, 9.0, 9.0]),
            grads={"x": f([4.0, 8.0, 0.0, 0.0])},
        ),
        grads=("x",),
        bad=_DROPOUT_BAD,
    ),
    Case(
        "mc_dropout_predict",
        "function",
        given_inputs(forward=st.just(_noisy), x="N D", n_samples=st.integers(1, 8), rng=seeds),
        Hand(  # the passes give 2x, x, x, x: mean 1.25 x, variance 3/16 x²
            {"forward": _noisy, "x": f([4.0]), "n_samples": 4, "rng": Seed(0)},
            gives=(f([5.0]), f([np.sqrt(3.0)])),
        ),
        bad=(
            Bad(ValueError, "n_samples of at least 1, got 0", n_samples=0),
            Bad(TypeError, "n_samples is not a whole number", n_samples=2.0),
            Bad(TypeError, "rng is not a generator", rng=0),
            Bad(TypeError, "forward is not a function", forward=f([1.0])),
            Bad(TypeError, "floats, got tuple", forward=lambda x, rng: (x, None)),
        ),
    ),
    Case(
        "sgd_weight_decay_step",
        "function",
        given_inputs(**_STEP_INPUTS),
        Hand(_STEP_IN, gives=f([0.9, -2.0])),
        bad=_STEP_BAD,
    ),
    Case(
        "sgd",
        "update",
        given_inputs(**_STEP_INPUTS, state={}),
        Hand({**_STEP_IN, "state": {}}, gives=(f([0.9, -2.0]),)),
        bad=_RULE_BAD,
    ),
    Case(
        "momentum",
        "update",
        given_inputs(**_STEP_INPUTS, state={}, momentum=st.one_of(st.just(0.0), st.just(0.9))),
        Hand(  # g is (1, 0), then 0.6·(0.5, 1) + 0.5·(0.9, −2) = (0.75, −0.4); v = 0.5·g + that
            {**_STEP_IN, "state": {}, "momentum": 0.5},
            gives=(f([0.9, -2.0]), f([0.775, -1.96])),
        ),
        bad=(
            *_RULE_BAD,
            Bad(ValueError, "momentum in [0, 1), got 1.0", momentum=1.0),
            Bad(ValueError, "state['v'] of shape (2,)", twin=False, state={"v": np.zeros(3)}),
        ),
    ),
    Case(
        "adam",
        "update",
        given_inputs(
            w="A B",
            dw=away_from_zero("A B"),
            lr=rate,
            weight_decay=st.one_of(st.just(0.0), st.just(0.01)),
            state={},
            beta1=st.sampled_from([0.0, 0.5, 0.9]),
            beta2=st.sampled_from([0.0, 0.9, 0.999]),
        ),
        Hand(  # the first step is lr in each direction, whatever the gradient
            {"w": f([1.0, 1.0]), "dw": f([5.0, -2.0]), "state": {}, "lr": 0.1},
            gives=(f([0.9, 1.1]),),
        ),
        bad=(
            *_RULE_BAD,
            Bad(ValueError, "beta1 in [0, 1), got 1.0", beta1=1.0),
            Bad(ValueError, "beta2 in [0, 1), got -0.1", beta2=-0.1),
            Bad(ValueError, "eps in (0, inf), got 0.0", eps=0.0),
        ),
    ),
]

# Public names of numpy_ref without a twin, and why; a `_backward` never has one: autograd is it.
NO_TWIN = {
    "numerical_gradient": "a check of gradients, not an op; PyTorch's is torch.autograd.gradcheck",
    "relative_error": "a check of gradients, not an op",
}

# Classes compose the functions above; test_layers.py compares them with torch.nn.
CLASSES = ("Layer", "Linear", "ReLU", "Dropout", "Sequential")
