"""Are definitions found in cells that Python itself could not read?"""

import pytest

from autograder.intake.definitions import definition


@pytest.mark.parametrize(
    "before",
    [
        "x = (",
        "print(",
        "def g(:",
        "'''never closed'''''",
        "return = 3",
        "%matplotlib inline",
        "!ls",
    ],
)
@pytest.mark.parametrize("after", ["", "y = )", "this is prose", "def g(: pass"])
def test_what_is_broken_around_it_hides_no_definition(before, after):
    text = f"{before}\n@cache\ndef f(x):\n    return x\n{after}"
    assert definition(text, frozenset({"f"})) == "@cache\ndef f(x):\n    return x"


def test_the_last_word_is_not_lost():
    text = "def f(): 1\nx = 2\ndef f(): 3"
    assert definition(text, frozenset({"f"})) == "def f(): 1\ndef f(): 3"


@pytest.mark.parametrize("text", ["", "f", "f(1)", "    def f(): 1", "# def f(): 1", "f == 1"])
def test_what_only_mentions_a_name_does_not_define_it(text):
    assert definition(text, frozenset({"f"})) == ""
