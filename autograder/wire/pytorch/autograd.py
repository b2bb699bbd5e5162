"""Gradients across the border: a tensor that was computed there has a history here.

The side that computed it keeps it, with its graph, under a number. Here it is what `Border` gives:
its parents are the tensors that both sides have, and its backward asks over there for the
gradients of these. So backward, autograd.grad, hooks and gradcheck work as in one process.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.graph import GradientEdge

from autograder.wire.pytorch.leaves import Leaves, is_plain
from autograder.wire.pytorch.places import Places
from autograder.wire.terms import WireError

_MOST = 20_000  # graphs that are kept for the other side


@dataclass(frozen=True)
class Sent:
    """A tensor that went over; what the other side knows of its history, and what not."""

    tensor: torch.Tensor
    inputs: list[Any]
    private: list[torch.Tensor]


class Graphs:
    """The histories of tensors that crossed. ask: a request to the other side."""

    def __init__(self, places: Places, leaves: Leaves, ask: Callable[..., Any]) -> None:
        self._places, self._leaves, self._ask = places, leaves, ask
        self._sent: dict[int, Sent] = {}
        self._numbers = itertools.count()
        self._released: list[int] = []
        self._serving = False

    def tell(self, tensor: torch.Tensor) -> tuple[int, Any]:
        """The number of a tensor with a history, and what to say of it.

        What the examiner's tensors come from is not told, but for what the candidate has itself.
        """
        if len(self._sent) >= _MOST:
            raise WireError(f"Expected at most {_MOST:,} tensors with a history, got more.")
        leaves, borders = _ends(tensor)
        known = [t for t in leaves if self._places.me == "candidate" or self._places.of(t)]
        private = [t for t in leaves if not any(t is other for other in known)]
        number = next(self._numbers)
        edges = [GradientEdge(node, 0) for node in borders]
        self._sent[number] = Sent(tensor, [*edges, *known], private)
        roads = [node.road.number for node in borders]
        return number, (tensor.detach(), roads, [self._leaves.entry(t) for t in known])

    def take(self, number: int, state: Any) -> torch.Tensor:
        """The tensor of which this is said. Raises any error where it makes no sense."""
        data, roads, entries = state
        parents = [self._known(road).tensor for road in roads]
        parents += [self._leaves.take(entry) for entry in entries]
        if not is_plain(data):
            raise ValueError("its values are no tensor")
        road = Road(self, number, [tuple(parent.shape) for parent in parents])
        anchor = torch.empty(0, requires_grad=True)  # makes PyTorch ask, whatever the parents
        return Border.apply(road, [data.clone()], anchor, *parents)  # pyright: ignore

    def _known(self, number: Any) -> Sent:
        if type(number) is not int or number not in self._sent:
            raise WireError(f"Expected the number of a tensor with a history, got {number!r:.40}.")
        return self._sent[number]

    def backward(self, number: int, gradient: Any) -> list[torch.Tensor | None]:
        """The gradients of what the other side knows, given that of the tensor."""
        sent = self._known(number)
        if not is_plain(gradient) or gradient.shape != sent.tensor.shape:
            raise WireError(f"Expected a gradient of shape {tuple(sent.tensor.shape)}.")
        before, self._serving = self._serving, True
        try:
            tensors, gradients = [sent.tensor], [gradient.to(sent.tensor.dtype)]
            if sent.private:
                torch.autograd.backward(tensors, gradients, retain_graph=True, inputs=sent.private)
            return _gradients(tensors, gradients, sent.inputs)
        finally:
            self._serving = before

    def pull(self, road: "Road", gradient: torch.Tensor) -> list[torch.Tensor | None]:
        """The gradients of a road's parents.

        When the other side asks for gradients, none: it has these tensors itself, and goes on.
        """
        if self._serving:
            return [None for _ in road.shapes]
        if torch.is_grad_enabled():
            raise RuntimeError(
                "A gradient of a gradient (create_graph=True) does not go through a function in "
                "another process. Let one function compute both and return the second."
            )
        answer = self._ask("backward", road.number, gradient.detach())
        if not isinstance(answer, list) or len(answer) != len(road.shapes):
            raise WireError(f"Expected {len(road.shapes)} gradients, got {answer!r:.60}.")
        for shape, got in zip(road.shapes, answer, strict=True):
            if got is not None and not (is_plain(got) and tuple(got.shape) == shape):
                raise WireError(f"Expected a gradient of shape {shape}, got {got!r:.60}.")
        return answer

    def release(self, number: int) -> None:
        """Remember to say that a tensor of the other side is needed no more."""
        self._released.append(number)

    def released(self) -> list[int]:
        """What is to be said so, once."""
        numbers, self._released = self._released, []
        return numbers

    def drop(self, numbers: list[int]) -> None:
        """Forget what the other side needs no more."""
        for number in numbers:
            self._sent.pop(number, None)


class Road:
    """Where the gradient of a tensor goes: its number over there, and its parents' shapes."""

    def __init__(self, graphs: Graphs, number: int, shapes: list[tuple[int, ...]]) -> None:
        self.graphs, self.number, self.shapes = graphs, number, shapes

    def __del__(self) -> None:
        self.graphs.release(self.number)


class Border(torch.autograd.Function):
    """Gives data that came from the other side a history that leads there."""

    @staticmethod
    def forward(ctx: Any, road: Road, data: list[torch.Tensor], *parents: torch.Tensor) -> Any:
        """The data, taken out of its list so that PyTorch sees a new tensor."""
        ctx.road = road
        return data.pop()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The gradients of the parents; none of road, data and anchor."""
        return (None, None, None, *ctx.road.graphs.pull(ctx.road, gradient))


def _ends(tensor: torch.Tensor) -> tuple[list[torch.Tensor], list[Any]]:
    """The leaves of a graph, and the nodes behind which it goes on over there."""
    seen: set[Any] = set()
    leaves, borders = [], []
    waiting: list[Any] = [tensor.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if isinstance(node, Border._backward_cls):  # pyright: ignore[reportAttributeAccessIssue]
            borders.append(node)
        elif isinstance(node, torch._C._functions.AccumulateGrad):  # pyright: ignore
            leaves.append(node.variable)
        else:
            waiting += [parent for parent, _ in node.next_functions]
    return leaves, borders


def _gradients(
    tensors: list[torch.Tensor], gradients: list[torch.Tensor], inputs: list[Any]
) -> list[torch.Tensor | None]:
    """As autograd.grad; none of what was frozen in the meantime."""
    open_ones = [t for t in inputs if isinstance(t, GradientEdge) or t.requires_grad]
    if not open_ones:
        return [None for _ in inputs]
    found = iter(
        torch.autograd.grad(tensors, open_ones, gradients, retain_graph=True, allow_unused=True)
    )
    kept = [next(found) if any(t is one for one in open_ones) else None for t in inputs]
    return [None if gradient is None else gradient.detach() for gradient in kept]
