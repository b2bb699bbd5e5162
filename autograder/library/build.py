"""Build a candidate library: once for the same code and exercises, whole or not at all."""

import compileall
import importlib.util
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path
from py_compile import PycInvalidationMode

import coursekit
from autograder.errors import CourseError
from autograder.library.rewrite import emptied, stood_in
from autograder.library.rule import withheld
from autograder.library.sources import package_files, parse
from autograder.stamps import fingerprint, package_folder

_ENGINE = ("candidate", "sandbox", "wire")  # what a candidate process runs of autograder

# Packages that are for the reader or for the examiner: why, and which of their files stay.
_STOOD_IN = {
    "check": ("this runs when your notebook is marked", ("failure",)),
    "explore": ("no picture is drawn while your notebook is marked", ("explorer", "picture")),
}


def build_library(exercises: Collection[str], *, into: Path, root: Path | None = None) -> Path:
    """The folder to put first on a candidate's `sys.path`, made where it is not there yet.

    exercises: what the lab asks for, as in its grade ids; into: the folder of all libraries, where
    no other user may write, though its parents must let others pass; root: the folder that holds
    the packages coursekit and autograder, by default the one they were imported from.

    It is `into/HASH`, readable by every user, compiled for this Python; the hash is that of the
    code and the exercises. Two builders at once do no harm. Raises CourseError where a package is
    missing or a file is no valid Python.
    """
    root = (root or package_folder(coursekit).parent).resolve()
    sources = [root / "coursekit", *(root / "autograder" / part for part in _ENGINE)]
    for folder in sources:
        if not folder.is_dir():
            raise CourseError(f"No package at {folder}. Expected coursekit and autograder in root.")
    python = importlib.util.MAGIC_NUMBER.hex()
    own = Path(__file__).parent
    library = into.resolve() / fingerprint([*sources, own], python, *sorted(set(exercises)))
    if not library.is_dir():
        _make_folder(library.parent)
        with tempfile.TemporaryDirectory(dir=library.parent, prefix=".unfinished-") as scratch:
            unfinished = Path(scratch, library.name)
            _write_coursekit(root / "coursekit", unfinished / "coursekit", exercises)
            _write_engine(root / "autograder", unfinished / "autograder")
            _finish(unfinished, library)
    return library


def _make_folder(folder: Path) -> None:
    """Make a folder that every user may enter, and its parents, whatever the umask."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        path.chmod(0o755)


def _write_coursekit(source: Path, target: Path, exercises: Collection[str]) -> None:
    places = set().union(*withheld(exercises, source).values())
    for file in package_files(source):
        path = file.relative_to(source)
        if path.parts[0] in _STOOD_IN:
            _write_stand_in(file, path, target / path)
        elif file.suffix == ".py" and any(path.is_relative_to(place) for place in places):
            _write(target / path, emptied(parse(file)))
        else:
            _copy(file, target / path)
    _copy(Path(__file__).with_name("placeholder.py"), target / "_withheld.py")


def _write_stand_in(file: Path, path: Path, target: Path) -> None:
    package = path.parts[0]
    why, stay = _STOOD_IN[package]
    if path == Path(package, "__init__.py"):
        real = [f"coursekit.{package}.{module}" for module in stay]
        _write(target, stood_in(parse(file), package, why, real))
    elif path in [Path(package, f"{module}.py") for module in stay]:
        _copy(file, target)


def _write_engine(source: Path, target: Path) -> None:
    for part in _ENGINE:
        for file in package_files(source / part):
            _copy(file, target / file.relative_to(source))
    _write(target / "__init__.py", "")


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _finish(unfinished: Path, library: Path) -> None:
    """Compile it, let everyone read it, and move it to its place unless another was first."""
    compiled = compileall.compile_dir(
        unfinished,
        ddir=str(library),
        quiet=1,  # says what it could not compile
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,  # no look at the source at import
    )
    if not compiled:
        raise CourseError(
            "A file of coursekit or autograder does not compile; the lines above say which. "
            "Expected code that can be imported: mend it and try again."
        )
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    try:
        unfinished.rename(library)
    except OSError:
        if not library.is_dir():  # else another builder was first, with the same content
            raise
