"""Tensors that both sides have: parameters, and what gradients are asked for.

What one side does to its copy (new values, a gradient, freezing it) is told with its next message.
"""

from typing import Any

import torch

from autograder.wire.pytorch.places import Place, Places, place_of
from autograder.wire.tensors import tensor_memory

Entry = tuple[str, int, Any]  # owner and number; and the state, unless that is known


class Leaves:
    """The tensors among what is shared."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._told: dict[Place, tuple] = {}  # what the other side knows
        self._versions: dict[Place, int] = {}  # as PyTorch counted then

    def entry(self, tensor: torch.Tensor) -> Entry:
        """What to say of a tensor, which is shared from now on."""
        place, now = self._places.add(tensor), _print_of(tensor)
        if self._told.get(place) == now:
            return (*place, None)
        self._told[place] = now
        gradient = None if tensor.grad is None else tensor.grad.detach()
        parameter = isinstance(tensor, torch.nn.Parameter)
        seen = self._versions.get(place) != tensor._version
        self._versions[place] = tensor._version
        return (*place, (tensor.detach(), gradient, tensor.requires_grad, parameter, seen))

    def take(self, entry: Any) -> torch.Tensor:
        """The tensor of which this is said. Raises any error where it makes no sense."""
        owner, number, state = entry
        place = place_of(owner, number)
        if state is not None:
            self._set(place, *state)
        return self._places.find(place, torch.Tensor)

    def _set(
        self, place: Place, data: Any, gradient: Any, wants: Any, parameter: Any, seen: Any
    ) -> None:
        if not is_plain(data) or not (gradient is None or is_plain(gradient)):
            raise ValueError("its values are no tensors")
        if type(wants) is not bool:
            raise ValueError("it is not said whether it takes gradients")
        self._places.ensure(place, lambda: _made(data, wants, parameter))
        tensor = self._places.find(place, torch.Tensor)
        _put(data, tensor, seen=seen)
        tensor.requires_grad_(wants)
        if gradient is None or tensor.grad is None or not _same(tensor.grad, gradient):
            tensor.grad = None if gradient is None else gradient.clone()
        self._told[place], self._versions[place] = _print_of(tensor), tensor._version

    def changed(self) -> list[torch.Tensor]:
        """Those of which the other side does not know all."""
        tensors = self._places.all_of(torch.Tensor)
        return [t for t in tensors if self._told.get(self._places.add(t)) != _print_of(t)]

    def forget(self) -> None:
        """Say all again: a message did not go."""
        self._told.clear()


def is_plain(value: object) -> bool:
    """Whether it is a tensor without a history, as messages make them."""
    return type(value) is torch.Tensor and not value.requires_grad


def _made(data: torch.Tensor, wants: bool, parameter: bool) -> torch.Tensor:
    """A tensor with memory of its own: that of a message is looked at for changes."""
    return torch.nn.Parameter(data.clone(), wants) if parameter else data.clone()


def _put(data: torch.Tensor, tensor: torch.Tensor, *, seen: bool) -> None:
    """Give it these values in its own memory, if they fit.

    seen: autograd is to notice, as it did over there; it does not where `.data` was changed.
    """
    if data.shape != tensor.shape or data.dtype is not tensor.dtype:
        tensor.data = data.clone()
    elif not _same(data, tensor):
        with torch.no_grad():
            (tensor if seen else tensor.data).copy_(data)


def _same(first: torch.Tensor, second: torch.Tensor) -> bool:
    return first.dtype is second.dtype and _bytes(first) == _bytes(second)


def _bytes(tensor: torch.Tensor) -> bytes:
    try:
        return tensor.detach().numpy().tobytes()
    except (TypeError, RuntimeError):  # what NumPy has no dtype for, and views that are no memory
        return tensor_memory(torch, tensor)[0].tobytes()


def _print_of(tensor: torch.Tensor) -> tuple:
    gradient = None if tensor.grad is None else _bytes(tensor.grad)
    return tensor.requires_grad, tensor.dtype, tuple(tensor.shape), _bytes(tensor), gradient
