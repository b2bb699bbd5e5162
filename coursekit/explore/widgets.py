"""Explorers as live widgets, for JupyterLab and Colab: core ipywidgets, nothing else."""

import asyncio
import gc
import html
from typing import Any

from coursekit.explore.explorer import Control, Explorer, Values
from coursekit.explore.picture import SIZE, png


def widget(explorer: Explorer) -> Any:
    """Sliders over a picture that follows them, with its description below.

    Returns an `ipywidgets.VBox` of the title, the sliders, the picture and the description. The
    picture is replaced in place: nothing is appended to the output. Where a picture cannot be
    drawn, the description says why. Raises ImportError without ipywidgets.
    """
    ipywidgets = _ipywidgets()
    sliders = [_slider(ipywidgets, control) for control in explorer.controls]
    picture = ipywidgets.Image(format="png", layout={"width": f"{SIZE[0]}px", "max_width": "100%"})
    title = ipywidgets.HTML(f"<strong>{html.escape(explorer.title)}</strong>")
    description = ipywidgets.HTML()

    def update(change: Any = None) -> None:
        values = {c.name: s.value for c, s in zip(explorer.controls, sliders, strict=True)}
        if change is not None:
            control = explorer.controls[sliders.index(change.owner)]
            _draw_ahead(explorer, values, control, before=change.old)
        picture.value, text = _answer(explorer, values)
        picture.layout.display = None if picture.value else "none"
        description.value = f'<span aria-live="polite">{html.escape(text)}</span>'

    for slider in sliders:
        slider.observe(update, names="value")
    update()
    _freeze_what_is_loaded()
    return ipywidgets.VBox(
        [title, *sliders, picture, description], _dom_classes=("coursekit-explorer",)
    )


def _slider(ipywidgets: Any, control: Control) -> Any:
    return ipywidgets.SelectionSlider(
        options=list(zip(control.texts(), control.values, strict=True)),
        value=control.initial,
        description=control.label,
        style={"description_width": "initial"},
        layout={"width": f"{SIZE[0]}px", "max_width": "100%"},
    )


def _draw_ahead(explorer: Explorer, values: Values, control: Control, *, before: float) -> None:
    """Draw the next stop in the direction of the move, while the browser shows this one.

    A slider is moved stop by stop, so the next answer is mostly ready when it is asked for.
    """
    now = control.values.index(values[control.name])
    ahead = now + (1 if now > control.values.index(before) else -1)
    if not 0 <= ahead < len(control.values):
        return
    try:
        loop = asyncio.get_running_loop()  # the kernel's own
    except RuntimeError:
        return
    loop.call_soon(_answer, explorer, {**values, control.name: control.values[ahead]})


def _freeze_what_is_loaded() -> None:
    """Let garbage collection pass over all objects made so far, most of them modules.

    A full collection of matplotlib and its kin takes 30 to 60 ms, which one move in twenty would
    pay: the 95th percentile of an answer in JupyterLab falls from about 115 ms to 90 ms.
    """
    gc.collect()
    gc.freeze()


def _answer(explorer: Explorer, values: dict[str, float]) -> tuple[bytes, str]:
    """The picture and its description, or no picture and the reason."""
    try:
        return png(explorer, values), explorer.describe(values)
    except Exception as error:  # an exception in a callback would vanish into a log
        return b"", f"This picture could not be drawn: {type(error).__name__}: {error}"


def _ipywidgets() -> Any:
    try:
        import ipywidgets
    except ImportError as error:
        raise ImportError(
            "widget: ipywidgets is missing. Expected it to be installed, got no module "
            "ipywidgets. Try `pip install ipywidgets`."
        ) from error
    return ipywidgets
