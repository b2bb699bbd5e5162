"""Which files of coursekit give an exercise away: a rule of four steps.

1. A file that defines the exercise's name holds its answer. Names are compared without case and
   underscores, and without the words that tell forms of one idea apart: "batch_norm_forward" is
   found in `batchnorm_forward`, "dropout_backward" in `vanilla_dropout_forward` and `Dropout`.
   The name of the reference of its check counts too, and so does the name of a file.
2. Its neighbours are close to it: of `elastic_net_penalty` and `l2_penalty` one gives the other.
   So the whole file is withheld, and where it stands in a sub-package, the whole sub-package.
3. What is an answer by chance, under a name that says nothing, is in the table `BY_CHANCE`. A
   test tries every callable of a library on every exercise and finds what is missing there.
4. `numpy_ref` and `torch_ref` are twins: what is withheld in one is withheld in the other.

`check` and `explore` are not searched: a candidate gets neither.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from autograder.library.sources import package_files, parse

TWINS = ("numpy_ref", "torch_ref")
BY_CHANCE = {
    "dropout_backward": {Path("numpy_ref/activations/gated.py")},  # its _times_gate is dout * cache
}
_FORMS = re.compile(r"[^a-z0-9]|forward|backward|naive|vanilla|inverted")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def withheld(exercises: Collection[str], coursekit: Path) -> dict[str, set[Path]]:
    """The files and folders that each exercise makes unavailable, relative to `coursekit`.

    None for an exercise that coursekit holds nothing of. CourseError where a file is no Python.
    """
    places: dict[str, set[Path]] = {}
    for file in package_files(coursekit):
        path = file.relative_to(coursekit)
        if file.suffix == ".py" and path.parts[0] not in ("check", "explore"):
            for name in (path.stem, *_defined(parse(file))):
                places.setdefault(_key(name), set()).add(_family(path))
    references = _references(coursekit / "check")
    found: dict[str, set[Path]] = {}
    for exercise in exercises:
        names = {exercise, *references.get(exercise, ())}
        own = set().union(*(places.get(_key(name), ()) for name in names))
        found[exercise] = _with_twins(own | BY_CHANCE.get(exercise, set()), coursekit)
    return found


def _key(name: str) -> str:
    """The idea behind a name: "BatchNorm" and "batch_norm_forward" have one."""
    return _FORMS.sub("", name.lower()) or name.lower()


def _family(path: Path) -> Path:
    """The sub-package in which a file stands, or else the file."""
    return Path(*path.parts[:2])


def _with_twins(places: set[Path], coursekit: Path) -> set[Path]:
    beside = {
        Path(part, *place.parts[1:])
        for place in places
        if place.parts[0] in TWINS
        for part in TWINS
    }
    return {place for place in places | beside if (coursekit / place).exists()}


def _defined(node: ast.AST) -> Iterator[str]:
    """What a module defines at its top level, also below an `if`; no methods, no imports."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _SCOPES):
            yield child.name
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        else:
            yield from _defined(child)


def _references(check: Path) -> dict[str, set[str]]:
    """For each check, the names in its `Check(name=…, reference=…)`."""
    found: dict[str, set[str]] = {}
    for file in sorted(check.glob("*.py")):
        for node in ast.walk(parse(file)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Check"):
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                name, reference = given.get("name"), given.get("reference")
                if isinstance(name, ast.Constant) and reference is not None:
                    found.setdefault(str(name.value), set()).update(_last_name(reference))
    return found


def _last_name(node: ast.expr) -> Iterable[str]:
    """`regularizers.l2_penalty` is named l2_penalty; a lambda has no name."""
    if isinstance(node, ast.Attribute):
        return [node.attr]
    return [node.id] if isinstance(node, ast.Name) else []
