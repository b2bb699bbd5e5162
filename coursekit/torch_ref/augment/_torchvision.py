"""What the twins share: torchvision, imported when needed, and an amount for each picture.

torchvision takes seconds to import, so `import coursekit.torch_ref` must not do it.
"""

import importlib
from collections.abc import Callable
from types import ModuleType

import numpy as np
import torch

from coursekit._torchvision import import_torchvision
from coursekit.numpy_ref import _check

Amount = float | torch.Tensor | np.ndarray


def functional() -> ModuleType:
    """Return torchvision.transforms.v2.functional.

    >>> functional().hflip(torch.tensor([[1.0, 2.0]]))
    tensor([[2., 1.]])
    """
    import_torchvision()
    return importlib.import_module("torchvision.transforms.v2.functional")


def one_each(op: str, name: str, value: object, n: int, interval: str) -> np.ndarray:
    """Return n numbers in `interval`: `value` is one for all, or a tensor or array of them."""
    if isinstance(value, torch.Tensor):
        value = value.numpy(force=True)
    return _check.one_each(op, name, value, n, interval)


def each(change: Callable, x: torch.Tensor, amounts: np.ndarray) -> torch.Tensor:
    """Change each picture by its own amount: torchvision takes one amount for a whole batch.

    >>> each(torch.mul, torch.ones(2, 1), np.array([3.0, 4.0]))
    tensor([[3.],
            [4.]])
    """
    changed = [change(x[n : n + 1], amount) for n, amount in enumerate(amounts.tolist())]
    return torch.cat([x[:0], *changed])
