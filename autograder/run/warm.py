"""What is imported before the first submission: of what is slow, only what the lab imports."""

import importlib
import re
import sys
from collections.abc import Iterable

_ALWAYS = ("numpy", "coursekit.check", "coursekit.explore", "matplotlib.pyplot")
_TORCH = re.compile(r"^\s*(?:from|import)\s[^#\n]*\btorch", re.MULTILINE)
_OPTIMIZER = re.compile(r"\boptim\b")


def warm_modules(cells: Iterable[str]) -> tuple[str, ...]:
    """The modules to import, for a lab whose cells have these texts.

    >>> "torch" in warm_modules(["from torch import nn"]), "torch" in warm_modules(["# torch"])
    (True, False)
    """
    return _ALWAYS + _of_pytorch("\n".join(cells))


def warm_up(cells: Iterable[str]) -> None:
    """Import what an examiner needs of it: else the first submission's time would pay for that."""
    modules = _of_pytorch("\n".join(cells))
    for name in modules:
        importlib.import_module(name)
    if modules:
        sys.modules["torch"].set_num_threads(1)  # there is a worker for each processor


def _of_pytorch(text: str) -> tuple[str, ...]:
    if not _TORCH.search(text):
        return ()
    # The first optimizer of a process imports PyTorch's compiler, which takes seconds.
    compiler = ("torch._dynamo",) if _OPTIMIZER.search(text) else ()
    return ("torch", *compiler, "autograder.wire.pytorch.sharing")
