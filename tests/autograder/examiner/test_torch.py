"""Do tests of labs with PyTorch, written plainly, say the same as in one process?"""

import re

import pytest

from tests.autograder.examiner.labs import shares
from tests.autograder.examiner.torch_cases import CASES, SETUP

torch = pytest.importorskip("torch")


def in_one_process(student: str, test: str) -> None:
    space = {"__name__": "__main__"}
    exec(SETUP + student, space)
    exec(test, space)


def handed_over(candidate, student: str) -> dict:
    """The names that a test starts from, when the candidate has run the student's code."""
    success, outputs = candidate.run(SETUP + student)
    assert success, outputs
    space = {"__name__": "__main__"}
    exec(SETUP, space)
    for name in set(re.findall(r"(?m)^(?:def|class) (\w+)", student)):
        space[name] = candidate.look(name)
    return space


def apart(candidate, student: str, test: str) -> None:
    exec(test, handed_over(candidate, student))


@pytest.mark.parametrize("name", CASES)
def test_right_code_passes_as_it_does_in_one_process(torch_candidate, name):
    case = CASES[name]
    in_one_process(case.right, case.test)
    apart(torch_candidate, case.right, case.test)


@pytest.mark.parametrize("name", CASES)
def test_wrong_code_fails_as_it_does_in_one_process(torch_candidate, name):
    case = CASES[name]
    with pytest.raises(AssertionError):
        in_one_process(case.wrong, case.test)
    with pytest.raises(AssertionError):
        apart(torch_candidate, case.wrong, case.test)


REFUSED = {
    "second derivatives": (
        "def f(x):\n    return x**3",
        "x = torch.ones(1, requires_grad=True)\ntorch.autograd.grad(f(x), x, create_graph=True)",
        "gradient of a gradient",
    ),
    "torch.func": (
        "def f(x):\n    return x.sum()",
        "torch.func.grad(f)(torch.ones(2))",
        r"inside of torch\.func",
    ),
    "a hook on a part": (
        "def f():\n    return nn.Sequential(nn.ReLU())",
        "net = f()\nnet[0].register_forward_hook(print)\nnet(torch.ones(1))",
        "hook of a part",
    ),
    "a sparse argument": (
        "def f(x):\n    return x",
        "f(torch.eye(2).to_sparse())",
        "tensor of .*sparse.* cannot cross",
    ),
    "a sparse answer": (
        "def f():\n    return torch.eye(2).to_sparse()",
        "f()",
        "tensor of .*sparse.* cannot cross",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_said_in_a_sentence_and_the_line_holds(torch_candidate, name):
    student, test, words = REFUSED[name]
    with pytest.raises(Exception, match=words):
        apart(torch_candidate, student, test)
    assert torch_candidate.lost is None
    apart(torch_candidate, "def g(x):\n    return 2 * x", "assert g(torch.ones(1)).item() == 2")


def test_graphs_are_kept_no_longer_than_they_are_needed(torch_candidate):
    source = """
import gc, torch
def f(x): return torch.Tensor.exp(x)
def graphs():
    gc.collect()
    return sum(isinstance(t, torch.Tensor) and t.grad_fn is not None for t in gc.get_objects())
"""
    assert torch_candidate.run(source)[0]
    f, graphs = torch_candidate.look("f"), torch_candidate.look("graphs")
    x = torch.ones(3, requires_grad=True)
    before = graphs()
    kept = [f(x) for _ in range(5)]
    assert graphs() == before + 5
    del kept
    f(x)
    assert graphs() <= before + 1


def test_an_examiner_without_pytorch_hears_nothing_of_it(torch_candidate, monkeypatch):
    assert torch_candidate.run("def f(x):\n    return x + 1")[0]
    with monkeypatch.context() as patched:
        patched.delitem(__import__("sys").modules, "torch")
        assert torch_candidate.look("f")(1) == 2
        assert torch_candidate._torch._made is None


def test_heavy_work_runs_in_a_fork_of_a_fork(torch_candidate):
    """Threads of the mathematical libraries do not survive a fork; one who waits for them hangs."""
    source = """
import torch
w = torch.nn.Conv2d(8, 16, 3)
def work(x, a):
    out = w(x).square().mean() + (a @ a).mean()
    out.backward()
    return out.item(), torch.get_num_threads()
work(torch.rand(4, 8, 32, 32), torch.rand(300, 300))
"""
    assert torch_candidate.run(source)[0]
    for _ in range(2):
        snapshot = torch_candidate.snapshot()
        work = snapshot.look("work")
        value, threads = work(torch.rand(4, 8, 32, 32), torch.rand(300, 300))
        assert value > 0 and threads == 1


def test_a_seed_in_the_setup_holds_for_tests_and_answers_of_every_submission(torch_nursery):
    lab = [
        ("locked", "import torch\ntorch.manual_seed(0)"),
        ("solution", "def f(): return torch.randn(1).item()"),
        ("a", "drawn = [torch.randn(1).item(), f()]\nassert np.allclose(drawn, expected)"),
    ]
    generator = torch.Generator().manual_seed(0)
    expected = [torch.randn(1, generator=generator).item() for _ in range(2)]
    lab.insert(1, ("locked", f"import numpy as np\nexpected = {expected}"))
    for _ in range(2):
        assert shares(torch_nursery, lab) == {"a": 1}
