"""Does a hostile page run or ask for anything in a real browser, and can everybody read it?"""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from autograder.papers.page import feedback_page
from tests.autograder.papers.samples import (
    ATTACKS,
    PNG,
    SVG,
    TEST,
    cell,
    error,
    hostile_paper,
    paper,
    shown,
    stream,
)
from tests.browser.conftest import browser  # noqa: F401

pytestmark = pytest.mark.browser


class Watched:
    """A page whose every request is refused and noted, and in which pwned() is heard."""

    def __init__(self, chromium: Browser, **options):
        self.context = chromium.new_context(**options)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.ran: list[str] = []
        self.context.expose_function("pwned", lambda: self.ran.append("pwned"))
        self.page.on("dialog", lambda dialog: self.ran.append(dialog.message))
        self.context.route("**/*", self._refuse)

    def _refuse(self, route) -> None:
        if route.request.url == self.address:
            route.continue_()
        else:
            self.asked.append(route.request.url)
            route.abort()

    def open(self, path: Path, html: str) -> None:
        path.write_text(html, encoding="utf-8")
        self.address = path.as_uri()
        self.page.goto(self.address)
        self.page.wait_for_timeout(300)


def provoke(page: Page) -> None:
    """Click every link of the student's, hover and press keys."""
    for link in page.locator("a[href]:not([href^='#'])").all():
        link.click(timeout=2000)
    page.mouse.move(300, 300)
    page.keyboard.press("Tab")


def test_a_hostile_page_runs_nothing_and_asks_for_nothing(browser, tmp_path):  # noqa: F811
    watched = Watched(browser)
    watched.open(tmp_path / "hostile.html", feedback_page(hostile_paper()))
    provoke(watched.page)
    assert watched.ran == []
    assert watched.asked == []
    assert watched.page.url.partition("#")[0] == watched.address
    watched.context.close()


def test_the_policy_alone_would_stop_the_attacks(browser, tmp_path):  # noqa: F811
    """The second layer, with the first one gone; and the watch is proved to see an attack."""
    page = feedback_page(paper())
    harmful = "".join(a for a in ATTACKS if "refresh" not in a).encode("utf-8", "replace").decode()
    for guarded in (True, False):
        html = page.replace("<main>", f"<main>{harmful}")
        html = html if guarded else html.replace("Content-Security-Policy", "nothing")
        watched = Watched(browser)
        watched.open(tmp_path / "raw.html", html)
        assert bool(watched.ran) is not guarded
        assert bool(watched.asked) is not guarded
        watched.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_the_page(browser, tmp_path, scheme):  # noqa: F811
    outputs = [
        *(stream("x" * 500), error("no"), shown(text_html="<table><tr><td>1</td></tr></table>")),
        *(shown(image_png=PNG), shown(**{"image_svg+xml": SVG})),
    ]
    cells = [
        cell("markdown", "# A lab\n\n## Part\n\nIf $x<1$, [read](https://numpy.org) `x`.", "text"),
        cell("code", "import numpy as np  # one\nx = 'y' + str(1.5)", "locked"),
        cell("code", "def double(x):\n    return None", "solution", outputs=outputs),
        cell("code", TEST, "test", outputs=[stream("said")]),
    ]
    watched = Watched(browser, color_scheme=scheme, viewport={"width": 400, "height": 800})
    html = feedback_page(paper(*cells, message="a hint", comment="a word", note="a note"))
    watched.open(tmp_path / "fair.html", html)
    assert Axe().run(watched.page).response["violations"] == []
    width = watched.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 400
    pictures = "[...document.images].every(image => image.naturalWidth > 0)"
    assert watched.page.evaluate(pictures)
    assert watched.page.locator("math").first.bounding_box()
    watched.context.close()
