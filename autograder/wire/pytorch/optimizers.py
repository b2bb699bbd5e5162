"""PyTorch's optimizers, as their settings and what they remember of shared parameters."""

import itertools
from typing import Any

import torch
from torch.optim import Optimizer

from autograder.wire.pytorch.leaves import Leaves
from autograder.wire.pytorch.places import Place, Places
from autograder.wire.tensors import tensor_memory

STANDARD = {
    name: kind
    for name, kind in vars(torch.optim).items()
    if isinstance(kind, type) and issubclass(kind, Optimizer) and kind is not Optimizer
}


class Optimizers:
    """The optimizers among what is shared."""

    def __init__(self, places: Places, leaves: Leaves) -> None:
        self._places, self._leaves = places, leaves
        self._told: dict[Place, tuple] = {}

    @staticmethod
    def is_known(thing: object) -> bool:
        """Whether it is one of PyTorch's own, which can be made over there."""
        return type(thing) in STANDARD.values()

    def tell(self, optimizer: Optimizer) -> tuple[Place, Any]:
        """The place of an optimizer, and what the other side does not know of it."""
        place, now = self._places.add(optimizer), _print_of(optimizer)
        tensors = [t for group in optimizer.param_groups for t in group["params"]]
        entries = [self._leaves.entry(tensor) for tensor in tensors]
        if self._told.get(place) == now and all(entry[2] is None for entry in entries):
            return place, None
        self._told[place] = now
        groups = [(_options(group), len(group["params"])) for group in optimizer.param_groups]
        memory = [_plain(optimizer.state.get(tensor, {})) for tensor in tensors]
        return place, (type(optimizer).__name__, groups, entries, memory)

    def take(self, place: Place, state: Any) -> Optimizer:
        """The optimizer of which this is said. Raises any error where it makes no sense."""
        if state is not None:
            self._set(place, *state)
        return self._places.find(place, Optimizer)

    def _set(self, place: Place, name: Any, told: Any, entries: Any, memory: Any) -> None:
        tensors = [self._leaves.take(entry) for entry in entries]
        groups, left = [], iter(tensors)
        for options, count in told:
            groups.append({**_options(options), "params": [*itertools.islice(left, count)]})
        make: Any = STANDARD[name]
        self._places.ensure(place, lambda: make([dict(group) for group in groups]))
        optimizer = self._places.find(place, Optimizer)
        for group in groups[len(optimizer.param_groups) :]:
            optimizer.add_param_group(dict(group))
        for mine, group in zip(optimizer.param_groups, groups, strict=False):
            mine.update(group)
        optimizer.state.clear()
        for tensor, kept in zip(tensors, memory, strict=True):
            if kept:
                optimizer.state[tensor] = _copied(kept)
        self._told[place] = _print_of(optimizer)

    def changed(self) -> list[Optimizer]:
        """Those of which the other side does not know all."""
        optimizers = self._places.all_of(Optimizer)
        return [o for o in optimizers if self._told.get(self._places.add(o)) != _print_of(o)]

    def forget(self) -> None:
        """Say all again: a message did not go."""
        self._told.clear()


def _options(group: dict[str, Any]) -> dict[str, Any]:
    """The settings of a group that are numbers, or pairs of them."""
    kinds = (type(None), bool, int, float, str, tuple)
    return {str(k): v for k, v in group.items() if k != "params" and type(v) in kinds}


def _plain(kept: dict[str, Any]) -> dict[str, Any]:
    return {k: v.detach() if isinstance(v, torch.Tensor) else v for k, v in kept.items()}


def _copied(kept: dict[str, Any]) -> dict[str, Any]:
    """With memory of its own: that of a message is looked at for changes."""
    return {k: v.clone() if isinstance(v, torch.Tensor) else v for k, v in kept.items()}


def _print_of(optimizer: Optimizer) -> tuple:
    """What can be compared: settings, which parameters, and what is remembered of each."""
    groups = [(_options(g), [*map(id, g["params"])]) for g in optimizer.param_groups]
    tensors = [t for group in optimizer.param_groups for t in group["params"]]
    kept = [optimizer.state.get(tensor, {}) for tensor in tensors]
    return groups, [{k: _value(v) for k, v in one.items()} for one in kept]


def _value(value: Any) -> Any:
    return tensor_memory(torch, value)[0].tobytes() if isinstance(value, torch.Tensor) else value
