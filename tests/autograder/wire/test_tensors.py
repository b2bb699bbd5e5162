"""Do PyTorch's tensors arrive as tensors?"""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from autograder.wire.plain import Ref, WireError, decode, encode

torch = pytest.importorskip("torch")

TENSORS = {
    "float32": torch.arange(6.0).reshape(2, 3),
    "float16": torch.tensor([1.5], dtype=torch.float16),
    "bfloat16": torch.tensor([[1.5, -2.0]], dtype=torch.bfloat16),
    "booleans": torch.tensor([True, False]),
    "a number": torch.tensor(3),
    "empty": torch.zeros(0, 3),
    "transposed": torch.arange(6.0).reshape(2, 3).T,
    "channels last": torch.rand(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
    "expanded": torch.tensor([1.0, 2.0]).expand(3, 2),
    "conjugate": torch.tensor([1 + 2j]).conj(),
    "leaf": torch.tensor([1.0], requires_grad=True),
    "bfloat16 leaf": torch.tensor([1.0], dtype=torch.bfloat16, requires_grad=True),
    "computed": torch.tensor([1.0], requires_grad=True) * 2,
    "parameter": torch.nn.Parameter(torch.ones(2)),
}


def sent(value: object, **more: Any) -> Any:
    return decode(encode(value, id, **more), id)  # pyright: ignore


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_arrives_with_dtype_values_and_gradient_flag(name):
    tensor = TENSORS[name]
    got = sent(tensor)
    assert type(got) is torch.Tensor and got.dtype is tensor.dtype
    assert got.requires_grad == tensor.requires_grad and got.is_leaf
    assert got.is_contiguous() == tensor.is_contiguous()
    torch.testing.assert_close(got.detach(), tensor.detach(), rtol=0, atol=0)


def test_a_tensor_met_twice_is_one_tensor_there():
    tensor = torch.ones(2)
    first, second = sent([tensor, tensor])
    assert first is second


def test_tensors_that_are_gone_are_not_taken_for_later_ones():
    def refer(thing: object) -> Ref:
        return Ref("examiner", 0, "object", "a", torch.ones(1))

    got = decode(encode([object(), object(), object()], refer), lambda ref: ref)
    assert len({id(ref.state) for ref in got}) == 3


def test_the_memory_of_tensors_stands_among_the_arrays():
    tensor, here, there = torch.zeros(2), [], []
    got = decode(encode([np.ones(1), tensor], id, arrays=here), id, arrays=there)  # pyright: ignore
    here[1][:] = 5
    there[1][:] = 7
    assert tensor.tolist() == [5, 5] and got[1].tolist() == [7, 7]


@pytest.mark.parametrize(
    "tensor",
    [
        torch.eye(2).to_sparse(),
        torch.zeros(1, dtype=torch.float8_e4m3fn),
        torch.zeros(1).to("meta"),
    ],
    ids=["sparse", "float8", "meta"],
)
def test_a_tensor_without_plain_memory_is_refused(tensor):
    with pytest.raises(WireError, match="tensor of"):
        encode(tensor, id)  # pyright: ignore


def test_a_tensor_that_is_too_large_is_refused_before_it_is_copied():
    with pytest.raises(WireError, match="67,108,864"):
        encode(torch.zeros(1).expand(2**40), id)  # pyright: ignore


def test_pytorch_is_not_imported_for_values_that_are_no_tensors():
    code = """
import sys
import numpy as np
from autograder.wire.plain import Ref, decode, encode
message = encode([np.ones(2), len], lambda thing: Ref("examiner", 0, "function", "len"))
decode(message, id)
sys.exit("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_a_false_pytorch_is_no_pytorch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(KeyError):
        encode(len, {}.__getitem__)
