"""Curves that grow while a network trains."""

import io
import sys
import time
from typing import TYPE_CHECKING, Any

from coursekit.numpy_ref import _check
from coursekit.training.callbacks.base import Callback, Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from coursekit.training.callbacks.history import History
    from coursekit.training.run import Run


class LivePlot(Callback):
    """Loss and accuracy by epoch, drawn anew in place while the network trains. Needs matplotlib.

    In a notebook (JupyterLab, Colab) the picture replaces itself below the cell. Elsewhere
    nothing is shown; in both cases `figure` is the finished matplotlib Figure when the run ends.

    log: whether the loss has a logarithmic axis. every_seconds ≥ 0: at least so long between two
    drawings; longer where drawing is slow, so that it takes a tenth of the time at most.
    Raises TypeError or ValueError otherwise.

    >>> import numpy as np
    >>> from coursekit.data import moons
    >>> from coursekit.numpy_ref import Linear
    >>> from coursekit.training import Trainer
    >>> plot, line = LivePlot(), Linear(2, 2, rng=np.random.default_rng(0))
    >>> history = Trainer(line, epochs=3, callbacks=[plot]).fit(moons("train"))
    >>> len(plot.figure.axes)
    2
    """

    def __init__(self, *, log: bool = False, every_seconds: float = 0.5) -> None:
        _check.flag("LivePlot", "log", log)
        self.log = log
        self.every_seconds = _check.in_range("LivePlot", "every_seconds", every_seconds, "[0, inf)")
        self.figure: Figure | None = None
        self.history: History | None = None

    def on_start(self, run: "Run") -> None:
        """Draw from this run's history."""
        self.history, self.figure = run.history, None
        self.display: Any = None
        self.next_at = float("-inf")

    def on_epoch(self, record: Record) -> None:
        """Draw, if there is somebody to see it and the last drawing is old enough."""
        start = time.monotonic()
        if self.history is not None and in_notebook() and start >= self.next_at:
            self._draw(self.history)
            took = time.monotonic() - start
            self.next_at = start + took + max(self.every_seconds, 9 * took)

    def on_end(self) -> None:
        """Draw the finished curves, if the run came to an epoch's end."""
        if self.history is not None and self.history.records:
            self._draw(self.history)

    def _draw(self, history: "History") -> None:
        self.figure = history.plot(log=self.log)
        if in_notebook():
            self._show(self.figure)

    def _show(self, figure: "Figure") -> None:
        from IPython.display import Image, display

        file = io.BytesIO()
        figure.savefig(file, format="png")
        picture = Image(data=file.getvalue())
        if self.display is None:
            self.display = display(picture, display_id=True)
        else:
            self.display.update(picture)


def in_notebook() -> bool:
    """Whether somebody looks at pictures: the program runs in a Jupyter kernel.

    >>> in_notebook()
    False
    """
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")
