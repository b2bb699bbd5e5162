"""Settings in words, so that two runs can be compared."""

import functools
from typing import Any


def describe(setting: Any) -> str:
    """A setting in words: numbers as they are, functions by name, `partial` with its arguments.

    >>> from coursekit.numpy_ref import momentum
    >>> describe(functools.partial(momentum, momentum=0.8)), describe(0.1), describe(None)
    ('momentum(momentum=0.8)', '0.1', 'None')
    """
    if isinstance(setting, functools.partial):
        given = [describe(value) for value in setting.args]
        given += [f"{name}={describe(value)}" for name, value in setting.keywords.items()]
        return f"{describe(setting.func)}({', '.join(given)})"
    if isinstance(setting, list | tuple):
        return f"[{', '.join(map(describe, setting))}]"
    return getattr(setting, "__qualname__", None) or (
        type(setting).__qualname__ if "object at 0x" in repr(setting) else repr(setting)
    )
