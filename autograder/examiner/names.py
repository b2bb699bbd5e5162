"""The names that a cell of the course needs from elsewhere, and those that it binds itself."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_SCOPES = _FUNCTIONS | ast.ClassDef | ast.Lambda | _COMPREHENSIONS
_IMPORTS = ast.Import | ast.ImportFrom
_CHANGES = (
    *("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update", "add"),
    *("discard", "setdefault", "popitem", "fill"),
)


@dataclass
class Names:
    """What is known of some statements, as they are run in order.

    reads: the names that are read before they are bound here; binds: those that may be bound;
    inside: by function or class, what its functions look for when they are called.

    >>> names = Names.of("for i in range(n):\\n    total = f(i)\\nassert total == wanted")
    >>> sorted(names.reads), sorted(names.binds)
    (['f', 'n', 'range', 'total', 'wanted'], ['i', 'total'])
    """

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    inside: dict[str, frozenset[str]] = field(default_factory=dict)
    _bound: set[str] = field(default_factory=set)  # in any case, at this place

    @classmethod
    def of(cls, source: str | Iterable[ast.stmt]) -> "Names":
        """Of a text, or of statements."""
        names = cls()
        names._block(ast.parse(source).body if isinstance(source, str) else source)
        return names

    def _block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._definition(node)
            case ast.If(test=test) | ast.While(test=test):
                self._load(test)
                self._branches([node.body, node.orelse])
            case ast.For() | ast.AsyncFor():
                self._load(node.iter)
                self._bind(node.target)
                self._branches([[*node.body, *node.orelse], []])
            case ast.With() | ast.AsyncWith():
                self._load(*node.items)
                self._bind(*node.items)
                self._block(node.body)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.Match():
                self._load(node.subject)
                self._branches([[], *([_captures(case), *case.body] for case in node.cases)])
            case _:
                self._simple(node)

    def _simple(self, node: ast.stmt) -> None:
        self._load(node)
        if isinstance(node, ast.AugAssign):
            self._load(ast.Name(getattr(node.target, "id", ""), ast.Load()))
        self._bind(node)
        if isinstance(node, ast.Delete):
            self._bound -= {t.id for t in node.targets if isinstance(t, ast.Name)}

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        now, later = _free_in_definition(node)
        self._read(now)
        self.inside[node.name] = frozenset(later)
        self._names([node.name])
        self.binds |= _declared(node)
        if node.decorator_list:
            self._read(later)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        for handler in node.handlers:
            self._load(*filter(None, [handler.type]))
        endings = [[*([_bound_as(h.name)] if h.name else []), *h.body] for h in node.handlers]
        self._branches([[*node.body, *node.orelse], *endings])
        self._block(node.finalbody)

    def _branches(self, branches: list[list[ast.stmt]]) -> None:
        """Any of these is run: what is bound then is what each binds that goes on."""
        before, after = self._bound, []
        for branch in branches:
            self._bound = {*before}
            self._block(branch)
            if not (branch and isinstance(branch[-1], ast.Raise)):
                after.append(self._bound)
        self._bound = set.intersection(*after) if after else before

    def _load(self, *nodes: ast.AST) -> None:
        for node in nodes:
            self._read(free(node))

    def _read(self, names: Iterable[str]) -> None:
        """Note them, and what is looked for by the functions that are among them."""
        waiting, seen = [*names], set()
        while waiting:
            name = waiting.pop()
            if name and name not in self._bound:
                self.reads.add(name)
            if name not in seen:
                seen.add(name)
                waiting += self.inside.get(name, ())

    def _bind(self, *nodes: ast.AST) -> None:
        for node in nodes:
            self._names(name for part in _in_scope([node]) for name in _stored(part))

    def _names(self, names: Iterable[str]) -> None:
        found = {*names}
        self.binds |= found
        self._bound |= found


def free(node: ast.AST) -> set[str]:
    """The names that are looked for outside of it when it is run, and what it holds is called."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return set().union(*_free_in_definition(node))
    if isinstance(node, ast.Lambda):
        return free(node.args) | (free(node.body) - _parameters(node.args))
    if isinstance(node, _COMPREHENSIONS):
        own = {n for g in node.generators for part in ast.walk(g.target) for n in _stored(part)}
        return free(node.generators[0].iter) | (_free_in(ast.iter_child_nodes(node)) - own)
    return _free_in(ast.iter_child_nodes(node))


def _free_in(nodes: Iterable[ast.AST]) -> set[str]:
    return set().union(*map(free, nodes))


def _free_in_definition(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> tuple[set[str], set[str]]:
    """What a definition reads at once, and what it reads when it is called."""
    if isinstance(node, ast.ClassDef):
        now = _free_in([*node.decorator_list, *node.bases, *node.keywords])
        parts = [_free_in_definition(n) for n in node.body if isinstance(n, _FUNCTIONS)]
        rest = _free_in(n for n in node.body if not isinstance(n, _FUNCTIONS))
        return now.union(rest, *(p[0] for p in parts)), set().union(*(p[1] for p in parts))
    now = _free_in([*node.decorator_list, node.args, *filter(None, [node.returns])])
    scope = [*_in_scope(node.body)]
    outer = {n for part in scope if isinstance(part, ast.Global | ast.Nonlocal) for n in part.names}
    own = {name for part in scope for name in _stored(part)} - outer
    return now, (_free_in(node.body) | outer) - own - _parameters(node.args)


def _in_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of one scope: not what is inside of functions, classes and comprehensions."""
    for node in nodes:
        yield node
        if not isinstance(node, _SCOPES):
            yield from _in_scope(ast.iter_child_nodes(node))


def _stored(node: ast.AST) -> Iterator[str]:
    """The names that this one node binds."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import() | ast.ImportFrom():
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            yield name
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name


def _parameters(args: ast.arguments) -> set[str]:
    return {node.arg for node in ast.walk(args) if isinstance(node, ast.arg)}


def _captures(case: ast.match_case) -> ast.stmt:
    """A statement that reads and binds what a case does."""
    stored = [name for part in ast.walk(case.pattern) for name in _stored(part)]
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in stored]
    needed = free(case.pattern) | (free(case.guard) - {*stored} if case.guard else set())
    read: list[ast.expr] = [ast.Name(name, ast.Load()) for name in sorted(needed)]
    return ast.Assign([ast.Tuple(targets, ast.Store())], ast.Tuple(read, ast.Load()))


def _bound_as(name: str) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None))


def bound_by(statements: Iterable[ast.stmt], *, imports: bool = True) -> set[str]:
    """The names that these statements may bind, by imports or otherwise."""
    nodes = [*_in_scope(statements)]
    kept = (node for node in nodes if imports or not isinstance(node, _IMPORTS))
    return {n for node in kept for n in _stored(node)}.union(*map(_declared, statements))


def _declared(statement: ast.stmt) -> set[str]:
    """The names that functions in it declare as global, to bind them."""
    return {n for node in ast.walk(statement) if isinstance(node, ast.Global) for n in node.names}


def changed_by(statements: Iterable[ast.stmt]) -> set[str]:
    """The names of lists, dicts, sets and arrays that these statements change in place."""
    found = set()
    for node in _in_scope(statements):
        match node:
            case ast.Subscript(value=target, ctx=ast.Store() | ast.Del()):
                found.add(_root(target))
            case ast.Call(func=ast.Attribute(value=target, attr=method)) if method in _CHANGES:
                found.add(_root(target))
    return found - {""}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
