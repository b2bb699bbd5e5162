"""The rows of a PyTorch module: it runs on the device "meta", with shapes and without numbers.

Everything a module does, in its layers or by functions, ends in a few dozen basic operations of
PyTorch, called aten. `_Watch` sees each of them go by: it counts multiply-adds, and follows how
much of the picture every tensor has seen. Hooks tell it which layer runs.
"""

import math
from itertools import chain
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from coursekit.training.summary import Path, Paths, Row, Shape, elsewhere, field_of, running, widest

aten = torch.ops.aten
MATRIX_PRODUCTS = (aten.mm, aten.bmm, aten.addmm, aten.baddbmm)
POOLING = (aten.max_pool2d_with_indices, aten.avg_pool2d)
FRAMES = (aten.constant_pad_nd, aten.reflection_pad2d, aten.replication_pad2d)


def torch_rows(model: nn.Module, shape: Shape) -> list[Row]:
    """The rows of a module for one sample of the shape; see `summary`.

    >>> [row.multiply_adds for row in torch_rows(nn.Linear(3, 4), (3,))]
    [12]
    """
    modes = {module: module.training for module in model.modules()}
    watch, hooks = _Watch(), []
    try:
        for name, module in model.named_modules():
            hooks += watch.hooks(module, name)
            module.training = False
        with running(model, shape):
            _run_on_meta(model, shape, watch)
    finally:
        for hook in hooks:
            hook.remove()
        for module, training in modes.items():
            module.training = training
    return watch.rows + elsewhere(watch.rows, sum(p.numel() for p in model.parameters()))


def _run_on_meta(model: nn.Module, shape: Shape, watch: "_Watch") -> None:
    """Run the module with stand-ins for its parameters and buffers, which stay as they are."""
    tensors = dict(chain(model.named_parameters(), model.named_buffers()))
    stand_ins = {name: torch.empty_like(t, device="meta") for name, t in tensors.items()}
    dtypes = [p.dtype for p in model.parameters() if p.is_floating_point()]
    x = torch.zeros((1, *shape), dtype=next(iter(dtypes), None), device="meta")
    watch.paths.put(x, () if len(shape) > 1 else None)
    with torch.no_grad(), watch:
        torch.func.functional_call(model, stand_ins, (x,))


class _Watch(TorchDispatchMode):
    """Writes the rows, while it is active."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.paths = Paths()
        self.multiply_adds = [0]  # of each module that runs now, outermost first
        self.counted: set[int] = set()  # parameters that have a row

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Let the operation happen; note what it was."""
        op, out = func.overloadpacket, func(*args, **(kwargs or {}))
        self.multiply_adds[-1] += _multiply_adds(op, args, out)
        sources = [tensor for tensor in _tensors(args) if tensor in self.paths]
        for tensor in _tensors(out) if sources else ():
            self.paths.put(tensor, self._path_through(op, args, sources, tensor))
        return out

    def _path_through(
        self, op: Any, args: tuple, sources: list[torch.Tensor], out: torch.Tensor
    ) -> Path | None:
        """What an output has seen: another window, as much as its sources, or everything."""
        path = widest([self.paths.get(source) for source in sources])
        if path is None:
            return None
        if (window := _window(op, args)) is not None:
            return (*path, window)
        places = [(source.ndim, source.shape[2:]) for source in sources]
        return path if (out.ndim, out.shape[2:]) in places else None

    def hooks(self, module: nn.Module, name: str) -> list[Any]:
        """Hooks that write a row for the module, if it is a layer or does a layer's work."""
        parameters = list(module.parameters(recurse=False))
        is_layer = parameters or not list(module.children())

        def begin(module: nn.Module, inputs: Any) -> None:
            self.multiply_adds.append(0)

        def end(module: nn.Module, inputs: Any, out: Any) -> None:
            multiply_adds = self.multiply_adds.pop()
            if isinstance(module, nn.LocalResponseNorm):  # reshapes, but stays in its place
                self.paths.put(out, self.paths.get(inputs[0]))
            if is_layer or multiply_adds:
                self._note_row(module, name, parameters, multiply_adds, _tensors(out))

        return [module.register_forward_pre_hook(begin), module.register_forward_hook(end)]

    def _note_row(
        self,
        module: nn.Module,
        name: str,
        parameters: list[nn.Parameter],
        multiply_adds: int,
        out: list[torch.Tensor],
    ) -> None:
        kind = type(module).__name__
        new = [p for p in parameters if id(p) not in self.counted]
        self.counted.update(map(id, new))
        self.rows.append(
            Row(
                name=name or kind,
                kind=kind,
                output_shape=tuple(out[0].shape[1:]) if out else (),
                parameters=sum(p.numel() for p in new),
                multiply_adds=multiply_adds,
                activations=sum(t.numel() for t in out),
                activation_bytes=sum(t.numel() * t.element_size() for t in out),
                receptive_field=field_of(self.paths.get(out[0])) if out else None,
            )
        )


def _multiply_adds(op: Any, args: tuple, out: Any) -> int:
    """Each output of a convolution takes KH·KW·C/groups, each of a matrix product a row of one."""
    if op is aten.convolution:
        weight, transposed = args[1], args[6]
        outputs = args[0] if transposed else out  # transposed, each *input* meets a whole filter
        return outputs.numel() * math.prod(weight.shape[1:])
    return out.numel() * args[-1].shape[-2] if op in MATRIX_PRODUCTS else 0


def _window(op: Any, args: tuple) -> tuple[Shape, Shape] | None:
    """(kernel, stride) of an operation that looks at windows, or None."""
    axes = getattr(args[0], "ndim", 0) - 2 if args else 0
    if op is aten.convolution and not args[6]:
        kernel, stride, dilation = args[1].shape[2:], args[3], args[5]
        spread = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
        return spread, tuple(stride)
    if op in POOLING:
        kernel = _each(args[1], axes)
        return kernel, _each(args[2], axes) if len(args) > 2 and args[2] else kernel
    if op is aten.slice:  # x[:, :, ::2] is a window of one pixel with stride 2
        axis, step = args[1] % args[0].ndim - 2, args[4] if len(args) > 4 else 1
        return (1,) * axes, tuple(step if a == axis else 1 for a in range(axes))
    if op in FRAMES:  # neighbours stay neighbours
        return (1,) * axes, (1,) * axes
    return None


def _each(value: Any, axes: int) -> Shape:
    """One number an axis: (2,) -> (2, 2)."""
    return tuple(value) * (axes // len(value))


def _tensors(value: Any) -> list[torch.Tensor]:
    """All tensors in nested lists, tuples and dicts."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [tensor for part in value for tensor in _tensors(part)]
    return [value] if isinstance(value, torch.Tensor) else []
