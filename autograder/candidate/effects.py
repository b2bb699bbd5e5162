"""What a cell can do to the cells before it, as far as its text says. Nothing is run.

Python's parser can be made to use up the stack: that is why this is done here, not in the examiner.
"""

import ast
import re
from collections.abc import Iterator

# All that looks up names by other means than writing them, or notices definitions.
_LOOKS = {
    *("globals", "locals", "vars", "dir", "eval", "exec", "compile", "builtins", "__import__"),
    *("get_ipython", "In", "Out", "__main__", "sys", "importlib", "inspect", "gc", "ctypes"),
    *("pickle", "atexit", "threading"),
}
_USUAL = {
    *("__init__", "__call__", "__repr__", "__str__", "__len__", "__iter__", "__next__"),
    *("__getitem__", "__enter__", "__exit__", "__name__", "__doc__"),
}
_PLOTS = re.compile(r"^%matplotlib[ \t]+inline[ \t]*$", re.MULTILINE)
# What binds no name: settings of IPython's, and commands, which are refused.
_SETTINGS = re.compile(r"^(?:%(?:matplotlib|load_ext|autoreload|config)\b|!)[^\n]*$", re.MULTILINE)
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_IMPORTS = ast.Import | ast.ImportFrom
_CALLS_NOTHING = (
    *(ast.Name, ast.Attribute, ast.Constant, ast.Subscript, ast.Tuple, ast.UnaryOp, ast.BinOp),
    *(ast.expr_context, ast.operator, ast.unaryop),
)


def effects(source: str, *, trusted: bool = False) -> tuple[list[str], list[str] | None] | None:
    """The names that a cell reads, and those that it binds where it does no more (else None).

    None for a cell of which this cannot be said: no Python, or one that may find names otherwise,
    which a `trusted` one is known not to do.

    >>> effects("def f(x):\\n    return g(x)")
    (['g', 'x'], ['f'])
    >>> effects("y = f(1)")
    (['f'], None)
    """
    try:
        tree = ast.parse((_SETTINGS if trusted else _PLOTS).sub("", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes = [*ast.walk(tree)]
    mentioned = {name for node in nodes for name in _mentioned(node)}
    if not trusted and any(name in _LOOKS or _is_hidden(name) for name in mentioned):
        return None
    reads = sorted({name for node in nodes for name in _read(node)})
    if not all(map(_only_binds, tree.body)):
        return reads, None
    return reads, sorted({name for node in tree.body for name in _bound(node)})


def _is_hidden(name: str) -> bool:
    return name.startswith(("__", "f_", "tb_", "gi_")) and name not in _USUAL


def _mentioned(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names
    elif isinstance(node, _FUNCTIONS | ast.ClassDef):
        yield node.name
    elif isinstance(node, _IMPORTS):
        modules = [getattr(node, "module", None), *(alias.name for alias in node.names)]
        yield from (part for module in modules if module for part in module.split("."))
        yield from _bound(node)


def _read(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, _FUNCTIONS | ast.ClassDef):
        yield node.name
    elif isinstance(node, _IMPORTS):
        yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _only_binds(node: ast.stmt) -> bool:
    """True for what runs no code of the notebook: definitions, imports, names for constants."""
    if isinstance(node, _FUNCTIONS):
        defaults = filter(None, [*node.args.defaults, *node.args.kw_defaults])
        notes = [a.annotation for a in ast.walk(node.args) if isinstance(a, ast.arg)]
        return not node.decorator_list and _call_nothing(*defaults, *notes, node.returns)
    if isinstance(node, ast.ClassDef):
        plain = not node.decorator_list and not node.keywords and _call_nothing(*node.bases)
        return plain and all(map(_only_binds, node.body))
    if isinstance(node, ast.Assign):
        names = all(isinstance(target, ast.Name) for target in node.targets)
        return names and _call_nothing(node.value)
    if isinstance(node, _IMPORTS):
        return all(alias.name != "*" for alias in node.names)  # who knows which names that binds
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _call_nothing(*values: ast.expr | None) -> bool:
    nodes = (node for value in values if value for node in ast.walk(value))
    return all(isinstance(node, _CALLS_NOTHING) for node in nodes)
