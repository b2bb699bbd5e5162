"""Does a hostile class do anything in a real browser, and can everybody read its report?"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.class_report.page import class_page
from tests.autograder.papers.samples import ATTACKS
from tests.autograder.papers.test_in_a_browser import Watched
from tests.autograder.report_samples import LAB, failed, large_class, mark, result, unreadable
from tests.browser.conftest import browser  # noqa: F401

pytestmark = pytest.mark.browser


def hostile_page() -> str:
    results = [result(attack, mark(0, misconception=attack), note=attack) for attack in ATTACKS]
    failures = [failed(attack, attack) for attack in ATTACKS]
    return class_page(LAB, [*results, *failures], waiting=ATTACKS, links={})


def fair_page() -> str:
    wrong = mark(0, "l2_penalty", misconception="no_half")
    results = [
        *large_class(20),
        result("a" * 200, wrong, mark(1, "an_exercise_" * 5), note="x" * 300),
        unreadable("bo"),
        failed("cy", "y" * 300),
    ]
    return class_page(LAB, results, waiting=["dan"], links={"student-0001": "x.html"})


def test_a_hostile_class_runs_nothing_and_asks_for_nothing(browser, tmp_path):  # noqa: F811
    watched = Watched(browser)
    watched.open(tmp_path / "hostile.html", hostile_page())
    watched.page.mouse.move(300, 300)
    watched.page.keyboard.press("Tab")
    assert watched.page.locator("tbody bdi").count() >= 2 * len(ATTACKS)
    assert watched.ran == []
    assert watched.asked == []
    watched.context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390)])
def test_everybody_can_read_the_report(browser, tmp_path, scheme, width):  # noqa: F811
    watched = Watched(browser, color_scheme=scheme, viewport={"width": width, "height": 800})
    watched.open(tmp_path / "fair.html", fair_page())
    watched.page.locator("summary").click()
    assert Axe().run(watched.page).response["violations"] == []
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    histogram = watched.page.locator("svg.histogram").bounding_box()
    assert histogram
    assert 0.8 * width - 400 < histogram["width"] <= width
    watched.context.close()
