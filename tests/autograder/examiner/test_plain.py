"""What does a cell with IPython's syntax mean where there is no IPython?"""

import ast

import pytest

from autograder.errors import CourseError
from autograder.examiner.plain import Kernel, nothing, plain

MEANT = {
    "x = 1": "x = 1",
    "%time f(1)": "f(1)",
    "y = %time f(1)": "y = f(1)",
    "y = %time z = 1": "y = None",
    "%timeit -n 10 -r 3 f(x)": "f(x)\npass",
    "for i in a:\n    %time f(i)": "for i in a:\n    f(i)",
    "%%time\nf(1)": "f(1)",
    "%%timeit -n 1\nx = f(1)": "x = f(1)",
    "%%capture out\n%matplotlib inline\nf(1)": (
        "get_ipython().run_line_magic('matplotlib', 'inline')\nf(1)"
    ),
    "%%html\n<b>": "",
    "%%time": "",
}
IDLE = ["%matplotlib inline", "%load_ext autoreload", "%autoreload 2", "!ls", "x?", "%env A=1"]
MEANINGLESS = {
    "%%bash\nls": "%%bash",
    "%%writefile a.py\nx = 1": "%%writefile",
    "%run other.py": "%run",
    "def f(:": "not valid Python",
    "%time def": "not valid Python",
    "\0": "not valid Python",
}


@pytest.mark.parametrize("source", MEANT)
def test_a_cell_is_the_python_that_it_runs(source):
    assert ast.unparse(plain(source, "The cell")[0]) == MEANT[source]


@pytest.mark.parametrize("source", IDLE)
def test_settings_commands_and_help_do_nothing(source):
    tree, _ = plain(f"{source}\nx = 5", "The cell")
    space = {"get_ipython": Kernel}
    exec(compile(tree, "", "exec"), space)
    assert space["x"] == 5


def test_the_output_of_a_command_is_empty():
    space = {"get_ipython": Kernel}
    exec(compile(plain("found = !ls", "The cell")[0], "", "exec"), space)
    assert space["found"] == []


@pytest.mark.parametrize("source", MEANINGLESS)
def test_what_cannot_be_meant_is_a_sentence_that_names_the_cell(source):
    with pytest.raises(CourseError, match="The cell 'a'") as refusal:
        plain(source, "The cell 'a'")
    assert MEANINGLESS[source] in str(refusal.value)


@pytest.mark.parametrize(
    ("source", "shows"),
    [
        ("f(1)", True), ("f(1);", False), ("f(1) ;  # text", False), ("f(1)  # ;", True),
        ("'ä'; f('ä');", False), ("x = 1\r\nf(';')", True), ("%%time\nf(1)", True),
        ("%%capture\nf(1)", False), ("%matplotlib inline\nf(1);", False), ("", False),
    ],
)  # fmt: skip
def test_a_value_is_shown_as_in_a_notebook(source, shows):
    assert plain(source, "The cell")[1] is shows


def test_a_kernel_has_no_private_parts():
    assert Kernel().set_next_input("x") is None
    assert nothing(1, end="") is None
    assert not hasattr(Kernel(), "__wrapped__")
