"""Is an error over here what it was over there, and can no name give it any power?"""

import json
import unittest

import numpy as np
import pytest

from autograder.examiner.candidate import Lost
from autograder.wire.errors import Errors
from autograder.wire.remotes import RemoteClass
from autograder.wire.terms import Ref, WireError

CELL = """
class ShapeError(ValueError):
    def __init__(self, got, wanted=(1, 2)):
        super().__init__(f"got {got}")
        self.got, self.wanted, self._secret, self.misconception = got, wanted, 1, "none"
class Quiet(Exception):
    def __str__(self): return "nothing to say"
class Ends(StopIteration): pass
class Wide(Exception):
    def __str__(self): return "x" * self.width
"""


def names() -> dict:
    space = {"__name__": "__main__"}
    exec(CELL, space)
    return space


@pytest.fixture
def sides():
    """The examiner's errors and the candidate's, who both know the cells of the lab."""
    ours, theirs = Errors(open=False), Errors(open=True)
    ours.names, theirs.names = names(), names()
    return ours, theirs


def raised(source: str, space: dict | None = None) -> Exception:
    try:
        exec(source, space or {"__name__": "__main__", "np": np, "json": json})
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_a_line_that_failed_is_known_or_not_told(sides):
    ours, _ = sides
    ours.lines.add("x = 1 / 0")
    told = [ours.error_of(("E", "", line, 1)) for line in ("x = 1 / 0", "x = 1 / 0  # 31415")]
    assert [error.student_line for error in told] == ["x = 1 / 0", ""]  # pyright: ignore


PLAIN = {
    "ValueError('a', 2)": ("a", 2),
    "KeyError('k')": ("k",),
    "ValueError()": (),
    "OSError(2, 'gone')": (2, "gone"),
    "UnicodeDecodeError('utf8', b'ab', 0, 1, 'why')": ("utf8", b"ab", 0, 1, "why"),
    "AssertionError([1, {'a': 2.5, 'b': None}])": ([1, {"a": 2.5, "b": None}],),
    "np.linalg.LinAlgError('Singular matrix')": ("Singular matrix",),
    "np.exceptions.AxisError(3, 2)": (3, 2),
    "ValueError(10 ** 400)": (str(10**400),),
    "ValueError(print)": (str(print),),
    "ValueError('x' * 5000)": ("x" * 2000,),
    "ValueError(chr(0xD800))": ("\\ud800",),
}


@pytest.mark.parametrize("source", PLAIN)
def test_an_error_has_its_class_and_its_args(sides, source):
    ours, theirs = sides
    error = raised(f"raise {source}")
    here = ours.error_of(theirs.said(error))
    assert type(here) is type(error)
    assert here.args == PLAIN[source]


def test_an_error_without_more_than_words_is_told_in_four_parts(sides):
    assert len(sides[1].said(ValueError("x"))) == 4


def test_a_library_error_of_other_args_says_what_it_said(sides):
    ours, theirs = sides
    error = raised("json.loads('{')")
    here = ours.error_of(theirs.said(error))
    assert isinstance(here, json.JSONDecodeError)
    assert str(here) == str(error)
    assert here.pos == 1


def test_an_error_of_the_labs_is_one_here(sides):
    ours, theirs = sides
    here = ours.error_of(theirs.said(raised("raise ShapeError(3)", theirs.names)))  # pyright: ignore
    assert type(here) is ours.names["ShapeError"]
    assert (here.got, here.wanted, str(here)) == (3, (1, 2), "got 3")  # pyright: ignore
    assert not hasattr(here, "_secret")
    assert not hasattr(here, "misconception")


def test_an_error_of_the_students_own_is_caught_by_its_base(sides):
    ours, theirs = sides
    source = "class Mine(ShapeError): pass\nraise Mine((2, 3))"
    errors = [raised(source, {**theirs.names}) for _ in range(2)]
    first, second = (ours.error_of(theirs.said(error)) for error in errors)
    assert isinstance(first, ours.names["ShapeError"])
    assert type(first) is type(second)
    assert (type(first).__name__, first.got, str(first)) == ("Mine", (2, 3), "got (2, 3)")  # pyright: ignore


def test_what_an_error_was_raised_from_comes_along(sides):
    ours, theirs = sides
    source = "try: {}['a']\nexcept KeyError as e: raise ValueError('bad') from e"
    here = ours.error_of(theirs.said(raised(source)))
    assert isinstance(here.__cause__, KeyError)
    assert here.__cause__.args == ("a",)


def test_causes_without_end_come_to_one(sides):
    ours, theirs = sides
    one, two = ValueError("1"), ValueError("2")
    one.__cause__, two.__cause__ = two, one
    here, depth = ours.error_of(theirs.said(one)), 0
    while here:
        here, depth = here.__cause__, depth + 1
    assert 2 <= depth < 9


def test_the_candidate_learns_the_class_of_a_tests_error_and_nothing_else(sides):
    ours, theirs = sides
    error = raised("raise ShapeError('a hidden value')", ours.names)  # pyright: ignore
    told = ours.said(error)
    assert "hidden" not in repr(told)
    there = theirs.error_of(told)
    assert type(there) is theirs.names["ShapeError"]
    assert ours.error_of(theirs.said(there)) is error


ODD = {
    **{f"builtins:{n}": n for n in ("KeyboardInterrupt", "SystemExit", "StopIteration", "exit")},
    "__main__:Lost": "Lost",
    "__main__:Ends": "Ends",
    "__main__:Case": "Case",
    "__main__:kind": "kind",
    "autograder.examiner.candidate:Lost": "Lost",
    "coursekit.check.failure:CheckFailed": "CheckFailed",
    "unittest.case:SkipTest": "SkipTest",
    "numpy:exit": "exit",
    "os:system": "system",
    "os:../../x": "Error",
    "": "Error",
}


@pytest.mark.parametrize("name", ODD)
def test_no_name_gives_an_error_power(sides, name):
    ours, _ = sides
    ours.names |= {
        "Lost": Lost,
        "Case": unittest.SkipTest,
        "kind": RemoteClass(None, Ref("candidate", 0, "class", "kind")),
    }
    told = ((name,), ("x",), {}, None)
    error = ours.error_of(("E", "x", "", 1, told))
    assert type(error).__mro__[1:] == (Exception, BaseException, object)
    assert type(error).__name__ == ODD[name]


CALL = ("E", "x", "", 1)
FORGED = {
    "nothing": (),
    "three parts": CALL[:3],
    "a number that is none": ("E", "x", "", "1"),
    "six parts": (*CALL, ((), (), {}, None), 1),
    "more of no form": (*CALL, 5),
    "more of few parts": (*CALL, ((), (), {})),
    "more of other parts": (*CALL, ([], (), {}, None)),
    "a cause that is none": (*CALL, ((), (), {}, 5)),
    "a cause of no form": (*CALL, ((), (), {}, (1, 2))),
    "names that are none": (*CALL, ((1, 2), (), {}, None)),
}


@pytest.mark.parametrize("told", FORGED.values(), ids=FORGED)
def test_what_says_nothing_of_an_error_is_refused(sides, told):
    with pytest.raises(WireError):
        sides[0].error_of(told)


LOUD = {"a": Ref("candidate", 0, "object", "x"), "__class__": 1, "student_line": "x", 5: 5, "b": 2}


@pytest.mark.parametrize(
    "args", [("x" * 10**6,), (LOUD["a"],), ([[[[1]]]],), ("x",) * 10**4, ("x" * 1900,) * 50]
)
@pytest.mark.parametrize("name", ["builtins:ValueError", "__main__:ShapeError", "__main__:New"])
def test_an_error_holds_nothing_but_small_plain_data(sides, name, args):
    told = ((name, "builtins:ValueError"), args, LOUD, None)
    error = sides[0].error_of(("E", "y" * 10**6, "z" * 10**6, 1, told))
    assert isinstance(error, ValueError)
    assert error.args == ("y" * 2000,)
    assert {k for k in vars(error) if k[0] != "_"} == {"b", "student_line", "number_there"}
    assert len(str(error)) + len(error.student_line) <= 4000  # pyright: ignore


def test_an_error_whose_words_go_wrong_can_be_told_and_shown(sides):
    ours, theirs = sides
    source = "class Bad(Exception):\n    def __str__(self): return 1 / 0\nraise Bad(1)"
    assert str(ours.error_of(theirs.said(raised(source)))) == "an error that cannot be printed"
    here = ours.error_of(("E", "x", "", 1, (("__main__:Quiet",), (), {}, None)))
    assert str(here) == "nothing to say"


@pytest.mark.parametrize("width", [10**5, 10**15, "x"])
def test_an_error_of_the_labs_says_no_more_than_a_page(sides, width):
    told = (("__main__:Wide",), (), {"width": width}, None)
    error = sides[0].error_of(("Wide", "very wide", "", 1, told))
    assert (type(error).__name__, str(error)) == ("Wide", "very wide")


def test_classes_without_end_are_not_kept(sides):
    ours, _ = sides
    for n in range(1500):
        ours.class_of((f"__main__:K{n}", "builtins:KeyError"))
    assert len(ours._theirs) == 1000
