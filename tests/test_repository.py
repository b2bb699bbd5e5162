"""What holds for the repository as a whole."""

import ast
import itertools
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = [*(ROOT / "coursekit").rglob("*.py"), *(ROOT / "autograder").rglob("*.py")]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_is_pinned_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *itertools.chain(*project["optional-dependencies"].values()),
    ]
    names = {normal(re.match(r"[\w.-]+", w)[0]) for w in wanted} - {"training-cnns"}  # pyright: ignore
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
    pins = [normal(line.split("==")[0]) for line in lines if line and not line.startswith("#")]
    assert names <= set(pins)
    assert len(pins) == len(set(pins))
    assert all("==" in line for line in lines if line and not line.startswith("#"))


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    return found | {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}


def test_coursekit_never_imports_the_autograder():
    for path in (ROOT / "coursekit").rglob("*.py"):
        assert not any(m.split(".")[0] == "autograder" for m in imports_of(path)), path


def test_numpy_ref_never_imports_torch():
    for path in (ROOT / "coursekit" / "numpy_ref").rglob("*.py"):
        assert not any(m.split(".")[0] == "torch" for m in imports_of(path)), path


def lines_of_body(function: ast.FunctionDef) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", PACKAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_functions_fit_on_a_screen_and_modules_say_what_they_are(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "a module needs a docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            lines = lines_of_body(node)
            assert lines <= 25, f"{node.name} has {lines} lines"


def test_nothing_generated_is_tracked():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    generated = re.compile(r"(^|/)(build|class|__pycache__|_build|my_labs)/|\.(pyc|db|zip)$")
    assert [t for t in tracked if generated.search(t)] == []


def test_every_make_verb_has_a_line_of_help():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^\.PHONY: (.*)$", text, flags=re.M)[0].split()) - {"environment"}
    assert verbs == set(re.findall(r"^([a-z]+):.*## ", text, flags=re.M))
