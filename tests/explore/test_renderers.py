"""Do the widget and the static page show the picture of the stop that the slider is at?"""

import asyncio
import base64
import builtins
import json
from html.parser import HTMLParser
from typing import Any

import pytest
from matplotlib.figure import Figure

from coursekit import explore
from coursekit.explore import Control, Explorer, frames, picture, png, widget


def draw(values):
    """A figure whose size and colour depend on both values."""
    return Figure(figsize=(values["a"], 1), facecolor=(values["b"], 0, 0))


TWO = Explorer(
    name="two",
    title="Two <controls>",
    controls=(
        Control("a", "width & more", (1.0, 2.0, 3.0), 2.0),
        Control("b", "red", (0.0, 1.0), 0.0),
    ),
    draw=draw,
    describe=lambda values: f"width {values['a']:g} & <red> {values['b']:g}",
)


class Page(HTMLParser):
    """The elements of a piece of HTML, with their attributes and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in ("input", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1], data))

    def all(self, tag):
        return [attrs for name, attrs in self.found if name == tag]

    def text(self, tag):
        return [text for name, text in self.texts if name == tag]


@pytest.mark.parametrize("name", explore.names())
def test_widget_shows_the_picture_of_every_stop(name):
    explorer = explore.get(name)
    title, slider, image, words = widget(explorer).children
    control = explorer.controls[0]
    assert explorer.title in title.value
    assert image.value == png(explorer, explorer.initial())
    for value in (control.values[0], control.values[-1], control.initial):
        slider.value = value
        assert image.value == png(explorer, {control.name: value})
        assert explorer.describe({control.name: value}) in words.value


def test_widget_follows_several_sliders_and_escapes_words():
    title, first, second, image, words = widget(TWO).children
    first.value, second.value = 3.0, 1.0
    assert image.value == png(TWO, {"a": 3.0, "b": 1.0})
    assert "width 3 &amp; &lt;red&gt; 1" in words.value
    assert "Two &lt;controls&gt;" in title.value
    assert [label for label, _ in first.options] == ["1", "2", "3"]


def test_widget_says_in_one_sentence_why_a_picture_is_missing_and_recovers():
    def fails(values):
        if values["a"] == 3.0:
            raise ZeroDivisionError("no <width>")
        return draw({**values, "b": 0})

    explorer = Explorer("fails", "Fails", TWO.controls[:1], fails, lambda values: "fine")
    _, slider, image, words = widget(explorer).children
    slider.value = 3.0
    assert "could not be drawn: ZeroDivisionError: no &lt;width&gt;" in words.value
    assert (image.value, image.layout.display) == (b"", "none")
    slider.value = 1.0
    assert "fine" in words.value
    assert image.value == png(explorer, {"a": 1.0})
    assert image.layout.display is None


def test_frames_hold_every_combination_in_order():
    page = Page(frames(TWO))
    assert page.open == []
    (script,) = page.text("script")
    data = json.loads(script)
    expected = [{"a": a, "b": b} for a in (1.0, 2.0, 3.0) for b in (0.0, 1.0)]
    assert data["descriptions"] == [TWO.describe(values) for values in expected]
    assert len(set(data["pictures"])) == 6
    assert all(base64.b64decode(picture)[1:4] == b"PNG" for picture in data["pictures"])
    assert data["texts"] == [["1", "2", "3"], ["0", "1"]]


def test_frames_start_at_the_initial_stop():
    page = Page(frames(TWO))
    data = json.loads(page.text("script")[0])
    (image,) = page.all("img")
    assert image["src"] == "data:image/png;base64," + data["pictures"][2]
    assert image["alt"] == data["descriptions"][2] == page.text("figcaption")[0]
    assert [(slider["value"], slider["max"]) for slider in page.all("input")] == [
        ("1", "2"),
        ("0", "1"),
    ]
    assert page.text("output") == ["2", "0"]


def test_frames_have_named_sliders_that_jupyterlab_leaves_their_keys():
    page = Page(frames(TWO))
    sliders = page.all("input")
    assert page.text("span") == ["width & more", "red"]
    order = [tag for tag, _ in page.found if tag in ("label", "span", "input", "output")]
    assert order == ["label", "span", "input", "output"] * 2
    for slider, text in zip(sliders, ("2", "0"), strict=True):
        assert slider["type"] == "range"
        assert slider["aria-valuetext"] == text
        assert slider["data-lm-suppress-shortcuts"] == "true"


def test_frames_need_no_network_and_no_ids():
    text = frames(TWO)
    page = Page(text)
    assert "http" not in text
    assert not any("id" in attrs or "href" in attrs for _, attrs in page.found)
    assert all(attrs["src"].startswith("data:") for attrs in page.all("img"))
    assert [attrs for attrs in page.all("script")] == [{"type": "application/json"}]


def test_frames_words_cannot_end_the_script():
    explorer = Explorer("x", "X", TWO.controls, draw, lambda values: f"</script>{values}")
    assert Page(frames(explorer)).open == []


@pytest.mark.parametrize("name", explore.names())
def test_frames_of_every_explorer_are_small(name):
    text = frames(explore.get(name))
    data = json.loads(Page(text).text("script")[0])
    stops = len(explore.get(name).controls[0].values)
    assert len(data["pictures"]) == len(data["descriptions"]) == stops
    assert len(text) < 1_000_000


def test_show_picks_the_renderer(monkeypatch):
    import ipywidgets
    from IPython.display import HTML

    monkeypatch.delenv("COURSEKIT_RENDERER", raising=False)
    assert isinstance(explore.show("dropout_rate"), ipywidgets.VBox)
    monkeypatch.setenv("COURSEKIT_RENDERER", "frames")
    shown = explore.show("dropout_rate")
    assert isinstance(shown, HTML)
    assert shown.data == frames(explore.get("dropout_rate"))
    monkeypatch.setenv("COURSEKIT_RENDERER", "canvas")
    with pytest.raises(ValueError, match="Expected 'widget' or 'frames', got 'canvas'"):
        explore.show("dropout_rate")


def test_widget_says_what_to_do_without_ipywidgets(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="Try `pip install ipywidgets`"):
        widget(TWO)


def test_the_next_stop_is_drawn_while_this_one_is_looked_at():
    explorer = explore.get("learning_rate")
    (control,) = explorer.controls
    start = control.values.index(control.initial)

    async def moved(to: int) -> tuple[int, int]:
        """Pictures drawn at once, and after the event loop had a turn."""
        box = widget(explorer)
        picture._png.cache_clear()
        next(c for c in box.children if hasattr(c, "options")).index = to
        at_once = picture._png.cache_info().misses
        await asyncio.sleep(0)
        return at_once, picture._png.cache_info().misses

    last = len(control.values) - 1
    assert asyncio.run(moved(start + 1)) == (1, 2)
    assert asyncio.run(moved(start - 1)) == (1, 2)
    assert asyncio.run(moved(last)) == (1, 1)  # nothing lies beyond
