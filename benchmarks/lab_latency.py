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

KEYS = ["ArrowRight"] * 5 + ["ArrowLeft"] * 5
ROUNDS = 4


def explorer_notebook(names: list[str]) -> nbformat.NotebookNode:
    """A notebook that shows each explorer in a cell of its own."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    nb.cells = [nbformat.v4.new_code_cell("from coursekit import explore")]
    nb.cells += [nbformat.v4.new_code_cell(f"explore.show({name!r})") for name in names]
    return nb


def report(name: str, milliseconds: list[float]) -> None:
    """One line: median, 95th percentile, and the first move, which finds nothing cached."""
    high = statistics.quantiles(milliseconds, n=20)[-1]
    median = statistics.median(milliseconds)
    print(
        f"{name:26} median {median:5.0f} ms   95% {high:5.0f} ms   first {milliseconds[0]:5.0f} ms"
    )


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
                moves = [notebook.move(page, explorer, key) for key in KEYS * ROUNDS]
                report(name, [1000 * seconds for seconds in moves])
        chromium.close()


if __name__ == "__main__":
    main()
