"""Which tests wait for the end of the notebook, and are the marks those of their own places?"""

import pytest

from autograder.candidate.effects import effects
from autograder.examiner.examine import Examination, Step
from autograder.examiner.times import Times
from autograder.examiner.waiting import Effects, waiting
from autograder.results import Status
from autograder.wire.terms import WireError
from tests.autograder.examiner.labs import lab_of

BINDS = {
    "def f(x):\n    return g(x)": {"f"},
    "def f(x: np.ndarray, *, n: int | None = -1, k=(1, 2)) -> 'text':\n    global h\n    h = 1": {
        "f"
    },
    "class Net(nn.Module):\n    '''Text.'''\n    width = 3\n    def forward(self, x): return x": {
        "Net"
    },
    "import numpy as np, os.path\nfrom math import pi": {"np", "os", "pi"},
    "a = b = 0.5\npass\n'text'": {"a", "b"},
    "%matplotlib inline\nimport torch": {"torch"},
    "": set(),
}
DOES_MORE = [
    "y = f(1)",
    "f.x = 1",
    "a[0] = 1",
    "a += 1",
    "a: int = 3",
    "del a",
    "print(1)",
    "for i in a: pass",
    "if a: b = 1",
    "@once\ndef f(): pass",
    "def f(x=g()): pass",
    "def f(x: g()): pass",
    "def f() -> g(): pass",
    "def f(*, x=[i for i in a]): pass",
    "class A(make()): pass",
    "class A(B, metaclass=C): pass",
    "class A:\n    x = f()",
    "a, b = 1, 2",
    "(a := 3)",
    "assert a",
    "from math import *",
]
UNKNOWN = [
    "def f(:",
    "%time x = 1",
    "!ls",
    "x = globals()",
    "def f(): return f.__globals__",
    "def f(): return eval('g')",
    "import sys",
    "from __main__ import g",
    "class A:\n    def __init_subclass__(cls): pass",
    "t.tb_frame.f_back",
    "get_ipython().user_ns",
    "x = Out[1]",
    "\0",
    "(" * 500,
    "-" * 100_000 + "1",
]


@pytest.mark.parametrize("source", BINDS)
def test_a_cell_that_only_defines_names_is_known_by_them(source):
    assert (effects(source) or ([], []))[1] == sorted(BINDS[source])


@pytest.mark.parametrize("source", DOES_MORE)
def test_a_cell_that_may_do_more_binds_nothing_that_is_known(source):
    assert (effects(source) or ([], []))[1] is None


@pytest.mark.parametrize("source", UNKNOWN, ids=range(len(UNKNOWN)))
def test_a_cell_that_may_look_anywhere_has_no_known_effects(source):
    assert effects(source) is None


def test_a_cell_of_the_course_may_use_what_it_likes():
    assert effects("import sys", trusted=True) == ([], ["sys"])


def test_the_courses_settings_of_ipython_bind_nothing():
    settings = "%load_ext autoreload\n%autoreload 2\n%config x.y = 'z'\n!ls *\nimport math"
    assert effects(settings, trusted=True) == ([], ["math"])
    assert effects("%time x = 1", trusted=True) is None
    assert effects(settings) is None


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("y = x", {"x"}),
        ("def f(a): return a + b.c", {"a", "b"}),
        ("def f():\n    global n\n    n = 1", {"n"}),
        ("import numpy as np", set()),
        ("class A(B):\n    c = d", {"B", "d"}),
    ],
)
def test_what_a_cell_reads_are_names_and_no_attributes(source, reads):
    assert {*(effects(source) or ([], []))[0]} == reads


def cell(reads: str, binds: str | None) -> Effects:
    return Effects.of((reads.split(), None if binds is None else binds.split()))


@pytest.mark.parametrize(
    ("cells", "places"),
    [
        ([cell("x", "f"), ["f"], cell("x", "g"), ["g"]], [1, 3]),
        ([cell("", "f n"), ["f"], cell("", "g n"), ["g"]], [1, 3]),
        ([cell("", "f"), ["f"], cell("", "f"), ["f"]], [3]),
        ([cell("h", "f"), ["f"], cell("", "h"), ["h"]], [3]),
        ([cell("", "f"), ["f", "h"], cell("", "h"), ["h"]], [3]),
        ([cell("", "f"), ["f"], cell("", None), ["g"], cell("", "h"), ["h"]], [3, 5]),
        ([Effects(), ["f"], cell("g", "g"), ["g"]], []),
        ([["f"], cell("g", "g")], [0]),
        ([], []),
    ],
)
def test_a_test_waits_if_nothing_later_binds_what_is_read_before(cells, places):
    assert [*waiting(cells)] == places


@pytest.mark.parametrize("told", [5, "ab", (1, 2), (["a"], 3), ([[]], None), (None, None)])
def test_effects_that_make_no_sense_are_refused(told):
    with pytest.raises(WireError):
        Effects.of(told)


F, G = "def f():\n    return 1", "def g():\n    return 2"
LATER = {  # a cell after the tests of f: what f gives there must not depend on it
    "nothing": "",
    "a definition": "def other(): pass",
    "a new f": "def f():\n    return 5",
    "a new f by assignment": "f = lambda: 5",
    "a new helper": "def helper():\n    return 5",
    "an import of all names": "from operator import *\nfrom math import *",
    "an import of that name": "import math as helper",
    "a change of state": "STATE.append(5)",
    "a hidden change": "globals()['helper'] = lambda: 5",
    "an attribute": "helper.value = 5",
    "a change by a decorator": "def change(h):\n    STATE.append(5)\n    return h\n"
    "@change\ndef other(): pass",
    "a class that changes it": "class Other(Base): pass",
    "a crash": "import os\nos._exit(3)",
    "a hang": "while True: pass",
    "an error": "1 / 0",
}
BEFORE = (
    "STATE = []\nclass Base:\n    def __init_subclass__(cls): STATE.append(5)\n"
    "def helper(): return 1\nhelper.value = 0\ndef f():\n"
    "    return helper() + helper.value + len(STATE)"
)


def examine(nursery, sources: list[str], *, may_wait: bool) -> list:
    """Outcomes; `f` and `g` stand for the tests of these functions."""
    tests = {
        "f": "assert f() == 1, f()\nassert isinstance(f(), int)",
        "g": "assert g() == 2, g()",
    }
    lab = lab_of(*tests.items())
    steps = [Step(s, test=s) if s in tests else Step(s) for s in sources]
    seconds = 0.5
    times = Times(cell=seconds, exercise=1, notebook=60)
    examination = Examination(lab, lambda: nursery.candidate(seconds=seconds), times)
    examination._may_wait = may_wait
    return examination.run(steps)


@pytest.mark.parametrize("later", LATER)
def test_marks_are_those_of_the_place_whatever_comes_later(nursery, later):
    sources = [BEFORE, "f", LATER[later], G, "g"]
    outcomes = [examine(nursery, sources, may_wait=wait) for wait in (True, False)]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][1].share == outcomes[0][4].share == 1


@pytest.mark.parametrize(
    ("ends", "status"),
    [("os._exit(3)", Status.CRASHED), ("while True: pass", Status.TIME_OUT)],
)
def test_what_ends_the_shared_copy_costs_one_exercise(nursery, ends, status):
    fatal = f"import os\ndef f():\n    {ends}"
    for sources in ([fatal, "f", G, "g"], [G, "g", fatal, "f"]):
        outcomes = dict(zip(sources, examine(nursery, sources, may_wait=True), strict=True))
        assert outcomes["f"].status is status
        assert outcomes["g"].share == 1


def test_a_cell_that_ends_the_look_ahead_costs_nothing(nursery, monkeypatch):
    from autograder.examiner.candidate import Candidate, Lost

    def breaks(self, cells):
        raise Lost("it could not go on")

    monkeypatch.setattr(Candidate, "foresee", breaks)
    outcomes = examine(nursery, [F, "f", G, "g"], may_wait=True)
    assert [o.share for o in outcomes] == [0, 1, 0, 1]


def test_most_notebooks_need_one_copy_of_the_candidate(nursery, monkeypatch):
    from autograder.examiner.candidate import Candidate

    made, snapshot = [], Candidate.snapshot
    monkeypatch.setattr(Candidate, "snapshot", lambda self: made.append(1) or snapshot(self))
    examine(nursery, [F, "f", G, "g"], may_wait=True)
    assert len(made) == 1
