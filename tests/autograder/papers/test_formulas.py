"""Are formulas readable without a script, and is a hostile one harmless?"""

import re
import subprocess
import sys

import pytest

from autograder.papers.formulas import formula
from tests.autograder.conftest import ROOT

TEXTS = [*ROOT.glob("notebooks/*/lesson.py")]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.parent.name)
def test_every_formula_of_the_labs_is_drawn(path):
    text = re.sub(r"(?m)^# ?", "", path.read_text(encoding="utf-8"))
    found = re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", text, re.DOTALL)
    for block, inline in found:
        drawn = formula(block or inline, display=bool(block))
        assert drawn.startswith("<math"), block or inline


@pytest.mark.parametrize(
    "tex",
    [
        r"\newcommand{\a}{\a\a}\a",
        r"\def\a#1{{{{#1}}}}\a{\a{\a{x}}}",
        r"\href{javascript:pwned()}{x}",
        r"\textcolor{red;background:url(http://evil.test)}{x}",
        r"\includegraphics{http://evil.test/x}",
        "{" * 5000 + "}" * 5000,
        "x" * 2000,
        r"\frac{1}{",
        "\x00",
    ],
    ids=lambda tex: tex[:24].encode("unicode_escape").decode(),
)
def test_what_is_no_plain_formula_stays_as_it_was_typed(tex):
    drawn = formula(tex, display=False)
    assert drawn.startswith("<code>$")
    assert drawn.endswith("$</code>")


def test_a_tag_in_a_formula_is_text():
    assert "<script" not in formula(r"\text{<script>}<script>", display=True)
    assert "<script" not in formula(r"\oops <script>", display=True)


NEST = r"""
import threading
from autograder.papers.formulas import formula
openers = ["{", r"\sqrt", r"\sqrt{", r"\left(", "x^{", r"\frac", r"\hat", "x_", r"\text{$"]
def draw():
    for opener in openers:
        count = 0
        while formula(opener * (count + 1) + "x", display=True) and count < 400:
            count += 1
            closed = opener * count + "x" + "}" * (opener.count("{") * count)
            formula(closed, display=True)
threading.stack_size(512 * 1024)
thread = threading.Thread(target=draw)
thread.start()
thread.join()
print("alive")
"""


def test_no_nesting_ends_the_process_even_on_a_small_stack():
    done = subprocess.run(
        [sys.executable, "-c", NEST], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stdout == "alive\n", done.stderr
