"""Does the student's code behave as if it were called here, and can it do no more than that?"""

import time

import numpy as np
import psutil
import pytest

from autograder.examiner.candidate import Lost
from autograder.wire.peer import Remote, RemoteClass


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
    assert type(net) is Remote
    assert (net.w, net.forward(2.0), plus_one(1)) == (3.0, 6.0, 2)
    assert type(kind) is RemoteClass
    assert isinstance(net, kind) and not isinstance(3, kind)  # pyright: ignore
    assert kind().w == 3.0
    with pytest.raises(AttributeError):
        net.missing  # noqa: B018


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
