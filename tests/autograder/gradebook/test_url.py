"""Do marks go into a gradebook on a server, and its password nowhere else?"""

import shutil

import pytest
from click.testing import CliRunner, Result

from autograder.cli import main
from autograder.course import Course
from autograder.files import write_notebook
from autograder.gradebook import LabGradebook
from autograder.lesson import read_lesson, solution_cells
from autograder.projections import clear

PASSWORD = "opensesame"


@pytest.fixture
def lab(released, tmp_path):
    """A copy of the small lab, for which ada handed in the right answer."""
    root = tmp_path / "course"
    shutil.copytree(released.course.root, root)
    lab = Course(root).lab(released.name)
    source = read_lesson(lab.lesson)
    nb, answer = clear(source), solution_cells(source)["l2_penalty"].source
    solution_cells(nb)["l2_penalty"].source = answer
    write_notebook(lab.course.nbgrader / "submitted" / "ada" / lab.name / f"{lab.name}.ipynb", nb)
    return lab


def run(lab, url: str, *args: object) -> Result:
    """A command, which finds the URL in the environment."""
    words = ["--root", lab.course.root, *args]
    done = CliRunner().invoke(main, [str(w) for w in words], env={"AUTOGRADER_GRADEBOOK": url})
    assert PASSWORD not in done.output
    return done


def test_a_class_is_graded_and_merged_into_a_server_and_the_password_stays_secret(
    lab, new_database
):
    shutil.copytree(lab.course.root, other := lab.course.root.with_name("other"))
    for place, steps in (
        (lab, [("grade", lab.name, "--workers", 0)]),
        (
            Course(other).lab(lab.name),
            [
                ("grade", lab.name, "--workers", 0, "--shard", "1/1"),
                ("merge", lab.name, other / "build" / "shards"),
            ],
        ),
    ):
        url = new_database().replace("postgres@", f"postgres:{PASSWORD}@")
        (place.course.nbgrader / "gradebook.db").unlink()
        early = run(place, url, "grade", lab.name, "--workers", 0)
        assert early.exit_code == 1
        assert "Release the lab first." in early.output
        for step in (("release", lab.name), *steps):
            done = run(place, url, *step)
            assert done.exit_code == 0, done.output
        assert LabGradebook(url, lab.name, penalty=lambda *_: None).read()["ada"].scores == {
            "l2_penalty": 2.0
        }
        assert not (place.course.nbgrader / "gradebook.db").exists()
        files = [path for path in place.course.root.rglob("*") if path.is_file()]
        assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{PASSWORD}@host:port/db",
        f"mysql://me:{PASSWORD}@host/db",
        f"postgresql://me@/db?host=/no/such/folder&password={PASSWORD}",
    ],
)
def test_a_gradebook_that_cannot_be_used_is_a_sentence_without_the_password(lab, url):
    done = run(lab, url, "grade", lab.name, "--workers", 0)
    assert done.exit_code == 1
    assert "radebook" in done.output
    assert "Traceback" not in done.output
