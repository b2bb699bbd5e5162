"""A cell of the course as plain Python: what IPython's own syntax means where there is no IPython.

The student's cells run in IPython, and so do the lab's cells there. Here, `%matplotlib inline` and
`!ls` do nothing, and `%time f()` is `f()`.
"""

import ast
import re
from types import CodeType
from typing import Any

from autograder.errors import CourseError

_RUNS = ("time", "timeit", "prun")  # with a line, and with a cell
_SHOWS = ("html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG")
_UNKNOWN = ("run", "pylab", "load", "recall", "rerun", "macro", "store")
_OPTIONS = re.compile(r"^(?:-\w+(?:[ \t]+\d+)?[ \t]+)*")


class Kernel:
    """What `get_ipython()` gives here: all that it is told to do is left undone."""

    def getoutput(self, *_: Any, **__: Any) -> list[str]:
        """No line: nothing was run."""
        return []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return nothing


def nothing(*_: Any, **__: Any) -> None:
    """Do nothing, as `display` does where nobody looks."""


def plain(source: str, where: str) -> tuple[ast.Module, bool]:
    """The cell, and whether the value that it ends in would be shown.

    where: how to name the cell. CourseError where it cannot be run as Python.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return _translated(source, where)
    return tree, not _ends_quietly(source, tree)


def _translated(source: str, where: str) -> tuple[ast.Module, bool]:
    from IPython.core.inputtransformer2 import TransformerManager  # too slow for most labs

    text = TransformerManager().transform_cell(source)
    tree = _parsed(text, where)
    first = tree.body[0] if len(tree.body) == 1 else None
    asked = _asked(first.value) if isinstance(first, ast.Expr) else None
    if asked and asked[0] == "run_cell_magic":
        name, _, body = asked[1]
        return _cell_magic(name, body, where)
    shows = not _ends_quietly(text, tree)
    return ast.fix_missing_locations(_Meant(where).visit(tree)), shows


def _cell_magic(name: str, body: str, where: str) -> tuple[ast.Module, bool]:
    if name in _SHOWS:
        return ast.Module([], []), False
    if name not in (*_RUNS, "capture"):
        raise CourseError(f"{where} is a cell of `%%{name}`, which cannot run where tests do.")
    tree, shows = plain(body, where)
    return tree, shows and name == "time"


def _parsed(text: str, where: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise CourseError(f"{where} is not valid Python: {error}.") from error


def _asked(node: ast.expr) -> tuple[str, list[str]] | None:
    """The method of `get_ipython()` that is called here, and what with."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")), attr=method),
            args=args,
        ):
            return method, [a.value for a in args if isinstance(a, ast.Constant)]  # pyright: ignore
    return None


class _Meant(ast.NodeTransformer):
    """Puts what `%time` and its kind run into the place of the call; the rest runs as it is."""

    def __init__(self, where: str) -> None:
        self._where = where

    def visit_Expr(self, node: ast.Expr) -> Any:
        """`%time statement`, alone on its line."""
        name, line = self._line(node.value)
        if name not in _RUNS:
            return self.generic_visit(node)
        unseen = [] if name == "time" else [ast.Pass()]
        return [*_parsed(line, self._where).body, *unseen] or ast.Pass()

    def visit_Call(self, node: ast.Call) -> Any:
        """`x = %time expression`."""
        name, line = self._line(node)
        if name != "time":
            return self.generic_visit(node)
        match _parsed(line, self._where).body:
            case [ast.Expr(value=value)]:
                return value
        return ast.Constant(None)

    def _line(self, node: ast.expr) -> tuple[str, str]:
        """The line magic that is called here, and with what; "" for none."""
        method, args = _asked(node) or ("", [])
        if method != "run_line_magic":
            return "", ""
        name, line = args
        if name in _UNKNOWN:
            raise CourseError(f"{self._where} has `%{name}`, which cannot run where tests do.")
        return name, _OPTIONS.sub("", line)


def _ends_quietly(text: str, tree: ast.Module) -> bool:
    """Whether a semicolon ends it, after which a notebook shows no value."""
    if not tree.body:
        return True
    last = tree.body[-1]
    line, column = last.end_lineno or 1, last.end_col_offset or 0
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tail = lines[line - 1].encode()[column:]
    return tail.lstrip().startswith(b";")


def code_of(statements: list[ast.stmt], where: str) -> CodeType:
    """The statements, compiled. CourseError where Python has no such thing."""
    return compiled(ast.Module(statements, type_ignores=[]), where)


def compiled(tree: ast.Module | ast.Expression, where: str) -> CodeType:
    """The tree, compiled. CourseError where Python has no such thing."""
    try:
        return compile(tree, f"<{where}>", "exec" if isinstance(tree, ast.Module) else "eval")
    except (SyntaxError, ValueError) as error:
        hint = " Put it into a function for `asyncio.run`." if "await" in str(error) else ""
        raise CourseError(f"{where} is not valid Python: {error}.{hint}") from error
