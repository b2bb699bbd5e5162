"""Find an explorer by name, and show it in the way that fits the place.

An explorer is one file in `gallery/` that defines `EXPLORER`, named like the file.
"""

import importlib
import os
import pkgutil
from typing import Any

from coursekit.explore import gallery
from coursekit.explore.explorer import Explorer
from coursekit.explore.static_page import frames
from coursekit.explore.widgets import widget


def names() -> list[str]:
    """The names of all explorers, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(gallery.__path__))


def get(name: str) -> Explorer:
    """The explorer of that name.

    >>> get("learnin_rate")
    Traceback (most recent call last):
    ValueError: explore: there is no explorer 'learnin_rate'. Expected one of: dropout_rate, \
learning_rate, regularization_strength.
    """
    if name not in names():
        raise ValueError(
            f"explore: there is no explorer {name!r}. Expected one of: {', '.join(names())}."
        )
    return importlib.import_module(f"{gallery.__name__}.{name}").EXPLORER


def show(name: str) -> Any:
    """An explorer to look at: the value of the last line of a notebook cell.

    It is a live widget; or, where the environment variable COURSEKIT_RENDERER is "frames", as
    when the book is built, HTML with all pictures in it. Raises ValueError for an unknown name
    or renderer, ImportError without ipywidgets.
    """
    explorer = get(name)
    renderer = os.environ.get("COURSEKIT_RENDERER", "widget")
    if renderer == "widget":
        return widget(explorer)
    if renderer == "frames":
        from IPython.display import HTML

        return HTML(frames(explorer))
    raise ValueError(
        f"show: COURSEKIT_RENDERER is unknown. Expected 'widget' or 'frames', got {renderer!r}."
    )
