"""PyTorch's tensors as the arrays of their memory. PyTorch is imported only for one that comes."""

from typing import Any

import numpy as np

from autograder.wire.arrays import BFLOAT, GRADIENT
from autograder.wire.terms import WireError


def tensor_memory(torch: Any, tensor: Any) -> tuple[np.ndarray, int]:
    """The tensor's memory (a copy, if it is not on the CPU) as an array, and its flags.

    Raises WireError for a dtype or a layout that has no array.
    """
    plain, flags = tensor.detach(), GRADIENT if tensor.requires_grad else 0
    try:
        plain = plain.cpu().resolve_conj().resolve_neg()
        if plain.dtype is torch.bfloat16:
            plain, flags = plain.view(torch.int16), flags | BFLOAT
        return plain.numpy(), flags
    except (TypeError, RuntimeError) as error:
        raise WireError(
            f"A tensor of {tensor.dtype} and {tensor.layout} cannot cross: {error}"
        ) from error


def make_tensor(array: np.ndarray, flags: int) -> Any:
    """The tensor over this array's memory; WireError if there is none, or no PyTorch."""
    if not array.flags.writeable or (flags & BFLOAT and array.dtype != np.int16):
        raise WireError("Expected the memory of a tensor, got another array.")
    try:
        import torch

        tensor = torch.from_numpy(array)
        tensor = tensor.view(torch.bfloat16) if flags & BFLOAT else tensor
        return tensor.requires_grad_() if flags & GRADIENT else tensor
    except ImportError as error:
        raise WireError("A tensor came, but PyTorch is not installed here.") from error
    except (TypeError, ValueError, RuntimeError) as error:
        raise WireError(f"Expected the memory of a tensor: {error}") from error
