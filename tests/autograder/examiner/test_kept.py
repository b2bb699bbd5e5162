"""Do tests follow on one another as in a kernel, and do students gain nothing by that?"""

import numpy as np
import pytest

from autograder.examiner.candidate import Candidate
from autograder.examiner.kept import _reaches_a_line
from autograder.results import Status
from autograder.wire.peer import Peer
from tests.autograder.examiner.labs import examined, shares

F, G = "def f(x): return 2 * x", "def g(x): return x + 1"
NET = """
class Net:
    def __init__(self): self.w = 1
    def step(self): self.w += 1
    def weight(self): return self.w
"""
CARRIED = {
    "a value": ("y = f(2)\nassert y == 4", "assert g(y) == 5"),
    "an import": ("from math import isclose\nassert f(1) == 2", "assert isclose(g(1), 2)"),
    "all names of a module": ("from math import *", "assert g(floor(1.5)) == 2"),
    "a function": ("def check(h, x, y): assert h(x) == y\ncheck(f, 1, 2)", "check(g, 1, 2)"),
    "a function that calls the student's": (
        "def check(x): return g(x) == 2\nassert f(1) == 2",
        "assert check(1)",
    ),
    "a class": (
        "class Twice:\n    def __call__(self, x): return f(x)\nassert Twice()(1) == 2",
        "class Again(Twice): pass\nassert g(Again()(1)) == 3",
    ),
    "a name of a failing test": ("y = 1\nf(None)", "assert g(y) == 2"),
    "the lab's name, bound anew": ("START = 5", "assert g(START) == 6"),
    "a name bound by its string": ("globals()['y'] = f(1)", "assert g(y) == 3"),
    "a student's object": ("net = Net()\nnet.step()", "net.step()\nassert net.weight() == 3"),
    "a list of student's objects": (
        "nets = {'a': [Net()]}\nnets['a'][0].step()",
        "assert g(nets['a'][0].weight()) == 3",
    ),
}
BETWEEN = {"a definition": G, "a call": f"{G}\nf(1)", "an import": f"from math import *\n{G}"}


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("carried", CARRIED)
def test_what_a_test_binds_is_there_for_the_next_one(nursery, carried, between):
    first, second = CARRIED[carried]
    cells = [("locked", "START = 1"), ("solution", F + NET), ("a", first)]
    cells += [("solution", BETWEEN[between]), ("b", second)]
    assert shares(nursery, cells)["b"] == 1


def test_names_that_the_test_binds_itself_are_asked_of_nobody(nursery, monkeypatch):
    asked, look = [], Peer.request
    monkeypatch.setattr(
        Peer, "request", lambda self, *a, **k: (asked.append(a), look(self, *a, **k))[1]
    )
    test = "import numpy as np\nfor i in range(2):\n    y = f(i)\n    assert y == 2 * i"
    later = "assert np.ones(1) == 1 and i == 1"
    assert shares(nursery, [("solution", F), ("a", test), ("b", later)]) == {"a": 1, "b": 1}
    assert [a[1] for a in asked if a[0] == "look"] == ["f"]


def copies(nursery, monkeypatch, cells) -> int:
    made, snapshot = [], Candidate.snapshot
    monkeypatch.setattr(Candidate, "snapshot", lambda self: made.append(1) or snapshot(self))
    assert {*shares(nursery, cells).values()} == {1}
    return len(made)


def test_tests_that_follow_on_one_another_share_a_copy_of_the_candidate(nursery, monkeypatch):
    cells = [("solution", F), ("a", "y = f(1)"), ("solution", G), ("b", "assert g(y) == 3")]
    assert copies(nursery, monkeypatch, cells) == 1


def test_a_test_does_not_wait_where_what_it_follows_on_changes(nursery, monkeypatch):
    cells = [("solution", NET), ("a", "net = Net()"), ("solution", G), ("b", "y = g(net.weight())")]
    cells += [("solution", "class Net: pass"), ("c", "assert not hasattr(Net(), 'weight')")]
    assert copies(nursery, monkeypatch, cells) == 3


def test_an_object_of_a_lost_copy_is_gone(nursery):
    ends = NET + "    def end(self): __import__('os')._exit(3)"
    cells = [("solution", ends), ("a", "net, n = Net(), 3\nnet.end()"), ("solution", G)]
    cells += [("b", "assert g(n) == 4"), ("c", "net.weight()")]
    outcomes = examined(nursery, cells)
    assert outcomes["a"].status is Status.CRASHED
    assert outcomes["b"].share == 1
    assert "name 'net' is not defined" in outcomes["c"].message


def test_an_object_of_another_copy_is_never_taken_for_one_of_this(nursery):
    cells = [("solution", NET), ("a", "first = Net()\nfirst.step()"), ("solution", f"{G}\ng(1)")]
    cells += [("b", "second = Net()\nassert [n.weight() for n in (first, second)] == [2, 1]")]
    cells += [("solution", "def same(x, y): return x is y\nsame(1, 1)")]
    cells += [("c", "assert same(first, first) and not same(first, second)")]
    assert {*shares(nursery, cells).values()} == {1}


LAB = [
    ("locked", "import numpy as np\nlimit = 10"),
    ("solution", F),
    ("a", "from math import isclose\nexpected = 4\nassert isclose(f(2), expected)"),
    ("locked", "from numpy.testing import assert_allclose\nclass Layer:\n    size = 3"),
    ("solution", G),
    ("b", "assert_allclose(g(1), 2)\nassert isclose(g(3), expected)\nassert g(9) == limit"),
    ("c", "assert Layer.size == 3 and g(2) == Layer.size\ndisplay(g(1))\n%time g(1)"),
    ("d", "assert get_ipython() and g(0) == 1"),
]
THEFTS = {
    "a check": "def assert_allclose(*a, **k): pass\ndef isclose(*a, **k): return True",
    "a value": "expected = limit = g(0)",
    "a class": "class Layer:\n    size = 0\nclass Any:\n    def __eq__(self, other): return True",
    "the kernel": "def get_ipython(): return __import__('os')._exit(0)\ndisplay = get_ipython",
    "all of it": "globals().update(assert_allclose=print, isclose=max, Layer=int, expected=0)",
    "python's own": "__builtins__.max = __builtins__.len = lambda *a: 0\nmath = None",
}


@pytest.mark.parametrize("theft", THEFTS)
def test_a_student_who_defines_what_the_tests_use_gains_nothing(nursery, theft):
    for wrong in (f"{THEFTS[theft]}\ndef g(x): return 0", f"def g(x): return 0\n{THEFTS[theft]}"):
        answers = [(kind, wrong if text == G else text) for kind, text in LAB]
        found = examined(nursery, LAB, answers)
        assert [found[name].share for name in "abcd"] == [1, 0, 0, 0]


@pytest.mark.parametrize("theft", [theft for theft in THEFTS if theft != "python's own"])
def test_a_student_who_defines_what_the_tests_use_loses_nothing(nursery, theft):
    answers = [(kind, f"{text}\n{THEFTS[theft]}" if text == G else text) for kind, text in LAB]
    assert {*shares(nursery, LAB, answers).values()} == {1}


def test_an_answer_cannot_change_what_other_submissions_are_marked_by(nursery):
    lab = [("locked", "data = [1]\ndef size(): return len(data)"), ("solution", "def f(x): x")]
    lab += [("a", "f(data)\nassert size() == 1")]
    answers = [(kind, "def f(x): x.append(2)" if kind == "solution" else t) for kind, t in lab]
    assert shares(nursery, lab, answers) == {"a": 0}
    assert shares(nursery, lab) == {"a": 1}


def own(x=1):
    return x


@pytest.mark.parametrize(
    "value",
    [1, "a", None, [1, {"a": (2.0,)}], np.ones(3), np.array([None, 1]), np, own, int, [own, print]],
    ids=lambda value: type(value).__name__,
)
def test_values_of_the_tests_own_reach_no_line(value):
    assert not _reaches_a_line(value)


def test_values_that_hold_a_line_reach_it(candidate):
    class Holder:
        def __init__(self, value): self.value = value  # fmt: skip

    Holder.__module__ = "__main__"

    def closure(): return candidate  # fmt: skip

    held = np.array([None, candidate], dtype=object)
    for value in (candidate, [{"a": candidate}], Holder(candidate), closure, held, candidate.look):
        assert _reaches_a_line(value)
    assert _reaches_a_line(i for i in [1])
    assert _reaches_a_line([object() for _ in range(200_000)])


VERDICTS = {
    "pytest.fail('no')": "Failed: no",
    "with pytest.raises(ValueError): g(0)": "DID NOT RAISE",
    "pytest.skip('later')": "Skipped: later",
    "sys.exit('no')": "SystemExit: no",
    "raise GeneratorExit('no')": "GeneratorExit: no",
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_that_is_no_exception_costs_one_exercise(nursery, verdict):
    cells = [("locked", "import sys, pytest"), ("solution", G), ("a", verdict)]
    for between in ("", "g(1)"):  # with one copy of the candidate, and with two
        found = examined(nursery, [*cells, ("free", between), ("b", "assert g(1) == 2")])
        assert (found["a"].status, found["a"].share) == (Status.GRADED, 0)
        assert VERDICTS[verdict] in found["a"].message
        assert found["b"].share == 1


def test_a_verdict_while_a_test_is_run_again_is_no_verdict_on_another(nursery):
    cells = [
        ("locked", "import pytest"),
        ("solution", NET),
        ("a", "net = Net()\npytest.fail('no')"),
    ]
    cells += [("solution", f"{G}\ng(1)"), ("b", "assert g(net.weight()) == 2")]
    assert shares(nursery, cells) == {"a": 0, "b": 1}


def test_ctrl_c_in_a_test_ends_the_marking(nursery):
    with pytest.raises(KeyboardInterrupt):
        shares(nursery, [("solution", G), ("a", "raise KeyboardInterrupt")])
