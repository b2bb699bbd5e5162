"""Can a student's code, while it is marked, use coursekit but find no answer in it?"""

import ast
import inspect
import json
import os
import subprocess
import sys
import threading
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import CourseError
from autograder.lesson import graded_cells, read_lesson
from autograder.library import build, build_library, withheld
from autograder.library.placeholder import NotAvailableError, StandIn, refuse
from autograder.library.rewrite import emptied, stood_in
from autograder.library.rule import BY_CHANCE
from coursekit import check, numpy_ref
from tests.autograder.conftest import REAL, ROOT

EXERCISES = sorted(graded_cells(read_lesson(REAL / "lesson.py")))
SITE = str(Path(np.__file__).parents[1])

# A small coursekit: a package of two twins, a check with a reference of another name, and files
# that have no business in a library.
SMALL = {
    "coursekit/__init__.py": "",
    "coursekit/numpy_ref/__init__.py": "from coursekit.numpy_ref.slope import tangent\n",
    "coursekit/numpy_ref/slope.py": "def tangent(x):\n    return 2 * x\n\n\nclass Slope: ...\n",
    "coursekit/numpy_ref/norms/batch.py": "def batchnorm_forward(x):\n    return x - x.mean()\n",
    "coursekit/numpy_ref/norms/layer.py": "def layernorm(x):\n    return x - x.mean(axis=1)\n",
    "coursekit/numpy_ref/other.py": "def other(x):\n    return 7 * x\n",
    "coursekit/torch_ref/slope.py": "def rise(x):\n    return 2 * x\n",
    "coursekit/torch_ref/weights/a.safetensors": "numbers",
    "coursekit/check/__init__.py": "from coursekit.check.slopes import steepness\n",
    "coursekit/check/slopes.py": (
        "from coursekit.check.core import Check\n"
        "from coursekit.numpy_ref import slope\n"
        'steepness = Check(name="steepness", reference=slope.tangent)\n'
    ),
    "coursekit/explore/__init__.py": "",
    "coursekit/numpy_ref/slope.py~": "def tangent(x): return 2 * x",
    "coursekit/numpy_ref/slope.py.orig": "def tangent(x): return 2 * x",
    "coursekit/numpy_ref/__pycache__/slope.cpython-311.pyc": "2 * x",
    "coursekit/numpy_ref/.git/slope.py": "def tangent(x): return 2 * x",
    "coursekit/numpy_ref/tests/test_slope.py": "def expected(x): return 2 * x",
    "autograder/answers.py": "KEY = 2",
    "autograder/candidate/main.py": "",
    "autograder/sandbox/__init__.py": "",
    "autograder/wire/__init__.py": "",
}


@pytest.fixture
def root(tmp_path):
    """The folder of a small coursekit and autograder."""
    for name, text in SMALL.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "root"


@pytest.fixture(scope="module")
def real_root(tmp_path_factory):
    """The real coursekit, beside an autograder of empty packages."""
    root = tmp_path_factory.mktemp("real")
    (root / "coursekit").symlink_to(ROOT / "coursekit")
    for part in ("candidate", "sandbox", "wire"):
        (root / "autograder" / part).mkdir(parents=True)
        (root / "autograder" / part / "__init__.py").touch()
    return root


@pytest.fixture(scope="module")
def library(real_root, tmp_path_factory):
    """The library of the lab on regularisation."""
    return build_library(EXERCISES, root=real_root, into=tmp_path_factory.mktemp("libraries"))


@pytest.fixture(scope="module")
def roads(library, real_root, tmp_path_factory):
    """What each callable of the library is worth as an answer."""
    everything = build_library(numpy_ref.__all__, root=real_root, into=library.parent)
    script = Path(__file__).with_name("library_roads.py")
    arguments = [script, library, everything, ROOT, SITE]
    return json.loads(python(*arguments, cwd=tmp_path_factory.mktemp("empty")))


def python(*arguments, cwd):
    """Run Python as the nursery does: without site, user folders or environment variables."""
    command = [sys.executable, "-I", "-S", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def names(folder):
    """The files below a folder, without what Python compiled."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in files if path.suffix != ".pyc"}


# No road leads to an answer


def test_no_callable_of_the_library_is_accepted_as_an_answer(roads):
    assert roads["library"] == {exercise: [] for exercise in EXERCISES}


def test_the_same_search_finds_the_answers_of_the_real_coursekit(roads):
    for exercise, accepted in roads["control"].items():
        assert any(name.endswith(f".{exercise}") for name in accepted), exercise
    assert "coursekit.numpy_ref.dropout.Dropout" in roads["control"]["dropout_forward"]
    assert "coursekit.torch_ref.optim.first_order.sgd" in roads["control"]["sgd_weight_decay_step"]
    assert set(BY_CHANCE) == {"dropout_backward"}
    assert any("gated" in name for name in roads["control"]["dropout_backward"])


def test_the_search_reaches_private_nested_and_copied_functions(roads):
    tried = roads["tried"]
    assert "coursekit.numpy_ref.dropout._times_mask" in tried
    assert "coursekit.numpy_ref.optim.first_order._decayed" in tried
    assert sum(name.endswith(".l2_penalty") for name in tried) >= 3  # NumPy, torch, and a copy
    assert roads["modules"] > 100


def formulas(file):
    """The lines that compute something with the operators of arithmetic, in functions."""
    functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    bodies = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, functions)]
    nodes = {node for body in bodies for node in ast.walk(body)}
    lines = {node for node in nodes if isinstance(node, ast.stmt) and not hasattr(node, "body")}
    return {ast.unparse(line) for line in lines if any(map(computes, ast.walk(line)))}


def computes(node):
    operators = ast.Mult | ast.Div | ast.Pow | ast.Sub
    return isinstance(node, ast.BinOp) and isinstance(node.op, operators)


def test_no_formula_of_what_is_withheld_stands_anywhere_in_the_library(library):
    coursekit = ROOT / "coursekit"
    places = set().union(*withheld(EXERCISES, coursekit).values())
    files = [
        f for f in coursekit.rglob("*.py") if any(f.is_relative_to(coursekit / p) for p in places)
    ]
    withheld_lines = set().union(*map(formulas, files))
    assert "return (float(0.5 * weight_decay * np.sum(w * w)), weight_decay * w)" in withheld_lines
    for file in library.rglob("*.py"):
        assert not withheld_lines & formulas(file), file


def test_checks_hold_no_reference_no_hint_and_no_misconception(library):
    assert names(library / "coursekit" / "check") == {"__init__.py", "failure.py"}
    text = (library / "coursekit" / "check" / "__init__.py").read_text()
    assert "reference" not in text and "Misconception(" not in text


def test_compiled_files_are_those_of_the_library_and_are_not_checked_again(library):
    compiled = sorted(library.rglob("*.pyc"))
    assert len(compiled) == len(list(library.rglob("*.py")))
    for file in compiled:
        content = file.read_bytes()
        assert content[:4] == MAGIC_NUMBER and content[4:8] == b"\x01\0\0\0", file
        assert str(library).encode() in content and b".unfinished" not in content, file


def test_what_a_candidate_runs_of_autograder_needs_nothing_else_of_it():
    parts = ("candidate", "sandbox", "wire")
    for file in (f for part in parts for f in (ROOT / "autograder" / part).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                first, _, rest = str(node.module).partition(".")
                assert first != "autograder" or rest.split(".")[0] in parts, file


# What is left can be used

USES = """
import sys
sys.path[:] = [sys.argv[1], *sys.path, sys.argv[2]]
import importlib, inspect
import numpy as np
import coursekit
from coursekit import check, data, explore, numpy_ref, training
from coursekit.numpy_ref import Linear, ReLU, Sequential, conv2d_forward

assert coursekit.__file__.startswith(sys.argv[1])
assert conv2d_forward(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1))[0].item() == 9
rng = np.random.default_rng(0)
net = Sequential(Linear(64, 30, rng=rng), ReLU(), Linear(30, 10, rng=rng))
def step(w, dw, state, *, lr):
    return w - lr * dw, state
trainer = training.Trainer(net, update=step, lr=0.5, epochs=5, batch_size=50)
history = trainer.fit(data.digits("train", n=500), data.digits("validation"))
assert history.best("validation_accuracy") > 0.8, history.best("validation_accuracy")

assert check.l2_penalty(numpy_ref.l2_penalty) is None
assert check.l2_penalty.hidden(abs, seed=1) is None
assert explore.show("learning_rate") is None
assert issubclass(check.NotAttempted, check.CheckFailed)
assert list(inspect.signature(numpy_ref.l2_penalty).parameters) == ["w", "weight_decay"]
for refused in (lambda: numpy_ref.l2_penalty(np.ones(3), weight_decay=1.0), numpy_ref.Dropout):
    try:
        refused()
    except RuntimeError as error:
        print(error)
import autograder
assert autograder.__path__[0].startswith(sys.argv[1])
assert importlib.util.find_spec("autograder.grade") is None
assert importlib.util.find_spec("coursekit.check.penalties") is None
assert not {"torch", "matplotlib"} & set(sys.modules), "slow imports"
"""


def test_the_rest_of_coursekit_works_and_what_is_withheld_says_so(library, tmp_path):
    printed = python("-c", USES, library, SITE, cwd=tmp_path).splitlines()
    assert printed == [
        "check.l2_penalty: this runs when your notebook is marked.",
        "check.l2_penalty: this runs when your notebook is marked.",
        "explore.show: no picture is drawn while your notebook is marked.",
        "l2_penalty is not available while your notebook is marked: this lab asks you to write "
        "it, or something close to it. Use your own function.",
        "Dropout.__init__ is not available while your notebook is marked: this lab asks you to "
        "write it, or something close to it. Use your own function.",
    ]


def test_only_files_without_use_are_left_out_of_the_real_coursekit(library):
    real = {name for name in names(ROOT / "coursekit") if "__pycache__" not in name}
    missing = {n for n in real - names(library / "coursekit") if n.split("/")[0] != "check"}
    assert {n for n in missing if n.split("/")[0] != "explore"} == {"pretrained/weights/README.md"}


def test_the_names_of_check_are_all_there(library):
    text = (library / "coursekit" / "check" / "__init__.py").read_text()
    for name in check.__all__:
        assert f"\n{name} = _StandIn(" in text or f"{name}" in text.partition("failure import")[2]


# What the rule withholds


def places(exercise, root):
    return {place.as_posix() for place in withheld([exercise], root / "coursekit")[exercise]}


@pytest.mark.parametrize("exercise", ["tangent", "Tangent", "tangent_naive", "slope", "steepness"])
def test_the_file_that_defines_an_exercise_is_withheld_with_its_twin(root, exercise):
    assert places(exercise, root) == {"numpy_ref/slope.py", "torch_ref/slope.py"}


@pytest.mark.parametrize("exercise", ["rise", "rise_backward"])
def test_what_stands_in_torch_alone_is_withheld_in_numpy_too(root, exercise):
    assert places(exercise, root) == {"numpy_ref/slope.py", "torch_ref/slope.py"}


@pytest.mark.parametrize("exercise", ["batch_norm_forward", "batchnorm_backward", "layernorm"])
def test_a_sub_package_is_withheld_as_a_whole(root, exercise):
    assert places(exercise, root) == {"numpy_ref/norms"}


def test_an_exercise_that_coursekit_does_not_know_withholds_nothing(root):
    assert places("count_the_days", root) == set()


def test_a_constant_or_a_definition_under_an_if_counts_as_a_definition(root):
    other = root / "coursekit" / "numpy_ref" / "other.py"
    other.write_text("if True:\n    def hidden(x): return 2 * x\nvisible = lambda x: 2 * x\n")
    assert places("hidden", root) == places("visible", root) == {"numpy_ref/other.py"}


def test_methods_and_imports_are_no_definitions(root):
    other = root / "coursekit" / "numpy_ref" / "other.py"
    other.write_text("from coursekit.numpy_ref import tangent\nclass A:\n    def rise(self): ...\n")
    assert "numpy_ref/other.py" not in places("tangent", root) | places("rise", root)


def test_every_part_of_numpy_ref_is_found_by_its_own_name():
    coursekit = ROOT / "coursekit"
    for exercise, found in withheld(numpy_ref.__all__, coursekit).items():
        file = Path(inspect.getfile(getattr(numpy_ref, exercise))).relative_to(coursekit)
        assert any(file.is_relative_to(place) for place in found), exercise


# What is written instead

SECRET = '''"""Twice."""
from __future__ import annotations

import functools
import math

LIMIT = 3
square = lambda x, by=2: x**by


@functools.cache
def double(x: float, *, by: float = LIMIT, key=lambda x: x - 1) -> float:
    """2 * x"""
    def inner():
        return x + x  # a remark
    return 2 * x


async def later(x):
    return 4 * x


class Doubler:
    """x * 2"""

    size: int = 5

    @property
    def value(self):
        return 8 * x

    class Inner:
        """16 * x"""
'''


def test_an_emptied_file_keeps_names_and_signatures_and_nothing_else(monkeypatch):
    text = emptied(ast.parse(SECRET))
    for secret in ("Twice", "* x", "x * 2", "x + x", "x - 1", "**", "remark"):
        assert secret not in text
    placeholder = type(sys)("coursekit._withheld")
    monkeypatch.setitem(sys.modules, "coursekit._withheld", placeholder)
    placeholder.__dict__["refuse"] = refuse
    made: dict = {}
    exec(text, made)
    assert made["LIMIT"] == 3 and made["Doubler"].size == 5
    assert str(inspect.signature(made["double"])).startswith("(x: 'float', *, by: 'float' = 3, key")
    for call in (lambda: made["double"](1), lambda: made["square"](1)):
        with pytest.raises(NotAvailableError, match="is not available while your notebook is mark"):
            call()
    with pytest.raises(NotAvailableError, match=r"^Doubler\.value is not available"):
        _ = made["Doubler"]().value


def test_a_package_that_is_stood_in_for_keeps_only_what_is_named():
    source = (
        '"""Checks: ½ λ."""\nSEED = 3\nfrom a.core import Check, twice as double\n'
        "from a.failure import Failed\n__all__ = ['Check']\nCheck(2 * 3)\n"
    )
    text = stood_in(ast.parse(source), "check", "later", ["a.failure"])
    assert text.splitlines() == [
        "from coursekit._withheld import StandIn as _StandIn",
        "Check = _StandIn('check.Check', 'later')",
        "double = _StandIn('check.double', 'later')",
        "from a.failure import Failed",
        "__all__ = ['Check']",
    ]


def test_a_stand_in_takes_any_arguments_and_prints_one_line(capsys):
    stand_in = StandIn("check.a", "later")
    assert stand_in() is stand_in.hidden(abs, seed=1) is stand_in.hint("b") is None
    assert capsys.readouterr().out == "check.a: later.\n" * 3


# How it is built


def test_a_library_holds_no_more_than_it_must(root, tmp_path):
    (root / "coursekit" / "numpy_ref" / "link.py").symlink_to(root / "autograder" / "answers.py")
    library = build_library(["tangent"], root=root, into=tmp_path / "libraries")
    assert names(library) == {
        "autograder/__init__.py",
        "autograder/candidate/main.py",
        "autograder/sandbox/__init__.py",
        "autograder/wire/__init__.py",
        "coursekit/__init__.py",
        "coursekit/_withheld.py",
        "coursekit/check/__init__.py",
        "coursekit/explore/__init__.py",
        "coursekit/numpy_ref/__init__.py",
        "coursekit/numpy_ref/norms/batch.py",
        "coursekit/numpy_ref/norms/layer.py",
        "coursekit/numpy_ref/other.py",
        "coursekit/numpy_ref/slope.py",
        "coursekit/torch_ref/slope.py",
        "coursekit/torch_ref/weights/a.safetensors",
    }
    content = [path.read_bytes() for path in library.rglob("*") if path.is_file()]
    assert not any(b"2 * x" in text for text in content)
    assert any(b"7 * x" in text for text in content)


def test_a_library_is_built_once_for_the_same_code_and_exercises(root, tmp_path):
    def made(*exercises):
        return build_library(exercises, root=root, into=tmp_path / "libraries")

    first = made("tangent", "layernorm")
    when = first.stat().st_mtime_ns
    assert made("layernorm", "tangent", "tangent") == first and first.stat().st_mtime_ns == when
    other = made("tangent")
    (root / "coursekit" / "numpy_ref" / "other.py").write_text("changed = 1\n")
    assert len({first, other, made("tangent")}) == 3


def test_every_user_may_read_it_whatever_the_umask(root, tmp_path):
    before = os.umask(0o077)
    try:
        library = build_library([], root=root, into=tmp_path / "new" / "libraries")
    finally:
        os.umask(before)
    for path in (library, library.parent, library.parent.parent, *library.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_two_builders_at_once_get_the_same_whole_library(root, tmp_path, monkeypatch):
    both_are_ready = threading.Barrier(2, timeout=30)
    finish, made = build._finish, []

    def finish_together(*arguments):
        both_are_ready.wait()
        finish(*arguments)

    monkeypatch.setattr(build, "_finish", finish_together)
    into = tmp_path / "libraries"

    def run():
        made.append(build_library(["tangent"], root=root, into=into))

    builders = [threading.Thread(target=run) for _ in range(2)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join(60)
    assert len(made) == 2 and made[0] == made[1]
    assert list(into.iterdir()) == [made[0]]
    assert (made[0] / "coursekit" / "_withheld.py").is_file()


def test_an_interrupted_build_leaves_nothing(root, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "_finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build_library(["tangent"], root=root, into=tmp_path / "libraries")
    assert list((tmp_path / "libraries").iterdir()) == []


def test_a_missing_package_is_named(root, tmp_path):
    (root / "autograder" / "candidate" / "main.py").unlink()
    (root / "autograder" / "candidate").rmdir()
    with pytest.raises(CourseError, match=r"No package at .*autograder/candidate"):
        build_library([], root=root, into=tmp_path)


def test_a_file_that_is_no_python_is_named(root, tmp_path):
    (root / "coursekit" / "numpy_ref" / "other.py").write_text("def (")
    with pytest.raises(CourseError, match=r"other\.py is no valid Python"):
        build_library([], root=root, into=tmp_path / "libraries")


def test_code_that_does_not_compile_is_refused(root, tmp_path, capfd):
    (root / "autograder" / "candidate" / "main.py").write_text("return 1")
    with pytest.raises(CourseError, match="does not compile"):
        build_library([], root=root, into=tmp_path / "libraries")
    assert "main.py" in capfd.readouterr().out
    assert list((tmp_path / "libraries").iterdir()) == []
