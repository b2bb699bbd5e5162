"""Every op against its twin in PyTorch: outputs, and all gradients against autograd's."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit import numpy_ref, torch_ref
from tests.cases import CASES, CLASSES, NO_TWIN
from tests.cases.case import (
    Bad,
    Case,
    Result,
    Values,
    arrays_of_floats,
    as_tuple,
    assert_grammar,
    cast,
    descend,
    drawn,
    fresh,
    random_dout,
    run,
)

TWINNED = [case for case in CASES if case.names[0] not in NO_TWIN]
every_twin = pytest.mark.parametrize("case", TWINNED, ids=repr)
bad_inputs = pytest.mark.parametrize(
    ("case", "bad"),
    [(c, bad) for c in TWINNED for bad in c.bad if bad.twin and not bad.goes_back(c)],
    ids=repr,
)


def test_every_function_has_a_twin_or_a_reason():
    functions = {n for n in numpy_ref.__all__ if "_backward" not in n} - set(CLASSES)
    forgotten = sorted(functions - set(torch_ref.__all__) - set(NO_TWIN))
    assert not forgotten, (
        f"Write {forgotten} in coursekit/torch_ref/ and export them from its __init__.py, "
        "or give the reason in NO_TWIN in tests/cases/."
    )
    needless = sorted((set(torch_ref.__all__) & set(NO_TWIN)) | (set(NO_TWIN) - functions))
    assert not needless, f"Remove {needless} from NO_TWIN in tests/cases/."
    alone = sorted(set(torch_ref.__all__) - functions)
    assert not alone, f"coursekit/numpy_ref/__init__.py does not export {alone}."


def test_twins_are_in_files_of_the_same_name():
    for name in torch_ref.__all__:
        ours, theirs = getattr(numpy_ref, name).__module__, getattr(torch_ref, name).__module__
        assert ours.rpartition(".")[2] == theirs.rpartition(".")[2], f"{name}: {ours}, {theirs}"


@every_twin
@drawn
@given(st.data())
def test_twin_agrees_in_float64(case: Case, data):
    assert_twins(case, data.draw(case.inputs.strategy()), tolerance=1e-10)


@every_twin
@drawn
@given(st.data())
def test_twin_agrees_in_float32(case: Case, data):
    values = cast(data.draw(case.inputs.strategy()), np.float32)
    assert_twins(case, values, tolerance=1e-5)


@pytest.mark.parametrize(
    "case", [c for c in TWINNED if "N" in c.inputs.letters() and c.empty is True], ids=repr
)
@pytest.mark.parametrize("n", [0, 1])
@drawn
@given(st.data())
def test_twin_agrees_on_a_batch_of_none_and_of_one(case: Case, n: int, data):
    assert_twins(case, data.draw(case.inputs.strategy(N=n)), tolerance=1e-10)


@every_twin
def test_twin_agrees_on_the_value_worked_by_hand(case: Case):
    result = run_twin(case, case.hand.inputs, None)
    for ours, by_hand in zip(result.outputs, as_tuple(case.hand.gives), strict=False):
        np.testing.assert_allclose(ours, by_hand, rtol=1e-6, atol=1e-12)


@bad_inputs
def test_twin_refuses_bad_input_in_plain_words(case: Case, bad: Bad):
    values = tensors({**case.hand.inputs, **bad.replaced})
    with pytest.raises(bad.error) as caught:
        case.function(torch_ref)(**fresh(values))
    assert bad.words in str(caught.value)
    assert_grammar(case, bad, caught.value)


@pytest.mark.parametrize("case", [c for c in TWINNED if arrays_of_floats(c.hand.inputs)], ids=repr)
def test_twin_refuses_arrays_and_integers(case: Case):
    for convert in (np.asarray, lambda array: torch.from_numpy(array).long()):
        values = {
            name: convert(value)
            if isinstance(value, np.ndarray) and value.dtype.kind == "f"
            else value
            for name, value in case.hand.inputs.items()
        }
        with pytest.raises(TypeError, match="is not a tensor of floats"):
            case.function(torch_ref)(**fresh(values))


@every_twin
def test_twin_leaves_its_inputs_alone(case: Case):
    values, untouched = tensors(case.hand.inputs), tensors(case.hand.inputs)
    case.function(torch_ref)(**fresh(values))
    for name, value in values.items():
        if isinstance(value, torch.Tensor):
            assert torch.equal(value, untouched[name]), f"{name} was changed"
        else:
            assert value == untouched[name], f"{name} was changed"


@every_twin
def test_twin_gives_no_views_of_its_inputs(case: Case):
    values = tensors(case.hand.inputs)
    inputs = [value for value in values.values() if isinstance(value, torch.Tensor)]
    for out in as_tuple(case.function(torch_ref)(**fresh(values))):
        for value in inputs if isinstance(out, torch.Tensor) else ():
            same = out.untyped_storage().data_ptr() == value.untyped_storage().data_ptr()
            assert not same, "a result is a view"


def assert_twins(case: Case, values: Values, tolerance: float):
    """Outputs and gradients of both, within the tolerance (relative, and of the size of 1)."""
    dout = random_dout(case, values)
    ours, theirs = run(case, values, dout), run_twin(case, values, dout)
    assert len(ours.outputs) == len(theirs.outputs)
    assert set(ours.grads) == set(theirs.grads)
    pairs = [*zip(ours.outputs, theirs.outputs, strict=True)]
    pairs += [(ours.grads[name], theirs.grads[name]) for name in ours.grads]
    for mine, twin in pairs:
        assert np.shape(mine) == np.shape(twin)
        assert np.asarray(mine).dtype == twin.dtype or isinstance(mine, float)
        np.testing.assert_allclose(mine, twin, rtol=tolerance, atol=tolerance)


def run_twin(case: Case, values: Values, dout: np.ndarray | None) -> Result:
    """Run the twin, and autograd for what a pair or a loss calls its gradients."""
    inputs = tensors(values)
    function = case.function(torch_ref)
    if case.kind == "update":
        return Result(tuple(w.numpy() for w in descend(function, inputs)), {})
    for name in case.grads:
        inputs[name].requires_grad_()
    outputs = as_tuple(function(**fresh(inputs)))
    grads = {}
    if case.kind == "loss" or dout is not None:
        upstream = None if dout is None else torch.from_numpy(dout)
        wanted = [inputs[name] for name in case.grads]
        grads = dict(
            zip(case.grads, torch.autograd.grad(outputs[0], wanted, upstream), strict=True)
        )
    return Result(
        tuple(
            out.detach().numpy() if isinstance(out, torch.Tensor) else np.asarray(out)
            for out in outputs
        ),
        {name: grad.numpy() for name, grad in grads.items()},
    )


def tensors(values: Values) -> dict[str, Any]:
    """The same inputs with a copy as a tensor for every array."""
    return {
        name: torch.from_numpy(value.copy()) if isinstance(value, np.ndarray) else value
        for name, value in values.items()
    }
