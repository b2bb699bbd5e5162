"""Find a Chromium for the browser tests, or try to get one: apt as root, else Playwright's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    """The path of a Chromium on the PATH, or of the one Playwright installed, or None."""
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    return on_path or _of_playwright()


def get_browser() -> str | None:
    """Find a Chromium, else install one; None where neither works."""
    found = find_browser()
    if found:
        return found
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    commands = [["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]] if as_root else []
    commands.append([sys.executable, "-m", "playwright", "install", "chromium"])
    for command in commands:
        print(f"No Chromium yet: running {' '.join(command)}", file=sys.stderr, flush=True)
        subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        if find_browser():
            break
    return find_browser()


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


if __name__ == "__main__":
    print(get_browser() or "No Chromium could be had: the browser tests will not run.")
