"""Does the student's code behave as if it were called here, and can it do no more than that?"""

import copy
import inspect
import re
import time

import numpy as np
import psutil
import pytest

from autograder.examiner.candidate import Lost
from autograder.wire.protocols import SIGNS
from autograder.wire.remotes import Remote, RemoteClass


def define(candidate, source: str, name: str = "f"):
    success, outputs = candidate.run(source)
    assert success, outputs
    return candidate.look(name)


def test_arguments_and_values_cross(candidate):
    f = define(candidate, "def f(x, *, scale=1):\n    return scale * x, x.shape, {'n': x.size}")
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    out, shape, more = f(x, scale=2)
    np.testing.assert_array_equal(out, 2 * x)
    assert out.dtype == np.float32
    assert (shape, more) == ((2, 3), {"n": 6})


def test_a_change_of_an_argument_in_place_is_seen(candidate):
    f = define(candidate, "def f(x, y):\n    x *= 2\n    return y")
    x, y = np.ones(3), np.ones(2)
    f(x, y)
    assert x.tolist() == [2, 2, 2]
    assert y.tolist() == [1, 1]


def test_changes_of_lists_dicts_and_sets_are_seen(candidate):
    source = """
def f(weights, *, seen, names, more):
    weights['w'] = weights['w'] - 1
    weights['b'] -= 1
    del weights['old']
    seen.append(len(seen))
    names |= {'w'}
    more[0].clear()
    return weights
"""
    f = define(candidate, source)
    w, b = np.ones(2), np.ones(3)
    weights, seen, names, more = {"w": w, "b": b, "old": 1}, [0], set(), ([5], 6)
    got = f(weights, seen=seen, names=names, more=more)
    assert (weights["w"].tolist(), b.tolist(), w.tolist()) == ([0, 0], [0, 0, 0], [1, 1])
    assert weights["b"] is b and weights.keys() == got.keys() == {"w", "b"}
    assert (seen, names, more) == ([0, 1], {"w"}, ([], 6))


def test_what_our_function_does_to_their_list_is_seen_there(candidate):
    f = define(candidate, "def f(fill):\n    x = []\n    fill(x, n=2)\n    return x")
    assert f(lambda x, n: x.extend([7] * n)) == [7, 7]


def test_a_strided_argument_is_one_there_too(candidate):
    f = define(candidate, "def f(x):\n    x[0] = 7\n    return x.flags.c_contiguous")
    wide = np.zeros(6)
    assert f(wide[::2]) is False
    assert wide.tolist() == [7, 0, 0, 0, 0, 0]


def test_a_read_only_argument_cannot_be_written_to(candidate):
    f = define(candidate, "def f(x):\n    x[0] = 1")
    x = np.zeros(3)
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        f(x)
    assert not x.any()


def test_a_generator_moves_on_as_if_it_had_been_used_here(candidate):
    f = define(candidate, "def f(rng):\n    return rng.random(3)")
    rng, same = np.random.default_rng(4), np.random.default_rng(4)
    np.testing.assert_array_equal(f(rng), same.random(3))
    assert rng.random() == same.random()


def test_a_function_that_is_passed_in_is_called_here_with_what_is_ours(candidate):
    f = define(candidate, "def f(forward, x, rng):\n    return [forward(x, rng) for _ in range(3)]")
    rng, seen = np.random.default_rng(0), []

    def forward(x, given):
        seen.append(given)
        return x + given.random()

    got = f(forward, np.zeros(2), rng)
    assert all(given is rng for given in seen)
    same = np.random.default_rng(0)
    np.testing.assert_array_equal(got, [np.zeros(2) + same.random() for _ in range(3)])


def test_a_function_that_is_passed_in_may_be_called_in_threads_and_looked_at(candidate):
    source = """
import inspect
from concurrent.futures import ThreadPoolExecutor
def f(g, values):
    with ThreadPoolExecutor(8) as pool:
        return [*pool.map(g, values)], str(inspect.signature(g))
"""
    values = [np.full(3, i) for i in range(40)]
    got, signature = define(candidate, source)(lambda x: 2 * x, values)
    np.testing.assert_array_equal(got, [2 * x for x in values])
    assert signature.startswith("(*args")


def test_an_error_of_a_function_that_is_passed_in_comes_back_as_it_was(candidate):
    f = define(candidate, "def f(g):\n    return g()")
    mine = KeyError("a hidden value")

    def fail():
        raise mine

    with pytest.raises(KeyError) as caught:
        f(fail)
    assert caught.value is mine


def test_an_error_of_ours_tells_the_candidate_no_more_than_its_type(candidate):
    source = "def f(g):\n    try:\n        g()\n    except Exception as e:\n        return repr(e)"

    def fail():
        raise ValueError("a hidden value")

    said = define(candidate, source)(fail)
    assert said.startswith("ValueError")
    assert "hidden" not in said


@pytest.mark.parametrize(
    ("statement", "kind", "text"),
    [
        ("raise ValueError('too small')", ValueError, "too small"),
        ("raise NotImplementedError()", NotImplementedError, "^$"),
        ("[][0]", IndexError, "out of range"),
        ("class Odd(Exception): pass\n    raise Odd('!')", Exception, "!"),
    ],
)
def test_an_error_has_its_type_its_words_and_its_line(candidate, statement, kind, text):
    f = define(candidate, f"def f():\n    {statement}")
    with pytest.raises(kind, match=text) as caught:
        f()
    assert caught.value.student_line == statement.split("\n")[-1].strip()  # pyright: ignore


@pytest.mark.parametrize("name", ["StopIteration", "SystemExit", "KeyboardInterrupt"])
def test_what_would_steer_the_caller_arrives_as_an_ordinary_error(candidate, name):
    f = define(candidate, f"def f(x):\n    raise {name}('now')")
    with pytest.raises(Exception, match="now") as caught:
        list(map(f, [1, 2]))  # which a StopIteration would end without a word
    assert type(caught.value).__name__ == name


def test_functions_and_objects_that_come_back_stay_where_they_are(candidate):
    source = """
class Net:
    def __init__(self): self.w = 3.0
    def forward(self, x): return self.w * x
def f(): return Net(), lambda x: x + 1, [Net]
"""
    net, plus_one, (kind,) = define(candidate, source)()
    assert isinstance(net, Remote)
    assert (net.w, net.forward(2.0), plus_one(1)) == (3.0, 6.0, 2)
    assert type(kind) is RemoteClass
    assert isinstance(net, kind) and not isinstance(3, kind)  # pyright: ignore
    assert kind().w == 3.0
    with pytest.raises(AttributeError):
        net.missing  # noqa: B018


NET = """
class Net:
    count = 0
    def __init__(self, w, *, lr=0.1): self.w, self._mask, self.lr = w, None, lr
    @property
    def half(self): return self.w / 2
    @half.setter
    def half(self, value): self.w = 2 * value
    def forward(self, x):
        self._mask = x > 0
        return self.w * x
    def __call__(self, x): return self.forward(x)
    def __len__(self): return 3
    def __getitem__(self, i): return i + 1
    def __setitem__(self, i, value): self.w = i * value
    def __repr__(self): return f'Net({self.w})'
    def __add__(self, other): return Net(self.w + other.w)
    def __eq__(self, other): return True
    def __enter__(self): self.w = 0; return self
    def __exit__(self, *error): self.w = 9
"""


def test_attributes_of_a_students_object_can_be_seen_and_changed(candidate):
    net = define(candidate, NET, "Net")(2.0)
    net.w = 3.0
    assert net.forward(2.0) == 6.0 and net._mask is True
    net.half = 1.0
    net.w += 1
    assert (net.w, net(1)) == (3.0, 3.0)
    del net.lr
    assert not hasattr(net, "lr")
    with pytest.raises(AttributeError):
        net.__wrapped__  # noqa: B018
    Net = candidate.look("Net")
    Net.count = 5
    assert net.count == 5


def test_signs_work_on_a_students_object(candidate):
    net = define(candidate, NET, "Net")(2.0)
    assert (len(net), net[1], repr(net), f"{net}") == (3, 2, "Net(2.0)", "Net(2.0)")
    net[2] = 4
    assert net.w == 8
    with net as inside:
        assert inside is net and net.w == 0
    assert net.w == 9


def test_an_object_that_equals_everything_does_not_unless_the_lab_asks_for_that(candidate):
    net = define(candidate, NET, "Net")(2.0)
    assert net != 2.0
    with pytest.raises(TypeError):
        _ = net + net
    candidate.allowed = frozenset(SIGNS)
    other = candidate.look("Net")(1.0)
    assert other == 2.0 and (other + other).w == 2.0


def test_a_stand_in_says_what_it_stands_for(candidate):
    net = define(candidate, NET, "Net")(2.0)
    assert type(net).__name__ == "Net" and candidate.look("Net").__name__ == "Net"
    f = define(candidate, "def f(x, y=1, *more, z=(2, 3), **rest): pass")
    assert str(inspect.signature(f)) == "(x, y=1, *more, z=(2, 3), **rest)"
    assert f.__name__ == "f"
    twin = copy.deepcopy(net)
    twin.w = 5
    assert (net.w, twin.w) == (2.0, 5)


def test_a_named_tuple_stays_one_and_goes_home_as_its_own_class(candidate):
    source = """
from typing import NamedTuple
class Cache(NamedTuple):
    x: float
    w: float
    def total(self): return self.x + self.w
def f(x): return Cache(x, 2 * x)
def g(cache): return cache.total(), type(cache) is Cache
"""
    cache = define(candidate, source)(1.0)
    assert (cache, cache.x, cache.w) == ((1.0, 2.0), 1.0, 2.0)
    assert candidate.look("g")(cache) == (3.0, True)


def test_classes_of_students_and_of_the_lab_know_each_other(candidate):
    source = """
class Layer: pass
class Linear(Layer): pass
class Deep(Linear): pass
def make(): return Deep()
"""
    Linear = define(candidate, source, "Linear")
    candidate.classes = {"Layer": Layer}
    Deep, made = candidate.look("Deep"), candidate.look("make")()
    assert isinstance(made, Deep) and isinstance(made, Linear) and isinstance(made, Layer)
    assert not isinstance(Linear(), Deep) and not isinstance(made, int)
    assert issubclass(Deep, Linear) and not issubclass(Linear, Deep)
    assert issubclass(Deep, Layer) and not issubclass(Deep, int) and isinstance(Deep, type)


KEEPS = """
class Linear:
    def __init__(self, w): self.w, self.params = w, {'w': w, 'b': np.zeros(2)}
    def loss(self, x): return float(np.sum(self.w @ x + self.params['b']))
class SGD:
    def __init__(self, params): self.params = params
    def step(self, grads):
        for p, g in zip(self.params, grads): p -= g
def same(x): return x
"""


def test_arrays_that_objects_keep_are_the_tests_own_where_the_lab_has_classes(candidate):
    candidate.share_arrays()
    assert candidate.run("import numpy as np\n" + KEEPS)[0]
    snapshot = candidate.snapshot()
    w, x = np.eye(2), np.ones(2)
    net = snapshot.look("Linear")(w)
    assert net.loss(x) == 2
    w[0, 0] = 5  # as a numerical gradient does
    assert net.loss(x) == 6 and net.w is w
    net.params["b"] += 1
    net.w[1] *= 0
    assert net.loss(x) == 7 and w[1].tolist() == [0, 0]
    snapshot.look("SGD")([w, net.params["b"]]).step([np.ones((2, 2)), np.ones(2)])
    assert w.tolist() == [[4, -1], [-1, -1]] and net.params["b"].tolist() == [0, 0]
    assert snapshot.look("same")(x) is x


def test_lists_and_dicts_that_a_test_takes_from_an_object_are_its_own(candidate):
    candidate.share_arrays()
    source = """
class Net:
    def __init__(self): self.params, self.layers = {'w': np.ones(2), 'old': 1}, [1]
    def loss(self): return sum(np.sum(p) for p in self.params.values()) + len(self.layers)
"""
    net = define(candidate, "import numpy as np\n" + source, "Net")()
    assert net.loss() == 4
    net.params["w"] = np.full(2, 5.0)
    net.params.pop("old")
    net.layers.append(2)
    assert net.loss() == 12
    params = net.params
    assert net.loss() == 12
    params["w"] += 1
    params["b"] = 1
    assert net.loss() == 15 and net.params.keys() == {"w", "b"}


def test_arrays_are_copies_where_nothing_keeps_them(candidate):
    f = define(candidate, "kept = []\ndef f(x):\n    kept.append(x)\n    return kept[0].sum()")
    x = np.ones(2)
    assert f(x) == 2
    x += 1
    assert f(x) == 2


class Layer:
    """As the lab gives one."""

    def __init__(self):
        self.w, self.key = np.ones(2), "for all to see"

    def forward(self, x):
        """Scaled."""
        return self.w * x


Layer.__module__ = "__main__"


def test_an_object_of_the_lab_can_be_used_and_changed_there(candidate):
    source = """
def f(layer):
    layer.w = layer.w + 1
    layer.seen = layer.key
    return layer.forward(2.0)
def g(layer):
    layer.forward = lambda x: 0
"""
    layer = Layer()
    assert define(candidate, source)(layer).tolist() == [4, 4]
    assert layer.w.tolist() == [2, 2] and vars(layer)["seen"] == layer.key
    with pytest.raises(AttributeError):
        candidate.look("g")(layer)


def test_what_is_not_of_the_lab_is_a_students_error_and_not_the_end(candidate):
    f = define(candidate, "def f(thing):\n    return thing.fullmatch('x')")
    with pytest.raises(AttributeError):
        f(re.compile("x"))
    assert define(candidate, "def g(): return 1", "g")() == 1


def test_what_came_from_there_goes_home_as_itself(candidate):
    source = "class Cache: pass\nc = Cache()\ndef f(): return c\ndef g(x): return x is c"
    f = define(candidate, source)
    assert candidate.look("g")(f()) is True


def test_a_value_that_cannot_cross_is_an_error_of_the_call(candidate):
    f = define(candidate, "def f():\n    x = []\n    x.append(x)\n    return x")
    with pytest.raises(Exception, match=r".") as caught:
        f()
    assert type(caught.value).__name__ == "WireError"
    assert define(candidate, "def g(): return 1", "g")() == 1


def test_a_name_that_is_not_there_is_a_name_error(candidate):
    with pytest.raises(NameError):
        candidate.look("nothing")


@pytest.mark.parametrize(
    ("statement", "how"),
    [
        ("import os; os._exit(3)", "exit status 3"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("import os; os.close(3); os.closerange(3, 99)", "closed the line|exit status 0"),
    ],
)
def test_a_candidate_that_ends_is_lost_and_stays_lost(nursery, statement, how):
    candidate = nursery.candidate(seconds=5)
    with pytest.raises(Lost, match=how) as caught:
        candidate.run(statement)
    assert not caught.value.late
    with pytest.raises(Lost):
        candidate.look("anything")
    candidate.end()


def test_one_that_does_not_answer_is_late(nursery):
    candidate = nursery.candidate(seconds=0.3)
    started = time.monotonic()
    with pytest.raises(Lost) as caught:
        candidate.run(
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
        )
    assert caught.value.late
    candidate.end()
    assert time.monotonic() - started < 5


def test_the_end_leaves_no_process_and_no_file(nursery):
    def family():
        return {p.pid for p in psutil.Process().children(recursive=True)}

    before = family()
    candidate = nursery.candidate(seconds=5)
    folder = candidate._folder
    assert folder.is_dir()
    started = "import os, time\nfor _ in range(3):\n    if os.fork() == 0: time.sleep(100)"
    assert candidate.run(started)[0]
    assert len(family() - before) > 2
    candidate.end()
    deadline = time.monotonic() + 5
    while family() - before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert family() <= before
    assert not folder.exists()


def test_where_a_candidate_works_looks_the_same_each_time(nursery):
    cells = [
        "import os, sys\nprint(os.getcwd(), sys.path[:2])",
        "%%writefile helper.py\nraise ValueError('no')",
        "import helper",
    ]
    shown = []
    for _ in range(2):
        candidate = nursery.candidate(seconds=5)
        shown.append([candidate.run(cell)[1] for cell in cells])
        candidate.end()
    assert shown[0] == shown[1]
    assert "/home/student ['/home/student', " in str(shown[0])
    assert "File ~/helper.py:1" in str(shown[0])
