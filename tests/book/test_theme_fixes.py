"""The Sphinx extension book/theme_fixes.py, on what the theme gives a page."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLAB = "https://colab.research.google.com/github/o/r/blob/main"


def apply_fixes(pagename: str, context: dict) -> dict:
    """The page's context after all fixes."""
    spec = importlib.util.spec_from_file_location("theme_fixes", ROOT / "book" / "theme_fixes.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    app = App()
    module.setup(app)
    for handler in app.handlers:
        handler(app, pagename, "page.html", context, None)
    return context


def fixed(pagename: str) -> dict:
    """The context of a page with everything that there is to fix."""
    downloads = [{"label": "download-source-button"}, {"label": "download-pdf-button"}]
    return apply_fixes(
        pagename,
        {
            "body": '<div role="list"><div role="doc-biblioentry">A book.</div></div>',
            "header_buttons": [
                {"label": "download-buttons", "buttons": downloads},
                {"label": "launch-buttons", "buttons": [{"url": f"{COLAB}/book/{pagename}.ipynb"}]},
            ],
        },
    )


class App:
    """As much of Sphinx as an extension needs."""

    def __init__(self) -> None:
        self.handlers = []

    def connect(self, event: str, handler, priority: int) -> None:
        assert event == "html-page-context" and priority > 501
        self.handlers.append(handler)


def buttons(context: dict, label: str) -> list[dict]:
    return [b for g in context["header_buttons"] if g["label"] == label for b in g["buttons"]]


def test_the_colab_button_of_a_lab_opens_its_notebook():
    labs = sorted(p.parent.name for p in (ROOT / "notebooks").glob("*/lesson.py"))
    assert labs
    for lab in labs:
        (button,) = buttons(fixed(f"labs/{lab}"), "launch-buttons")
        assert button["url"] == f"{COLAB}/notebooks/{lab}/{lab}.ipynb"


def test_a_chapter_has_no_colab_button():
    assert buttons(fixed("09_regularization"), "launch-buttons") == []


def test_no_button_asks_for_sources():
    labels = [b["label"] for b in buttons(fixed("index"), "download-buttons")]
    assert labels == ["download-pdf-button"]


def test_references_are_items_of_a_list():
    assert (
        fixed("references")["body"] == '<div role="list"><div role="listitem">A book.</div></div>'
    )


def test_a_page_without_body_or_buttons_stays_as_it_is():
    assert apply_fixes("search", {}) == {}


def test_the_keyboard_reaches_a_table_that_scrolls():
    table = '<div class="pst-scrollable-table-container"><table></table></div>'
    body = apply_fixes("page", {"body": table})["body"]
    assert 'container" tabindex="0" role="group" aria-label="Table"><table>' in body
