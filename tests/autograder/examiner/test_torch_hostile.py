"""Does hostile code in a lab with PyTorch cost its own exercise, and nothing else?"""

import time

import pytest

from autograder.examiner.candidate import Lost
from tests.autograder.examiner.test_torch import apart, handed_over

torch = pytest.importorskip("torch")

X = "x = torch.tensor([1.0, 2.0], requires_grad=True)\n"
FUNCTION = """
import os, time
class F1(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x
    @staticmethod
    def backward(ctx, dout):
        {}
def f(x):
    return F1.apply(x)
"""
LIAR = """
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True
    __eq__ = allclose = equal = lambda *a: True
    shape = property(lambda self: Everything())
class Everything(tuple):
    def __eq__(self, other): return True
def f(x):
    return torch.zeros(2).as_subclass(Liar)
"""
PATCHED = """
torch.allclose = torch.equal = lambda *a, **k: True
torch.Tensor.__eq__ = lambda *a: True
torch.testing.assert_close = print
def f(x):
    return torch.zeros(2)
"""
EQUAL = "assert torch.equal(f(x), 2 * x)"
BACKWARD = "out = f(x)\nout.sum().backward()\nassert torch.equal(x.grad, torch.full((2,), 2.0))"
NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
    def forward(self, x): return x
"""

# Student code, and a test that it must not pass.
HOSTILE = {
    "a tensor that equals all": (LIAR, X + EQUAL),
    "a patched PyTorch": (PATCHED, X + EQUAL),
    "nan": ("def f(x):\n    return x * float('nan')", X + EQUAL),
    "a gradient of another shape": (FUNCTION.format("return torch.ones(7)"), X + BACKWARD),
    "a gradient that is none": (FUNCTION.format("return None"), X + BACKWARD),
    "a gradient of text": (FUNCTION.format("return 'a'"), X + BACKWARD),
    "two gradients": (FUNCTION.format("return dout, dout"), X + BACKWARD),
    "a gradient of nan": (FUNCTION.format("return dout * float('nan')"), X + BACKWARD),
    "an error in backward": (FUNCTION.format("raise KeyError('no')"), X + BACKWARD),
    "StopIteration in backward": (FUNCTION.format("raise StopIteration"), X + BACKWARD),
    "a tensor without values": ("def f(x):\n    return torch.ones(2, device='meta')", X + EQUAL),
    "a complex tensor": ("def f(x):\n    return (2 * x) + 1j", X + EQUAL),
    "a quantised tensor": (
        "def f(x):\n    return torch.quantize_per_tensor(2 * x.detach(), 1.0, 0, torch.quint8)",
        X + EQUAL,
    ),
    "a tensor of 4 terabytes": ("def f(x):\n    return torch.ones(1).expand(10**12)", X + EQUAL),
    "zeros for all that the test draws": (
        """
def f(x):
    state = torch.get_rng_state()
    state[24:24 + 8 * 624] = 0
    torch.set_rng_state(state)
    return torch.zeros(2)
""",
        "f(torch.ones(2))\nx = torch.rand(2)\n" + EQUAL,
    ),
    "parameters that lie": (
        NET + "    def parameters(self, recurse=True): return [torch.ones(174)]",
        "net = Net()\nassert {id(p) for p in net.parameters()} == {id(net.fc.weight)}",
    ),
    "a network that is a part of itself": (
        NET.replace("self.fc = nn.Linear(2, 2)", "self.me = self"),
        "net = Net()\nnet.eval()\nassert not net.training and len([*net.parameters()]) == 1",
    ),
    "a network that takes other names": (
        NET + "    __class__ = property(lambda s: dict)\n"
        "    def __repr__(self): return 1 / 0\n"
        "    def __getattr__(self, name): return 7\n"
        "Net.__name__ = Net.__qualname__ = 'os.system(1)'",
        "net = Net()\nassert torch.equal(net(torch.ones(2)), torch.zeros(2))",
    ),
    "a look into a network of the test's": (
        "def f(net):\n    return net.answer, net.forward.__globals__, net.module.__self__",
        "class Own(nn.Linear):\n    def forward(self, x): return x\n"
        "own = Own(2, 2)\nown.answer = [1]\nassert not f(own)",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_passes_no_test_and_the_next_one_is_not_touched(torch_nursery, name):
    student, test = HOSTILE[name]
    candidate = torch_nursery.candidate(seconds=20)
    space = handed_over(candidate, student)
    with pytest.raises((Exception, Lost)) as caught:
        exec(test, space)
    candidate.end()
    assert caught.type is not NameError
    fresh = torch_nursery.candidate(seconds=20)
    apart(fresh, "def f(x):\n    return 2 * x", X + EQUAL + "\n" + BACKWARD)
    fresh.end()


@pytest.mark.parametrize(
    ("body", "late", "how"),
    [
        ("time.sleep(100)", True, "no answer in time"),
        (f"while True:\n{' ' * 12}try: time.sleep(1)\n{' ' * 12}except: pass", True, "no"),
        ("os._exit(3)", False, "exit status 3"),
        ("import ctypes; ctypes.string_at(0)", False, "SIGSEGV"),
    ],
    ids=["sleeps", "swallows", "leaves", "breaks"],
)  # fmt: skip
def test_a_backward_that_does_not_come_back_is_lost(torch_nursery, body, late, how):
    candidate = torch_nursery.candidate(seconds=1)
    started = time.monotonic()
    with pytest.raises(Lost, match=how) as caught:
        apart(candidate, FUNCTION.format(body), X + BACKWARD)
    assert caught.value.late is late
    with pytest.raises(Lost):
        candidate.look("f")
    candidate.end()
    assert time.monotonic() - started < 10


def test_a_backward_that_calls_back_gets_no_further_than_a_call(torch_candidate):
    source = """
def f(x, again):
    class F1(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return 2 * x
        @staticmethod
        def backward(ctx, dout):
            return again(dout)
    return F1.apply(x)
"""
    test = "x = torch.ones(2, requires_grad=True)\nf(x, lambda g: 3 * g).sum().backward()\n"
    apart(torch_candidate, source, test + "assert x.grad.tolist() == [3, 3]")
    endless = "def again(g):\n    f(x, again).sum().backward()\n    return g\n"
    with pytest.raises((RecursionError, RuntimeError)):
        apart(torch_candidate, source, X + endless + "again(torch.ones(2))")
