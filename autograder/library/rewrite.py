"""Write a Python file anew, without what it knows: names and signatures stay, bodies go."""

import ast
from collections.abc import Collection

_IMPORT = "from coursekit._withheld import {}"


def emptied(tree: ast.Module) -> str:
    """The source of a module in which every function, method and lambda refuses to work.

    Imports, constants, classes, decorators and signatures stay, so that whatever imports the
    module goes on working until it calls. Docstrings and comments go: they may hold a formula.
    """
    _drop_docstring(tree)
    future = [s for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
    rest = [statement for statement in tree.body if statement not in future]
    tree.body = [*future, *ast.parse(_IMPORT.format("refuse as _refuse")).body, *rest]
    return _source(_Emptied().visit(tree))


def stood_in(tree: ast.Module, package: str, why: str, real: Collection[str]) -> str:
    """The source of a package's `__init__` whose names are stand-ins.

    Names that it imports from one of the modules `real` stay what they are; every other name that
    it imports becomes a StandIn, which prints `why`. Everything but imports and `__all__` goes.
    """
    body: list[ast.stmt] = ast.parse(_IMPORT.format("StandIn as _StandIn")).body
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module in real:
            body.append(statement)
        elif isinstance(statement, ast.ImportFrom):
            names = [alias.asname or alias.name for alias in statement.names]
            lines = [f"{n} = _StandIn({f'{package}.{n}'!r}, {why!r})" for n in names]
            body += ast.parse("\n".join(lines)).body
        elif isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__":
            body.append(statement)
    return _source(ast.Module(body, []))


class _Emptied(ast.NodeTransformer):
    """Puts a call of `_refuse` in the place of every body; knows in which class it is."""

    def __init__(self) -> None:
        self.inside = ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [ast.Expr(self._refusal(node.name))]
        node.args = self.visit(node.args)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.body = [ast.Expr(self._refusal(node.name))]
        node.args = self.visit(node.args)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        node.body = self._refusal("a function")
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        _drop_docstring(node)
        outside, self.inside = self.inside, f"{self.inside}{node.name}."
        self.generic_visit(node)
        self.inside = outside
        return node

    def _refusal(self, name: str) -> ast.expr:
        refuse, arguments = ast.Name("_refuse", ast.Load()), [ast.Constant(self.inside + name)]
        return ast.Call(refuse, [*arguments], [])


def _drop_docstring(node: ast.Module | ast.ClassDef) -> None:
    if ast.get_docstring(node, clean=False) is not None:
        node.body = node.body[1:] or [ast.Pass()]


def _source(tree: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"
