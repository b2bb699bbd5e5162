"""Explorers: pictures that a slider moves, in a notebook and in the book.

>>> from coursekit import explore
>>> explore.names()
['dropout_rate', 'learning_rate', 'regularization_strength']

In a notebook, end a cell with `explore.show("learning_rate")`.
"""

from coursekit.explore.explorer import Control, Explorer
from coursekit.explore.picture import png
from coursekit.explore.registry import get, names, show
from coursekit.explore.static_page import frames
from coursekit.explore.widgets import widget

__all__ = ["Control", "Explorer", "frames", "get", "names", "png", "show", "widget"]
