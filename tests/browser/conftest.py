"""A real browser, and JupyterLab on loopback, for tests of what people see."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import find_browser

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NO_BROWSER = "no Chromium: install chromium, or run `python -m playwright install chromium`"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(420))


@pytest.fixture(scope="module")  # as long as it is there, nobody else can run an event loop
def browser() -> Iterator[Browser]:
    """Chromium, headless, with a fresh profile."""
    path = find_browser()
    if path is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """A page, what it asked of other hosts, and what went wrong in its JavaScript."""

    page: Page
    external: list[str]
    errors: list[str]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A new page that records external requests and errors."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    visit = Visit(context.new_page(), [], [])

    def note(request) -> None:
        if not re.match(
            r"(file|data|blob|about):|https?://(127\.0\.0\.1|localhost)\b", request.url
        ):
            visit.external.append(request.url)

    visit.page.on("request", note)
    visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
    visit.page.on("console", lambda m: visit.errors.append(m.text) if m.type == "error" else None)
    yield visit
    context.close()


@dataclass
class Jupyter:
    """A running JupyterLab: the addresses of its notebooks, and the folder that it serves."""

    url: str
    folder: Path


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """JupyterLab over an empty folder."""
    folder = tmp_path_factory.mktemp("jupyter")
    served = folder / "work"
    served.mkdir()
    with run_jupyter(folder, served=served) as url:
        yield Jupyter(url("lab/tree/{}"), served)


@contextmanager
def run_jupyter(folder: Path, *, served: Path) -> Iterator[Callable[[str], str]]:
    """JupyterLab on a free port of loopback; yields a function from path to address."""
    config = folder / "config" / "labconfig"
    config.mkdir(parents=True)
    settings = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
        # All cells are in the page, also those that one would have to scroll to.
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    }
    (config / "default_setting_overrides.json").write_text(json.dumps(settings), encoding="utf-8")
    port, token = free_port(), secrets.token_hex(8)
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *(f"--port={port}", f"--IdentityProvider.token={token}"),
        f"--ServerApp.root_dir={served}",
    ]
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        environment = _environment(folder)
        server = subprocess.Popen(command, cwd=served, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_up(f"{address}/api/status?token={token}", server)
            yield lambda path: f"{address}/{path}?token={token}"
        finally:
            server.terminate()
            server.wait(120)  # it ends its kernels first


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment(folder: Path) -> dict[str, str]:
    """Jupyter's own folders apart from the user's, and this environment's programs first."""
    own = {
        f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **own, "PATH": path}


def _wait_until_up(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "JupyterLab ended; see its log"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("JupyterLab did not come up within 60 s")
