"""Says in the last lines of a run which browser tests did not run; in CI that is a failure."""

import os

import pytest


def _browser_tests_skipped(session: pytest.Session) -> list[str]:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return [report.nodeid for report in skipped if "tests/browser/" in report.nodeid]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true, a browser test that did not run fails the run."""
    if os.environ.get("CI") == "true" and _browser_tests_skipped(session):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter) -> None:
    """Name the browser tests that did not run."""
    missing = _browser_tests_skipped(terminalreporter._session)
    if missing:
        terminalreporter.section("browser tests that did not run: no Chromium", sep="-")
        for test in missing:
            terminalreporter.line(f"did not run: {test}")
