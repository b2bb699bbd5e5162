"""Explorers as PNG pictures, and the look that their figures share."""

import functools
import io
from typing import TYPE_CHECKING

import numpy as np

from coursekit.explore.explorer import Explorer, Values

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# From Paul Tol's "vibrant" scheme: told apart with any kind of colour vision.
BLUE, RED, GREY, INK = "#0077BB", "#CC3311", "#BBBBBB", "#333333"
SIZE = (640, 360)  # pixels, as the picture is shown
SHARPNESS = 1.25  # pixels drawn for one shown: crisp on the screens of today, still quick


def png(explorer: Explorer, values: Values) -> bytes:
    """The picture at `values` as the bytes of a PNG file; the same values give the same bytes.

    Pictures are kept, so that coming back to a stop costs nothing.
    Raises ValueError unless `values` has a stop for each control.

    >>> from coursekit.explore import get
    >>> explorer = get("learning_rate")
    >>> png(explorer, explorer.initial())[1:4]
    b'PNG'
    """
    explorer.check(values)
    return _png(explorer, tuple(values[control.name] for control in explorer.controls))


@functools.lru_cache(maxsize=1000)
def _png(explorer: Explorer, stops: tuple[float, ...]) -> bytes:
    names = (control.name for control in explorer.controls)
    figure = explorer.draw(dict(zip(names, stops, strict=True)))
    return _encoded(figure)


def _encoded(figure: "Figure") -> bytes:
    """A PNG file, in half the time of `savefig`: no transparency, little compression."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, format="png", compress_level=1)
    return buffer.getvalue()


def figure_with_axes(*, title: str, xlabel: str, ylabel: str) -> tuple["Figure", "Axes"]:
    """A figure of `SIZE` with one pair of axes: labelled, without a box, not known to pyplot."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100 * SHARPNESS)
    axes = figure.add_axes((0.1, 0.15, 0.87, 0.73))
    # Fixed places for the words: finding them would take a quarter of the drawing time.
    axes.set_title(title, color=INK, loc="left", y=1.03)
    axes.set_xlabel(xlabel, color=INK)
    axes.xaxis.set_label_coords(0.5, -0.11)
    axes.set_ylabel(ylabel, color=INK)
    axes.yaxis.set_label_coords(-0.075, 0.5)
    axes.tick_params(colors=INK, length=3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.minorticks_off()
    return figure, axes
