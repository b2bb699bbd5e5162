"""Drive a notebook in JupyterLab as a person would: open, run all, move a slider by keyboard."""

import time

from playwright.sync_api import Locator, Page


def open_notebook(page: Page, url: str) -> None:
    """Open it and wait until the kernel is idle."""
    page.goto(url)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    wait_until_idle(page)


def run_all(page: Page) -> None:
    """Run all cells through the menu, and wait for the kernel."""
    page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    time.sleep(1)  # the status is still that of before for a moment
    wait_until_idle(page)


def wait_until_idle(page: Page) -> None:
    """Wait for the kernel's status in the status bar."""
    page.get_by_text("| Idle").first.wait_for(timeout=180_000)


def explorers(page: Page) -> list[Locator]:
    """The explorer widgets of a notebook, scrolled through so that all are drawn."""
    page.keyboard.press("Escape")
    found = page.locator(".coursekit-explorer")
    found.first.wait_for(timeout=60_000)
    return found.all()


def move(page: Page, explorer: Locator, key: str) -> float:
    """Press a key on the explorer's slider; seconds until its picture is another one."""
    explorer.scroll_into_view_if_needed()
    handle = explorer.locator(".noUi-handle").first
    image = explorer.locator("img").first
    before = image.get_attribute("src")
    handle.focus()
    script = """([handle, image, key]) => new Promise((resolve) => {
        const started = performance.now();
        image.addEventListener("load", () => resolve(performance.now() - started), {once: true});
        handle.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
    })"""
    handles = [handle.element_handle(), image.element_handle(), key]
    milliseconds = page.evaluate(script, handles)
    assert image.get_attribute("src") != before, "the picture did not change"
    return milliseconds / 1000
