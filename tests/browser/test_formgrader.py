"""The gradebook opens in nbgrader's formgrader."""

from autograder.grade import grade_class
from autograder.release import build, release
from autograder.sample import write_sample_class
from autograder.submission import SAMPLE_PREFIX as PREFIX
from tests.autograder.conftest import make_course
from tests.browser.conftest import run_jupyter


def test_formgrader_shows_the_lab_and_its_marks(visit, tmp_path):
    lab = make_course(tmp_path / "course")
    build(lab)
    release(lab)
    write_sample_class(lab)
    results = grade_class(lab, only=PREFIX + "perfect", report=lambda *_: None)
    with run_jupyter(tmp_path, served=lab.course.root) as url:
        visit.page.goto(url("formgrader"))
        visit.page.get_by_text(lab.name).first.wait_for(timeout=60_000)
        visit.page.goto(url("formgrader/manage_submissions/" + lab.name))
        row = visit.page.locator("tr", has_text=PREFIX + "perfect")
        row.wait_for(timeout=60_000)
        assert f"{results[0].points:g} / {results[0].max_points:g}" in row.inner_text()
