"""Drive a notebook in JupyterLab as a person would: open, run all, move a slider by keyboard."""

from playwright.sync_api import Locator, Page

_ALL_RAN = """() => {
    const prompts = document.querySelectorAll(".jp-CodeCell .jp-InputPrompt");
    const texts = [...prompts].map((prompt) => prompt.textContent);
    return texts.some((text) => /\\d/.test(text)) && !texts.some((text) => text.includes("*"));
}"""


def open_notebook(page: Page, url: str) -> None:
    """Open it alone, without the tabs of an earlier visit, and wait until the kernel is idle."""
    page.goto(f"{url}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    wait_until_idle(page)


def run_all(page: Page) -> None:
    """Run all cells through the menu, and wait until none is waiting or running."""
    page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(_ALL_RAN, timeout=180_000)
    wait_until_idle(page)


def wait_until_idle(page: Page) -> None:
    """Wait for the kernel's status in the status bar."""
    page.get_by_text("| Idle").first.wait_for(timeout=180_000)


def explorers(page: Page, *, count: int) -> list[Locator]:
    """The explorer widgets of a notebook, once all of them are drawn."""
    page.keyboard.press("Escape")
    found = page.locator(".coursekit-explorer")
    found.nth(count - 1).wait_for(timeout=60_000)
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
