"""Which code a function depends on: what has to be run again when something is edited."""

import ast
import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path


def code_hash(function: Callable) -> str:
    """A short hash of the function and of all that it uses of its own file, directly or not.

    Comments, layout and docstrings make no difference, nor does what the function has no use for.
    Imported code is not looked at: after a change in there, run with `--fresh`. Raises TypeError
    for a lambda, or a function inside another one.
    """
    tree = ast.parse(Path(inspect.getfile(function)).read_text(encoding="utf-8"))
    statements: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        for name in _names_defined(statement):
            statements.setdefault(name, []).append(statement)
    if function.__name__ not in statements:
        raise TypeError(
            f"code_hash: this function has no name of its own in its file. Expected one that a "
            f"`def` at the top of the file makes, got {function.__qualname__}."
        )
    wanted, used = [function.__name__], {}
    while wanted:
        name = wanted.pop()
        if name in statements and name not in used:
            used[name] = "\n".join(ast.unparse(_bare(s)) for s in statements[name])
            nodes = (node for s in statements[name] for node in ast.walk(s))
            wanted += [node.id for node in nodes if isinstance(node, ast.Name)]
    return hashlib.sha256(repr(sorted(used.items())).encode()).hexdigest()[:12]


def _names_defined(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top of a file gives a meaning, imports aside."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    places: list[ast.AST] = [statement]
    if isinstance(statement, ast.Assign):  # not the variables of a comprehension on the right
        places = [*statement.targets]
    elif isinstance(statement, ast.AnnAssign):
        places = [statement.target]
    nodes = (n for place in places for n in ast.walk(place) if isinstance(n, ast.Name))
    return [n.id for n in nodes if isinstance(n.ctx, ast.Store)]


def _bare(statement: ast.stmt) -> ast.stmt:
    """The statement without the docstrings in it."""
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return statement
