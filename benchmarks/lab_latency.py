"""How soon an explorer answers in JupyterLab: key press to new picture, in Chromium."""

import statistics
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

from coursekit import explore
from tests.browser import notebook
from tests.browser.conftest import FLAGS, run_jupyter
from tools.browser import find_browser


def explorer_notebook(names: list[str]) -> nbformat.NotebookNode:
    """A notebook that shows each explorer in a cell of its own."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    nb.cells = [nbformat.v4.new_code_cell("from coursekit import explore")]
    nb.cells += [nbformat.v4.new_code_cell(f"explore.show({name!r})") for name in names]
    return nb


def all_stops(name: str) -> list[str]:
    """The keys from the first stop shown to the last one, back to the first, and up again."""
    (control,) = explore.get(name).controls
    start, last = control.values.index(control.initial), len(control.values) - 1
    return ["ArrowRight"] * (last - start) + ["ArrowLeft"] * last + ["ArrowRight"] * last


def report(name: str, seconds: list[float]) -> None:
    """Median and 95th percentile of the moves to a new picture, and of those to one seen before."""
    new = len(explore.get(name).controls[0].values) - 1
    start = len(seconds) - 2 * new  # moves up; on the way down, the first of them are seen again
    fresh = seconds[:start] + seconds[2 * start : start + new]
    again = seconds[start : 2 * start] + seconds[start + new :]
    print(f"{name:26} new {_words(fresh)}   seen {_words(again)}")


def _words(seconds: list[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    high = statistics.quantiles(seconds, n=20)[-1]
    return f"median {1000 * statistics.median(seconds):4.0f} ms, 95% {1000 * high:4.0f} ms"


def main() -> None:
    """Measure every explorer."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        served = Path(folder) / "work"
        served.mkdir()
        names = explore.names()
        nbformat.write(explorer_notebook(names), served / "explorers.ipynb")
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        with run_jupyter(Path(folder), served=served) as url:
            page = chromium.new_page(viewport={"width": 1200, "height": 900})
            notebook.open_notebook(page, url("lab/tree/explorers.ipynb"))
            notebook.run_all(page)
            for name, explorer in zip(
                names, notebook.explorers(page, count=len(names)), strict=True
            ):
                report(name, [notebook.move(page, explorer, key) for key in all_stops(name)])
        chromium.close()


if __name__ == "__main__":
    main()
