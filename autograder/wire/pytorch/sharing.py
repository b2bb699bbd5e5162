"""PyTorch's objects on both sides of the line: tensors with gradients, modules, optimizers.

Plain tensors cross as arrays do. What can be trained, or has a history, is shared: each side has a
copy, and with every message tells what became of its own since the last.
"""

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from autograder.wire.pytorch import optimizers
from autograder.wire.pytorch.autograd import Graphs
from autograder.wire.pytorch.draws import Draws
from autograder.wire.pytorch.leaves import Leaves
from autograder.wire.pytorch.modules import STANDARD, Modules
from autograder.wire.pytorch.optimizers import Optimizers
from autograder.wire.pytorch.places import Place, Places, place_of
from autograder.wire.terms import Ref, WireError

_NAMED: dict[str, Any] = {  # what both sides have by the same name
    **{str(value): value for value in vars(torch).values() if isinstance(value, torch.dtype)},
    **{f"nn.{name}": kind for name, kind in STANDARD.items()},
    **{f"optim.{name}": kind for name, kind in optimizers.STANDARD.items()},
    **{f"F.{n}": f for n, f in vars(functional).items() if callable(f) and n[0].islower()},
    **{name: getattr(torch, name) for name in ("relu", "sigmoid", "tanh")},
    "cpu": torch.device("cpu"),
    "nn.Module": nn.Module,
    "autograd.Function": torch.autograd.Function,
    "optim.Optimizer": torch.optim.Optimizer,
    "utils.data.Dataset": torch.utils.data.Dataset,
}
_NAMES = {value: name for name, value in _NAMED.items()}
_WITH_NAMES = tuple({type(value) for value in _NAMED.values()})


class Sharing:
    """What one end of the line shares with the other. ask: a request to the other side."""

    def __init__(self, me: str, ask: Callable[..., Any]) -> None:
        self._places = Places(me)
        self._leaves = Leaves(self._places)
        self._graphs = Graphs(self._places, self._leaves, ask)
        self._modules = Modules(self._places, self._leaves, ask)
        self._optimizers = Optimizers(self._places, self._leaves)
        self._draws = Draws(self._places)
        self._parts = (self._draws, self._leaves, self._modules, self._optimizers)
        self._grad_mode = True
        self.verbs: dict[str, Callable] = {
            "backward": self._graphs.backward,
            "forward": _forward,
            "copy": _copy,
        }
        if me == "candidate":
            self.verbs |= {"attribute": _attribute, "method": _method}

    def keeps(self, value: Any) -> bool:
        """Whether this tensor is shared, or must be; else it crosses as an array does."""
        return value.requires_grad or self._places.of(value) is not None

    def refer(self, thing: object) -> Ref | None:
        """How to name this object, if it is one of PyTorch's."""
        if isinstance(thing, torch.Tensor):
            return self._tensor(thing)
        if isinstance(thing, nn.Module):
            return _ref("module", thing, *self._modules.tell(thing))
        if isinstance(thing, torch.Generator):
            return _ref("generator", thing, *self._draws.tell(thing))
        if isinstance(thing, torch.optim.Optimizer) and self._optimizers.is_known(thing):
            return _ref("optimizer", thing, *self._optimizers.tell(thing))
        name = _NAMES.get(thing) if isinstance(thing, _WITH_NAMES) else None
        return Ref(self._places.me, 0, "torch", name) if name else None

    def _tensor(self, tensor: torch.Tensor) -> Ref:
        if tensor.grad_fn is None:
            owner, number, state = self._leaves.entry(tensor)
            return Ref(owner, number, "leaf", "", state)
        number, state = self._graphs.tell(tensor)
        return Ref(self._places.me, number, "computed", "", state)

    def resolve(self, ref: Ref) -> Any:
        """What it names, brought to the state that it says. Raises WireError."""
        try:
            return self._found(ref)
        except (WireError, MemoryError):
            raise
        except Exception as error:  # of PyTorch, which is given anything
            raise WireError(f"Expected what became of a {ref.kind}: {error}") from error

    def _found(self, ref: Ref) -> Any:
        place = place_of(ref.owner, ref.number)
        if ref.kind == "leaf":
            return self._leaves.take((*place, ref.state))
        if ref.kind == "computed":
            return self._graphs.take(ref.number, ref.state)
        if ref.kind == "torch":
            if ref.name not in _NAMED:
                raise WireError(f"Expected a name of PyTorch's, got {ref.name!r:.60}.")
            return _NAMED[ref.name]
        parts = {
            "module": self._modules,
            "optimizer": self._optimizers,
            "generator": self._draws,
        }
        return parts[ref.kind].take(place, ref.state)

    def bases(self, kind: type) -> tuple[type, ...]:
        """Those of a class's bases that both sides have by one name."""
        return tuple(base for base in kind.__mro__ if base in _NAMES)

    def news(self) -> tuple[bool, list[int], list[Any]]:
        """What goes with a message: whether gradients are on, what is done with, what changed."""
        if torch._C._functorch.peek_interpreter_stack() is not None:  # pyright: ignore
            raise WireError(
                "Nothing can cross from inside of torch.func (grad, vmap, jvp …), where tensors "
                "have no values. Try torch.autograd.grad or torch.autograd.functional."
            )
        changed = [thing for part in self._parts for thing in part.changed()]
        return torch.is_grad_enabled(), self._graphs.released(), changed

    def heard(self, news: Any) -> None:
        """Take what came with a message. Raises WireError where it makes no sense."""
        if not (isinstance(news, tuple) and [*map(type, news)] == [bool, list, list]):
            raise WireError(f"Expected news of PyTorch's objects, got {type(news).__name__}.")
        self._grad_mode = news[0]
        self._graphs.drop([number for number in news[1] if type(number) is int])

    @contextlib.contextmanager
    def as_asked(self) -> Iterator[None]:
        """Inside, gradients are on or off as they were for who asked last."""
        with torch.set_grad_enabled(self._grad_mode):
            yield

    def forget(self) -> None:
        """Say all again: a message did not go."""
        for part in self._parts:
            part.forget()


def _ref(kind: str, thing: object, place: Place, state: Any) -> Ref:
    return Ref(*place, kind, type(thing).__name__[:100], state)


def _forward(module: Any, args: Any, kwargs: Any) -> Any:
    return _checked(module)(*args, **kwargs)


def _copy(module: Any) -> Any:
    return copy.deepcopy(_checked(module))


def _attribute(module: Any, name: Any) -> Any:
    return getattr(_checked(module), name)


def _method(module: Any, name: Any, args: Any, kwargs: Any) -> Any:
    return getattr(_checked(module), name)(*args, **kwargs)


def _checked(module: Any) -> nn.Module:
    if not isinstance(module, nn.Module):
        raise WireError(f"Expected a module, got {type(module).__name__}.")
    return module
