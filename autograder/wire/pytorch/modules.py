"""Modules that both sides have: what they hold is here, what they compute is there.

A module crosses as a description: its parts by name, its parameters, and plain attributes. From it
the other side makes a stand-in, a true `nn.Module` over the same parameters. The class of a part is
PyTorch's own, if it is one of these. The candidate runs PyTorch's own layers of the examiner
itself; every other forward pass is run where the module comes from, and so is each of the
candidate's: the examiner computes with nothing that a candidate describes.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from autograder.wire.pytorch.leaves import Leaves
from autograder.wire.pytorch.places import Place, Places, place_of

STANDARD = {
    name: kind
    for name, kind in vars(nn).items()
    if isinstance(kind, type) and issubclass(kind, nn.Module) and kind is not nn.Module
}
# What a student's class may do in its own way; a stand-in then asks for it.
_METHODS = (
    *("train", "eval", "parameters", "named_parameters", "children", "named_children", "modules"),
    *("named_modules", "state_dict", "load_state_dict", "zero_grad", "requires_grad_", "__len__"),
)
_PADDING = "_reversed_padding_repeated_twice"  # the one private attribute that layers compute with
_INTERNAL = frozenset(vars(nn.Module()))
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class Node(NamedTuple):
    """A module without what it holds: parts, parameters and buffers are said by their places.

    standard: whether it is a layer of PyTorch's and nothing more; name: of its class.
    own: which methods of `nn.Module` its class has written anew.
    """

    standard: bool
    name: str
    training: bool
    plain: dict[str, Any]
    parameters: dict[str, Place | None]
    buffers: dict[str, Place | None]
    parts: dict[str, Place | None]
    own: tuple[str, ...]


class Far(nn.Module):
    """A module of the other side, of a class that is known there only."""

    def __getattr__(self, name: str) -> Any:
        """What it holds, else what it has over there."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            ask = vars(self).get("_ask")
            if name.startswith("_") or ask is None:
                raise
        return ask("attribute", self, name)


class Modules:
    """The modules among what is shared. ask: a request to the other side."""

    def __init__(self, places: Places, leaves: Leaves, ask: Callable[..., Any]) -> None:
        self._places, self._leaves, self._ask = places, leaves, ask
        self._told: dict[Place, tuple] = {}  # what the other side knows

    def tell(self, module: nn.Module) -> tuple[Place, Any]:
        """The place of a module, and what the other side does not know of it."""
        place, nodes, entries = self._places.add(module), [], []
        for part in nn.Module.modules(module):
            now, there = _print_of(part), self._places.add(part)
            if self._told.get(there) != now:
                self._told[there] = now
                nodes.append((*there, tuple(self._node(part))))
            tensors = [*part._parameters.values(), *part._buffers.values()]
            entries += [self._leaves.entry(t) for t in tensors if t is not None]
        entries = [entry for entry in entries if entry[2] is not None]
        return place, (nodes, entries) if nodes or entries else None

    def take(self, place: Place, state: Any) -> nn.Module:
        """The module of which this is said. Raises any error where it makes no sense."""
        nodes, entries = state or ([], [])
        for entry in entries:
            self._leaves.take(entry)
        read = [(place_of(owner, n), Node(*node)) for owner, n, node in nodes]
        for there, node in read:
            self._places.ensure(there, functools.partial(self._made, there, node))
        for there, node in read:
            self._fill(there, self._places.find(there, nn.Module), node)
        return self._places.find(place, nn.Module)

    def changed(self) -> list[nn.Module]:
        """Those of which the other side does not know all."""
        modules = self._places.all_of(nn.Module)
        return [m for m in modules if self._told.get(self._places.add(m)) != _print_of(m)]

    def forget(self) -> None:
        """Say all again: a message did not go."""
        self._told.clear()

    def _node(self, module: nn.Module) -> Node:
        place = self._places.add
        return Node(
            standard=_is_standard(module),
            name=type(module).__name__[:100],
            training=bool(module.training),
            plain={k: v for k, v in vars(module).items() if _is_told(k, v)},
            parameters={k: v if v is None else place(v) for k, v in module._parameters.items()},
            buffers={k: v if v is None else place(v) for k, v in module._buffers.items()},
            parts={k: v if v is None else place(v) for k, v in module._modules.items()},
            own=tuple(name for name in _METHODS if _is_own(module, name)),
        )

    def _made(self, place: Place, node: Node) -> nn.Module:
        """A stand-in that holds nothing yet."""
        if node.standard and node.name in STANDARD:
            kind = STANDARD[node.name]
        else:
            kind = _far_class(_word(node.name))
        module = kind.__new__(kind)
        nn.Module.__init__(module)
        if isinstance(module, Far) or place[0] == "candidate":
            own = [name for name in node.own if name in _METHODS]
            vars(module)["forward"] = _Forward(self._ask, module)
            vars(module)["__deepcopy__"] = functools.partial(self._copy, module)
            if self._places.me == "examiner":  # which itself answers no such questions
                vars(module).update({name: _Method(self._ask, module, name) for name in own})
                vars(module)["_ask"] = self._ask
        return module

    def _copy(self, module: nn.Module, memo: dict[int, Any]) -> nn.Module:
        memo[id(module)] = copied = self._ask("copy", module)
        return copied

    def _fill(self, place: Place, module: nn.Module, node: Node) -> None:
        """Make it as described. The examiner's own only takes numbers and parts."""
        own = place == (self._places.me, place[1]) and self._places.me == "examiner"
        plain = {k: v for k, v in node.plain.items() if _is_told(k, v)}
        if own:
            plain = {k: v for k, v in plain.items() if type(v) is type(vars(module).get(k))}
            plain = {k: v for k, v in plain.items() if isinstance(v, bool | float)}
        vars(module).update(plain, training=bool(node.training))
        self._hold(module._parameters, node.parameters, nn.Parameter)
        self._hold(module._buffers, node.buffers, torch.Tensor)
        self._hold(module._modules, node.parts, nn.Module)
        self._told[place] = _print_of(module)

    def _hold(self, held: dict[str, Any], described: dict[str, Any], kind: type) -> None:
        found = {
            _word(name): place and self._places.find(place_of(*place), kind)
            for name, place in described.items()
        }
        if [*map(id, held.values())] != [*map(id, found.values())] or [*held] != [*found]:
            held.clear()
            held.update(found)


class _Forward:
    """The forward pass of a stand-in."""

    def __init__(self, ask: Callable[..., Any], module: nn.Module) -> None:
        self.ask, self.module = ask, module

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it there. Hooks of parts would not be: TypeError."""
        for part in nn.Module.modules(self.module):
            if part is not self.module and any(getattr(part, hooks) for hooks in _HOOKS):
                raise TypeError(
                    "A hook of a part is not called, as the student's network runs in another "
                    "process. Call its layers one by one, or put the hook on the whole."
                )
        return self.ask("forward", self.module, args, kwargs)


class _Method:
    """A method that a student's class has written anew."""

    def __init__(self, ask: Callable[..., Any], module: nn.Module, name: str) -> None:
        self.ask, self.module, self.name = ask, module, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it there."""
        return self.ask("method", self.module, self.name, args, kwargs)


def _print_of(module: nn.Module) -> tuple:
    """What can be compared with what was told."""
    plain = [(name, repr(value)) for name, value in vars(module).items() if _is_told(name, value)]
    held = (module._parameters, module._buffers, module._modules)
    return module.training, plain, [(k, id(v)) for part in held for k, v in part.items()]


def _is_standard(module: nn.Module) -> bool:
    """Whether its class, its parts and its plain attributes say all of it."""
    more = {k: v for k, v in vars(module).items() if k not in _INTERNAL}
    if STANDARD.get(type(module).__name__) is not type(module):
        return False
    return all(map(_is_told, more, more.values())) and not any(
        getattr(module, hooks) for hooks in _HOOKS
    )


def _is_told(name: object, value: object) -> bool:
    """Whether it is a plain attribute that a stand-in has as well."""
    if type(name) is not str or name in _INTERNAL or (name[:1] == "_" and name != _PADDING):
        return False
    if type(value) in (tuple, list):
        return all(type(part) in (bool, int, float, str) for part in value)  # pyright: ignore
    return type(value) in (type(None), bool, int, float, str)


def _is_own(module: nn.Module, name: str) -> bool:
    own = getattr(type(module), name, None)
    return own is not getattr(nn.Module, name, None) and type(module) not in STANDARD.values()


def _word(name: object) -> str:
    if type(name) is not str or not name or "." in name or len(name) > 200:
        raise ValueError(f"{name!r:.40} is no name of a part")
    return name


@functools.lru_cache(maxsize=1000)
def _far_class(name: str) -> type[Far]:
    return type(name if name.isidentifier() else "Module", (Far,), {})
