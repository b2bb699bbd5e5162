"""Explorers as plain HTML: every picture drawn beforehand, moved by a slider of the browser."""

import base64
import html
import io
import itertools
import json

from coursekit.explore.explorer import Control, Explorer
from coursekit.explore.picture import SIZE, png

# One handler on the figure hears all of its sliders, so a page needs no ids and no script file,
# and figures cannot get in each other's way. The frames are in the order of itertools.product.
_MOVE = """
this.data ??= JSON.parse(this.querySelector('script').textContent);
let frame = 0;
this.querySelectorAll('input').forEach((input, i) => {
  const texts = this.data.texts[i], text = texts[input.value];
  frame = frame * texts.length + Number(input.value);
  input.setAttribute('aria-valuetext', text);
  input.nextElementSibling.textContent = text;
});
const picture = this.querySelector('img'), words = this.data.descriptions[frame];
picture.src = 'data:image/png;base64,' + this.data.pictures[frame];
picture.alt = words;
this.querySelector('figcaption').textContent = words;
"""


def frames(explorer: Explorer) -> str:
    """The explorer as a piece of HTML that needs no kernel and no network.

    It holds a picture and a description for every combination of stops. The sliders are labelled
    and work by keyboard; the description is the picture's alternative text and its caption.

    >>> from coursekit.explore import get
    >>> frames(get("learning_rate")).startswith("<figure")
    True
    """
    stops = itertools.product(*(control.values for control in explorer.controls))
    names = [control.name for control in explorer.controls]
    every = [dict(zip(names, values, strict=True)) for values in stops]
    pictures = [base64.b64encode(_smaller(png(explorer, values))).decode() for values in every]
    descriptions = [explorer.describe(values) for values in every]
    texts = [control.texts() for control in explorer.controls]
    data = {"texts": texts, "pictures": pictures, "descriptions": descriptions}
    first = every.index(explorer.initial())
    words = html.escape(descriptions[first])
    width, height = SIZE
    return (
        f'<figure class="coursekit-explorer" style="margin: 1em 0" oninput="{html.escape(_MOVE)}">'
        f"<strong>{html.escape(explorer.title)}</strong>"
        f"{''.join(map(_slider, explorer.controls))}"
        f'<img src="data:image/png;base64,{pictures[first]}" alt="{words}" '
        f'width="{width}" height="{height}" style="max-width: 100%; height: auto">'
        f'<figcaption aria-live="polite">{words}</figcaption>'
        f'<script type="application/json">{_script(data)}</script></figure>'
    )


def _smaller(picture: bytes) -> bytes:
    """The same PNG with a palette of 256 colours: a third of the bytes, hardly a difference."""
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        few = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    few.save(buffer, format="png", optimize=True)
    return buffer.getvalue()


def _slider(control: Control) -> str:
    texts, index = control.texts(), control.values.index(control.initial)
    text = html.escape(texts[index])
    return (
        f'<label style="display: flex; gap: 0.7em; align-items: center; max-width: {SIZE[0]}px">'
        f"<span>{html.escape(control.label)}</span>"
        f'<input type="range" min="0" max="{len(texts) - 1}" step="1" value="{index}" '
        f'aria-valuetext="{text}" autocomplete="off" data-lm-suppress-shortcuts="true" '
        f'style="flex: 1; height: 1.8em"><output style="min-width: 5em">{text}</output></label>'
    )


def _script(data: dict) -> str:
    """JSON that cannot end the script element around it."""
    return json.dumps(data).replace("<", "\\u003c")
