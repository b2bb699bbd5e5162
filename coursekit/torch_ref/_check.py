"""The argument check that is PyTorch's alone; the others are shared with `numpy_ref`."""

import torch

from coursekit.numpy_ref._check import message


def floats(op: str, **tensors: object) -> None:
    """Raise TypeError unless every argument is a tensor of floats."""
    for name, tensor in tensors.items():
        if not isinstance(tensor, torch.Tensor) or not tensor.is_floating_point():
            got = getattr(tensor, "dtype", type(tensor).__name__)
            wrong = f"{name} is not a tensor of floats"
            raise TypeError(message(op, wrong, "a torch.Tensor of floats", got))
