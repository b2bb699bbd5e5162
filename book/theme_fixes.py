"""A Sphinx extension: what the theme gets wrong for this book, put right page by page."""


def point_colab_at_notebooks(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Let the Colab button of a lab open the student notebook; other pages have no such button.

    The theme links every page to `book/PAGE` in the repository. A lab's page is made from
    `notebooks/NN_word/NN_word.ipynb`, and Colab cannot open the Markdown of a chapter.
    """
    folder, _, name = pagename.rpartition("/")
    for group in _groups(context, "launch-buttons"):
        if folder != "labs":
            context["header_buttons"].remove(group)
            continue
        for button in group["buttons"]:
            page, notebook = f"/book/{pagename}.ipynb", f"/notebooks/{name}/{name}.ipynb"
            button["url"] = button["url"].replace(page, notebook)


def drop_link_to_sources(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Remove the button that downloads the page's source: this book publishes no sources."""
    for group in _groups(context, "download-buttons"):
        group["buttons"] = [b for b in group["buttons"] if b["label"] != "download-source-button"]


def mend_roles(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give references the role listitem; doc-biblioentry, which Sphinx writes, is deprecated."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def let_keys_scroll_tables(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    """A wide table scrolls sideways: let the keyboard reach it, and say what it is."""
    if "body" in context:
        container = '<div class="pst-scrollable-table-container"'
        reachable = f'{container} tabindex="0" role="group" aria-label="Table"'
        context["body"] = context["body"].replace(f"{container}>", f"{reachable}>")


def setup(app) -> dict:
    """Register with Sphinx, after the theme, which adds its buttons at priority 501."""
    for fix in (
        point_colab_at_notebooks,
        drop_link_to_sources,
        mend_roles,
        let_keys_scroll_tables,
    ):
        app.connect("html-page-context", fix, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _groups(context: dict, label: str) -> list[dict]:
    return [b for b in context.get("header_buttons", []) if b.get("label") == label]
