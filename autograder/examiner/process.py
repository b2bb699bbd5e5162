"""What of the examiner's process tests may change: for the next submission it is as it was."""

import ast
import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

_MISSING = object()

Places = list[tuple[Any, str]]  # modules and classes, and an attribute of each


@contextlib.contextmanager
def undone(places: Places) -> Iterator[None]:
    """Undo what is done inside to settings, to what others also import, and at these places."""
    values = [(of, name, getattr(of, name, _MISSING)) for of, name in places]
    environ, path, folder = dict(os.environ), [*sys.path], Path.cwd()
    options = np.get_printoptions()
    torch = sys.modules.get("torch")
    dtype = torch.get_default_dtype() if torch else None
    try:
        with np.errstate(), _pictures():
            yield
    finally:
        for value in values:
            _put_back(*value)
        if environ != dict(os.environ):
            os.environ.clear()
            os.environ.update(environ)
        sys.path[:] = path
        os.chdir(folder)
        np.set_printoptions(**options)
        if torch:
            torch.set_default_dtype(dtype)


@contextlib.contextmanager
def _pictures() -> Iterator[None]:
    """Close what pictures are left open, and undo what is done to their style."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        yield
        return
    before, style = {*pyplot.get_fignums()}, dict(pyplot.rcParams)
    try:
        yield
    finally:
        for number in {*pyplot.get_fignums()} - before:
            pyplot.close(number)
        if dict(pyplot.rcParams) != style:
            pyplot.rcParams.update(style)


def replaced(tests: Iterable[ast.Module], names: Mapping[str, Any]) -> Places:
    """The places that tests assign to, as in `np.random.rand = fake`.

    names: what the lab calls modules and classes. Those that it defines itself are left out.
    """
    return [place for test in tests for place in _assigned(test, names)]


def _assigned(test: ast.Module, names: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """The modules and classes, but the lab's, that a test sets an attribute of, and which."""
    known = dict(names) | dict(_imported(test))
    for node in ast.walk(test):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            of = _found(node.value, known)
            if isinstance(of, ModuleType) or _is_elsewhere(of):
                yield of, node.attr


def _is_elsewhere(of: Any) -> bool:
    return isinstance(of, type) and of.__module__ != "__main__"


def _imported(test: ast.Module) -> Iterator[tuple[str, Any]]:
    for node in ast.walk(test):
        for alias in node.names if isinstance(node, ast.Import) else ():
            name = alias.name if alias.asname else alias.name.split(".")[0]
            yield alias.asname or name, sys.modules.get(name)


def _found(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """What a name with attributes stands for, where that is a module or a class."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if not isinstance(node, ast.Attribute):
        return None
    of = _found(node.value, known)
    return vars(of).get(node.attr) if isinstance(of, ModuleType | type) else None


def _put_back(of: Any, name: str, value: Any) -> None:
    if value is not _MISSING:
        setattr(of, name, value)
    elif name in vars(of):
        delattr(of, name)
