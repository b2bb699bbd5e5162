"""The built book in a browser, with no network: maths, sliders, pictures."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe

from autograder.book import build_book, html_folder
from autograder.course import Course
from autograder.release import build
from tests.browser.conftest import ROOT

TOC = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [TOC["root"], *(c["file"] for part in TOC.get("parts", [TOC]) for c in part["chapters"])]
WITH_EXPLORERS = ["09_regularization", "labs/09_regularization"]
# What the theme does, and a course cannot mend: seen with sphinx-book-theme 1.1.4.
THEME_RULES: set[str] = set()


@pytest.fixture(scope="module")
def html() -> Path:
    """The folder of the built book; built now where it is not current."""
    course = Course.find(ROOT)
    for lab in course.labs():
        build(lab)
    build_book(course)
    return html_folder(course)


@pytest.fixture(scope="module")
def site(html: Path) -> Iterator[str]:
    """The address of the book, served on loopback."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads a log of requests here."""

    handler = functools.partial(Quiet, directory=str(html))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def open_page(visit, html: Path, name: str) -> None:
    visit.page.goto((html / f"{name}.html").as_uri())
    visit.page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_no_other_host_and_has_no_errors(visit, site, name):
    visit.page.goto(f"{site}/{name}.html")
    visit.page.wait_for_load_state("networkidle")
    assert visit.external == []
    assert visit.errors == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opened_as_a_file_needs_nothing_from_elsewhere(visit, html, name):
    open_page(visit, html, name)
    assert visit.external == []


@pytest.mark.parametrize("name", PAGES)
def test_all_maths_is_drawn(visit, html, name):
    open_page(visit, html, name)
    written = visit.page.locator("article .math").count()
    visit.page.wait_for_function(
        "n => document.querySelectorAll('article mjx-container').length >= n", arg=written
    )
    assert visit.page.locator("article mjx-merror").count() == 0


@pytest.mark.parametrize("name", PAGES)
def test_pictures_have_a_text_and_controls_have_a_name(visit, html, name):
    open_page(visit, html, name)
    found = Axe().run(visit.page).response["violations"]
    ours = [
        v for v in found if v["impact"] in ("critical", "serious") and v["id"] not in THEME_RULES
    ]
    assert [(v["id"], v["nodes"][0]["html"]) for v in ours] == []
    for image in visit.page.locator("article img").all():
        assert (image.get_attribute("alt") or "").strip(), image.get_attribute("src")


@pytest.mark.parametrize("name", WITH_EXPLORERS)
def test_every_slider_moves_by_keyboard_and_changes_picture_and_text(visit, html, name):
    open_page(visit, html, name)
    sliders = visit.page.locator("article input[type=range]").all()
    assert len(sliders) >= 3
    for slider in sliders:
        figure = slider.locator("xpath=ancestor::*[.//img][1]")
        image = figure.locator("img").first
        seen = set()
        slider.focus()
        for key in ("Home", "ArrowRight", "ArrowRight", "End"):
            visit.page.keyboard.press(key)
            visit.page.wait_for_timeout(150)
            seen.add((image.get_attribute("src"), image.get_attribute("alt")))
        assert len(seen) == 4
        assert len({src for src, alt in seen}) == len({alt for src, alt in seen}) == 4


def test_sources_are_not_published(html):
    assert not (html / "_sources").exists()


def test_a_lab_page_links_to_colab(visit, html):
    open_page(visit, html, "labs/09_regularization")
    links = [a.get_attribute("href") for a in visit.page.locator("a[href*='colab']").all()]
    assert any(link and link.endswith("09_regularization.ipynb") for link in links)
