"""Which names does a cell need from elsewhere?"""

import ast

import pytest

from autograder.examiner.names import Names, bound_by, changed_by

READS = {
    "x = 1\nf(x)": "f",
    "import numpy as np, os.path\nnp.f(os)": "",
    "from a import b as c\nc(b)": "b",
    "def check(g):\n    assert g(x) == y\nx = 3\ncheck(f)": "f y",
    "def check(): return x\ncheck()\nx = 3": "x",
    "def never_called(): return x": "",
    "def f(a, *b, c=d, **e) -> g: return a, b, c, e, f\nf": "d g",
    "def f():\n    global n\n    n = 1\nf()": "n",
    "def f():\n    def g(): return f, g, h\n    return g\nf()": "h",
    "@once\ndef f(): return x": "once x",
    "class A(B, metaclass=C):\n    w = v\n    def f(self): return A, z\nA()": "B C v z",
    "[x + y for x in z if x]": "y z",
    "[x for x in x]": "x",
    "{k: v for k, v in d.items()}": "d",
    "g = lambda a: a + b": "b",
    "for i, (a, b) in t:\n    s = a + b\nprint(i, s)": "print s t",
    "with opened(p) as q:\n    q.read()": "opened p",
    "try:\n    import a\nexcept ImportError:\n    a = None\na": "ImportError",
    "try:\n    f()\nexcept E as e:\n    print(e)": "E f print",
    "try:\n    f\nexcept NameError:\n    raise Missing": "Missing NameError f",
    "if c:\n    y = 1\nelse:\n    y = 2\ny": "c",
    "if c:\n    y = 1\ny": "c y",
    "while c:\n    y = 1\ny": "c y",
    "x += 1": "x",
    "x: int = y": "int y",
    "(z := f()) + z": "f z",
    "del f\nf": "f",
    "match f():\n    case [a, *b, {'k': c, **d}]: a, b, c, d\n    case P(x=e) if e > g: e": "P f g",
    "assert not (a.b[c].d and a.e)": "a c",
    "f'{x!r:>{w}}'": "w x",
}
BINDS = {
    "a = b = c, *d = e": "a b c d",
    "for i in j:\n    k = 1": "i k",
    "def f():\n    inner = 1\n    global outer\n    outer = 2": "f outer",
    "import numpy as np\nfrom a import *": "* np",
    "[x for x in y]": "",
    "x.y = x[0] = 1": "",
}


@pytest.mark.parametrize("source", READS)
def test_names_are_needed_that_are_read_before_they_are_bound(source):
    assert " ".join(sorted(Names.of(source).reads)) == READS[source]


@pytest.mark.parametrize("source", BINDS)
def test_names_are_bound_in_the_cell_itself(source):
    assert " ".join(sorted(Names.of(source).binds)) == BINDS[source]
    assert bound_by(ast.parse(source).body) == Names.of(source).binds


def test_imports_may_be_left_out_of_what_is_bound():
    statements = ast.parse("import a\nfrom b import c\nd = 1").body
    assert bound_by(statements, imports=False) == {"d"}


def test_functions_and_classes_look_for_names_when_they_are_called():
    names = Names.of("def f(x): return g(x)\nclass A:\n    def h(self): return f")
    assert names.inside == {"f": {"g"}, "A": {"f"}}


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("a[0] = 1", {"a"}), ("a.b[0][1] += 1", {"a"}), ("del a['x']", {"a"}),
        ("a.append(1)", {"a"}), ("f(a)\na.mean()", set()), ("a = []\na.b = 1", set()),
        ("def f(a):\n    a[0] = 1", set()), ("f()[0] = 1", set()),
    ],
)  # fmt: skip
def test_what_is_changed_in_place_is_known_by_name(source, changed):
    assert changed_by(ast.parse(source).body) == changed
