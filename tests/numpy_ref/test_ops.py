"""What every op of numpy_ref must do: the common tests over the table of cases."""

import contextlib
import copy
import importlib
import inspect
import pkgutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import numpy_ref
from coursekit.numpy_ref import numerical_gradient, relative_error
from tests.cases import CASES, CLASSES
from tests.cases.case import (
    Bad,
    Case,
    arrays_of_floats,
    as_tuple,
    assert_grammar,
    cast,
    drawn,
    random_dout,
    refuse,
    run,
)

every_case = pytest.mark.parametrize("case", CASES, ids=repr)
differentiable = pytest.mark.parametrize("case", [c for c in CASES if c.grads], ids=repr)
batched = pytest.mark.parametrize("case", [c for c in CASES if "N" in c.inputs.letters()], ids=repr)
bad_inputs = pytest.mark.parametrize(
    ("case", "bad"), [(case, bad) for case in CASES for bad in case.bad], ids=repr
)


def test_every_public_name_has_a_case():
    """Is anything public left out of the common tests?"""
    covered = {name for case in CASES for name in case.names} | set(CLASSES)
    forgotten = sorted(set(numpy_ref.__all__) - covered)
    assert not forgotten, f"Add a Case in tests/cases/ for {forgotten}."
    unknown = sorted(covered - set(numpy_ref.__all__))
    assert not unknown, f"coursekit/numpy_ref/__init__.py does not export {unknown}."


def test_every_public_function_is_exported():
    """Is a function defined in a file of numpy_ref, but missing in its __all__?"""
    forgotten = [
        f"{module.__name__}.{name}"
        for module in map(importlib.import_module, modules_of(numpy_ref))
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
        and callable(value)
        and name not in numpy_ref.__all__
    ]
    assert not forgotten, f"Export from coursekit/numpy_ref/__init__.py: {forgotten}."


def modules_of(package) -> list[str]:
    """The public modules of a package and of those inside it."""
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    return [info.name for info in found if "._" not in info.name]


@differentiable
@drawn
@given(st.data())
def test_gradient_agrees_with_finite_differences(case: Case, data):
    assert_gradients(case, data.draw(case.inputs.strategy()))


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.grads and "N" in c.inputs.letters()], ids=repr
)
@drawn
@given(st.data())
def test_gradient_of_a_batch_of_one(case: Case, data):
    assert_gradients(case, data.draw(case.inputs.strategy(N=1)))


def assert_gradients(case: Case, values):
    dout = random_dout(case, values)
    grads = run(case, values, dout).grads
    for name in case.grads:
        numeric = numerical_gradient(
            lambda value, name=name: run(case, {**values, name: value}).outputs[0],
            values[name],
            1.0 if dout is None else dout,
        )
        assert relative_error(grads[name], numeric) < 1e-7, f"the gradient of {name} is wrong"


@every_case
def test_value_worked_by_hand(case: Case):
    result = run(case, case.hand.inputs, case.hand.dout)
    for ours, by_hand in zip(result.outputs, as_tuple(case.hand.gives), strict=False):
        np.testing.assert_allclose(ours, by_hand, rtol=1e-6, atol=1e-12)
    assert set(result.grads) == set(case.hand.grads)
    for name, by_hand in case.hand.grads.items():
        np.testing.assert_allclose(result.grads[name], by_hand, rtol=1e-12, atol=1e-12)


@every_case
def test_an_argument_left_out_has_the_default_of_the_signature(case: Case):
    function = getattr(numpy_ref, case.names[0])
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is not parameter.empty:
            rest = {key: value for key, value in case.hand.inputs.items() if key != name}
            named = run(case, {**rest, name: parameter.default})
            for left_out, said in zip(run(case, rest).outputs, named.outputs, strict=True):
                np.testing.assert_array_equal(left_out, said, f"the default of {name} is another")


@pytest.mark.parametrize("case", [c for c in CASES if c.float32], ids=repr)
@drawn
@given(st.data())
def test_float32_in_gives_float32_out(case: Case, data):
    values = cast(data.draw(case.inputs.strategy()), np.float32)
    values = {k: np.float64(v) if isinstance(v, float) else v for k, v in values.items()}
    result = run(case, values, random_dout(case, values))
    for array in (*result.outputs, *result.grads.values()):
        assert isinstance(array, float) or array.dtype == np.float32


@every_case
@drawn
@given(st.data())
def test_inputs_may_be_read_only_and_spread_in_memory(case: Case, data):
    values = data.draw(case.inputs.strategy())
    spread = {**values, **{name: spread_out(values[name]) for name in arrays_of_floats(values)}}
    dout = random_dout(case, values)
    plain = run(case, values, dout)
    odd = run(case, spread, None if dout is None else spread_out(dout))
    for ours, theirs in zip(everything(odd), everything(plain), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def spread_out(array: np.ndarray) -> np.ndarray:
    """The same values, read-only, in a view with gaps and its axes reversed in memory."""
    wide = np.repeat(array.T, 2, axis=-1)[..., ::2].T
    wide.flags.writeable = False
    return wide


@every_case
@drawn
@given(st.data())
def test_inputs_are_left_alone(case: Case, data):
    values = data.draw(case.inputs.strategy())
    dout = random_dout(case, values)
    before = copy.deepcopy((values, dout))
    result = run(case, values, dout)
    for name, value in values.items():
        np.testing.assert_equal(value, before[0][name], f"{name} was changed")
    np.testing.assert_equal(dout, before[1])
    for array in everything(result):
        for name in arrays_of_floats(values):
            assert not np.shares_memory(array, values[name]), f"a result is a view of {name}"


def everything(result):
    """All that an op gave, outputs and gradients."""
    return [*result.outputs, *result.grads.values()]


@batched
@drawn
@given(st.data())
def test_empty_batch_gives_empty_and_zeros_or_says_why_not(case: Case, data):
    values = data.draw(case.inputs.strategy(N=0))
    if isinstance(case.empty, str):
        with pytest.raises(ValueError, match=case.empty):
            run(case, values)
        return
    result = run(case, values, random_dout(case, values))
    # What a pair returns beside out, such as running averages, may be as full as before.
    outputs = result.outputs[:1] if case.kind == "pair" else result.outputs
    assert all(np.size(out) == 0 or np.all(out == 0) for out in outputs)
    for name, grad in result.grads.items():
        np.testing.assert_array_equal(grad, np.zeros_like(values[name]))


@every_case
def test_nan_is_never_hidden(case: Case):
    for name in arrays_of_floats(case.hand.inputs):
        values = copy.deepcopy(case.hand.inputs)
        values[name].flat[0] = np.nan
        with contextlib.suppress(ValueError):  # an error does not hide it
            outputs = run(case, values).outputs
            assert any(np.isnan(out).any() for out in outputs), f"NaN in {name} got lost"


@pytest.mark.parametrize("case", [c for c in CASES if c.kind == "pair"], ids=repr)
def test_nan_upstream_is_never_hidden(case: Case):
    dout = np.full_like(case.hand.dout, np.nan)
    for name, grad in run(case, case.hand.inputs, dout).grads.items():
        assert np.isnan(grad).any(), f"NaN got lost on the way to {name}"


@bad_inputs
def test_bad_input_is_refused_in_plain_words(case: Case, bad: Bad):
    call = refuse(case, bad)
    with pytest.raises(bad.error) as caught:
        call()
    assert bad.words in str(caught.value)
    assert_grammar(case, bad, caught.value)


NOT_FLOATS = {
    "int": lambda array: array.astype(int),
    "bool": lambda array: array.astype(bool),
    "complex": lambda array: array.astype(complex),
    "object": lambda array: array.astype(object),
    "list": lambda array: array.tolist(),
    "nothing": lambda array: None,
    "matrix": lambda array: array.reshape(1, -1).view(np.matrix),
    "masked": lambda array: np.ma.masked_array(array, mask=False),
}


@every_case
@pytest.mark.parametrize("wrong", NOT_FLOATS)
def test_only_arrays_of_floats_will_do(case: Case, wrong: str):
    for name in arrays_of_floats(case.hand.inputs):
        if (case.op, name) == ("numerical_gradient", "dout"):
            continue  # a number will do there
        value = NOT_FLOATS[wrong](case.hand.inputs[name])
        bad = Bad(TypeError, f"{name} is not an array of floats", **{name: value})
        test_bad_input_is_refused_in_plain_words(case, bad)
