"""Reference implementations and explorers of the course *Training CNNs*.

`import coursekit` loads nothing but this file: each part is imported when it is first named
(the idea of SPEC 1), so a lab that needs NumPy alone never waits for torch or matplotlib.

>>> import coursekit
>>> coursekit.numpy_ref.relu_forward.__name__
'relu_forward'
"""

import importlib

__version__ = "0.1.0"

_PARTS = ("check", "data", "explore", "numpy_ref", "pretrained", "torch_ref", "training")


def __getattr__(name: str):
    if name in _PARTS:
        return importlib.import_module(f"coursekit.{name}")
    raise AttributeError(f"coursekit has no part '{name}'. Expected one of: {', '.join(_PARTS)}.")


def __dir__() -> list[str]:
    return sorted([*globals(), *_PARTS])
