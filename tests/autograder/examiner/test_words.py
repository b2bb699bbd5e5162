"""Is what students' code knows of hidden tests in no hint, and can no words stop a class?"""

import time

import pytest

from autograder.results import Status
from tests.autograder.examiner.attacks import LINE
from tests.autograder.examiner.labs import examined

SHOWS = "out = f(2)\nassert out == 4, out"
TEST = """
assert f(2) == 4
### BEGIN HIDDEN TESTS
assert f(31415) == 31415**2
### END HIDDEN TESTS
"""
NEXT = "assert g(1) == 1, f'got {g(1)}'"
OBJECT = "import os, time\nclass E:\n    def __str__(self): {}\n    __repr__ = __str__\n"


def outcome(nursery, answer: str, test: str = SHOWS, before: str = "pass"):
    cells = [("locked", "import numpy as np"), ("free", before), ("solution", answer), ("t", test)]
    return examined(nursery, cells)["t"]


def test_the_words_of_a_right_and_a_wrong_answer_are_told(nursery):
    assert outcome(nursery, "def f(x): return x * x").share == 1
    wrong = outcome(nursery, "def f(x): return 5")
    assert (wrong.share, wrong.message) == (0, "AssertionError: 5")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("raise ValueError", Status.GRADED),
        ("return 5", Status.GRADED),
        ("raise SystemExit", Status.GRADED),
        ("raise KeyboardInterrupt", Status.GRADED),
        ("os._exit(3)", Status.CRASHED),
        ("return 'x' * 10**7", Status.GRADED),
    ],
)
def test_an_object_that_does_not_say_what_it_is_costs_its_exercise_alone(nursery, body, status):
    started = time.monotonic()
    found = outcome(nursery, OBJECT.format(body) + "def f(x): return E()")
    assert (found.share, found.status) == (0, status)
    assert len(found.message) < 11_000 and time.monotonic() - started < 20


def test_a_test_that_prints_what_it_got_prints_so_much_and_no_more(nursery):
    found = outcome(nursery, "def f(x): return 'x' * 10**6", "print(f(1))")
    assert found.share == 1
    assert len(str(found.outputs)) < 110_000


SECRET = "31415"
TELLS = {
    "in words": "raise ValueError(str(x))",
    "in a class": "raise type(f'E{x}', (ValueError,), {})",
    "in a cause": "raise ValueError('no') from KeyError(x)",
    "as the examiner's error": "say('raised', f'E{x}', str(x), f'line {x}', 1)",
    "in a kind": "peer._send(('returned', x), None); os._exit(x % 256)",
    "in what makes no sense": "peer.world.news = lambda: ([(str(x), '')], [], [])",
    "in a name of no tuple": "T._fields = (f'no {x}',); return T((1,))",
    "in an error of no form": "say('raised', f'E{x}', 5, str(x))",
}


@pytest.mark.parametrize("tells", TELLS.values(), ids=TELLS)
def test_what_a_hidden_test_passes_is_not_told(nursery, tells):
    answer = f"class T(tuple): _fields = ('x',)\ndef f(x):\n    if x > 9: {tells}\n    return x * x"
    found = outcome(nursery, answer, TEST, LINE)
    assert found.share == 0
    assert SECRET not in str(found).replace(TEST, "")


def test_the_line_that_failed_is_one_of_the_cells(nursery):
    forged = """
def f(x):
    import linecache
    if x < 9: return x * x
    text, name = f"raise ValueError  # {x}", "<ipython-input-9-x>"
    linecache.cache[name] = (len(text), None, [text], name)
    exec(compile(text, name, "exec"))
"""
    test = TEST.replace("assert f(31415)", "try: f(31415)\nexcept ValueError as e: line = ")
    test = test.replace("line =  == 31415**2", "assert 0, e.student_line + '.'")
    assert outcome(nursery, forged, test).message == "AssertionError: ."
    plain = "def f(x):\n    if x < 9: return x * x\n    raise ValueError('no')"
    assert outcome(nursery, plain, test).message == "AssertionError: raise ValueError('no')."


REMEMBERS = "seen = []\ndef f(x):\n    seen.append(x)\n    return x * x"
LEAKS = {
    "words": "def g(x): raise ValueError(str(seen))",
    "a number": "def g(x): return seen[-1] if seen else 0",
    "a class": "def g(x): return type(f'E{seen}', (), {})()",
}


IN_A_FILE = """
import os
if not os.path.exists("seen"): open("seen", "w").close()
def f(x):
    with open("seen", "a") as file: file.write(f"{x} ")
    return x * x
"""
IN_SHARED_MEMORY = """
import mmap
memory = mmap.mmap(-1, 4096)
def f(x):
    memory.seek(0)
    memory.write(str(x).encode())
    return x * x
"""
READS = {
    IN_A_FILE: "def g(x): raise ValueError(open('seen').read())",
    IN_SHARED_MEMORY: "def g(x): raise ValueError(memory[:9].decode())",
}
LEAKING = [*((REMEMBERS, answer) for answer in LEAKS.values()), *READS.items()]


@pytest.mark.parametrize("remembers, answer", LEAKING, ids=[*LEAKS, "a file", "shared memory"])
def test_what_an_earlier_hidden_test_passed_is_not_told(nursery, remembers, answer):
    cells = [("solution", remembers), ("t", TEST), ("solution", answer), ("u", NEXT)]
    found = examined(nursery, cells)
    assert [found["t"].share, found["u"].share] == [1, 0]
    assert found["u"].message and SECRET not in str(found["u"])


def test_words_are_those_of_the_lines_that_students_see_wherever_they_are(nursery):
    test = TEST + "x = 3\nassert g(x) == 3, f'of {x} came {g(x)}'"
    cells = [("solution", REMEMBERS), ("t", TEST), ("solution", "def g(x): return 4"), ("u", test)]
    assert examined(nursery, cells)["u"].message == "AssertionError: of 3 came 4"
    test = "### BEGIN HIDDEN TESTS\nassert g(1) == 1, 'g of 1 is 1'\n### END HIDDEN TESTS"
    cells[-1] = ("u", test)
    assert examined(nursery, cells)["u"].message == "AssertionError: g of 1 is 1"


def test_words_come_from_a_test_that_reads_what_another_one_has_bound(nursery):
    first, second = "wanted = f(1)" + TEST, "assert g(1) == wanted, f'{g(1)}, not {wanted}'"
    cells = [("solution", REMEMBERS), ("t", first), ("solution", "def g(x): return 4")]
    assert examined(nursery, [*cells, ("u", second)])["u"].message == "AssertionError: 4, not 1"


def test_words_are_those_of_what_stood_at_the_place_of_the_test(nursery):
    cells = [("solution", REMEMBERS), ("t", TEST), ("solution", "def g(x): return 4"), ("u", NEXT)]
    found = examined(nursery, [*cells, ("free", "def g(x): return x")])["u"]
    assert (found.share, found.message) == (0, "AssertionError: got 4")


def test_a_notebook_that_takes_long_is_not_run_again_for_words(nursery):
    cells = [("free", "import time; time.sleep(2)"), ("solution", REMEMBERS), ("t", TEST)]
    cells += [("solution", "def g(x): return 4"), ("u", NEXT)]
    found = examined(nursery, cells, notebook=3)["u"]
    assert found.share == 0 and "takes so long" in found.message


def test_what_fails_only_after_other_tests_fails_and_says_so(nursery):
    answer = "def g(x): return x + bool(seen)"
    cells = [("solution", REMEMBERS), ("t", TEST), ("solution", answer), ("u", NEXT)]
    found = examined(nursery, cells)["u"]
    assert (found.share, found.status) == (0, Status.GRADED)
    assert "only after" in found.message and "only after" in str(found.outputs)


def test_a_test_that_is_run_again_draws_the_same_numbers(nursery):
    test = "import numpy as np\nx = np.random.rand()\nassert g(1) == 1, f'{x:.9f}'"
    later = "import numpy as np\nassert False, f'{np.random.rand():.9f}'"
    told = []
    for first in (TEST, "assert f(2) == 4"):
        setup = "import numpy as np\nnp.random.seed(3)"
        cells = [("locked", setup), ("solution", REMEMBERS), ("t", first)]
        cells += [("solution", "def g(x): return 0"), ("u", test), ("v", later)]
        found = examined(nursery, cells)
        told.append((found["u"].message, found["v"].message))
    assert told[0] == told[1]
