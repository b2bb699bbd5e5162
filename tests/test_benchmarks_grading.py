"""Does the benchmark of grading measure what it says, on work that is right?"""

import shutil
import sys
from pathlib import Path

import click
import nbformat
import pytest
from click.testing import CliRunner

from autograder.cells import graded_cells, solution_cells
from autograder.course import Course, Lab
from autograder.files import write_notebook
from autograder.lesson import read_lesson
from autograder.projections import clear
from autograder.verify import Bench
from benchmarks import grading as benchmark
from benchmarks._engines.classroom import TORCH_LAB, with_class
from benchmarks._engines.measured import Measured, moments
from benchmarks._engines.otter_grader import write_assignment
from benchmarks._engines.watched import run

WRONG = {
    "forgets the shortcut": ("ResidualBlock", "F.relu(x + self", "F.relu(self"),
    "a bias too many": ("ResidualBlock", "conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias"
                        "=False)", "conv2 = nn.Conv2d(channels, channels, 3, padding=1)"),
    "normalises twice alike": ("ResidualBlock", "self.bn2(self.conv2", "self.bn1(self.conv2"),
    "cuts the gradient": ("ResidualBlock", "return F.relu(x", "return F.relu(x.detach()"),
    "no last ReLU": ("ResidualBlock", "return F.relu(x + ", "return (x + "),
    "keeps old gradients": ("train_step", "optimizer.zero_grad()", "pass"),
    "does not move": ("train_step", "optimizer.step()", "pass"),
    "moves twice": ("train_step", "optimizer.step()", "optimizer.step(); optimizer.step()"),
    "gives a tensor": ("train_step", "loss.item()", "loss"),
    "overflows": ("focal_loss", "F.log_softmax(logits, dim=1)",
                  "(logits.exp() / logits.exp().sum(1, keepdim=True)).log()"),
    "sums": ("focal_loss", ".mean()", ".sum()"),
    "leaves the graph": ("focal_loss", "log_p.exp()", "log_p.exp().detach()"),
    "squares always": ("focal_loss", "** gamma", "** 2"),
    "is the cross-entropy": ("focal_loss", "** gamma", "** 0"),
}  # fmt: skip


@pytest.fixture(scope="module")
def bench() -> Bench:
    pytest.importorskip("torch")
    return Bench(read_lesson(TORCH_LAB / "lesson.py"))


def test_the_solution_of_the_torch_lab_gets_full_marks(bench):
    assert bench.passes(bench.solutions)


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_in_the_torch_lab_costs_its_points(bench, mistake):
    exercise, old, new = WRONG[mistake]
    solution = bench.solutions[exercise]
    assert solution.count(old) == 1
    assert not bench.outcome(exercise, solution.replace(old, new)).passed


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """The torch lab in a course of its own, with a class of three."""
    shutil.copytree(TORCH_LAB, tmp_path / "course" / "notebooks" / TORCH_LAB.name)
    lab = Course(tmp_path / "course").lab(TORCH_LAB.name)
    source = read_lesson(lab.lesson)
    write_notebook(lab.source, source)
    write_notebook(lab.student, clear(source))
    return with_class(lab, 3, tmp_path / "class")


def test_a_class_has_the_right_answers_and_no_two_the_same_text(lab):
    handed_in = sorted(lab.course.nbgrader.glob(f"submitted/*/{lab.name}/{lab.name}.ipynb"))
    assert len({path.read_bytes() for path in handed_in}) == 3
    for path in handed_in:
        cells = solution_cells(nbformat.read(path, as_version=4))
        assert "return loss.item()" in cells["train_step"].source
        assert "NotImplementedError" not in cells["ResidualBlock"].source


def test_otter_gets_every_check_and_students_none(lab):
    write_assignment(lab, lab.course.root)
    tests = (lab.course.root / "tests" / "focal_loss.py").read_text(encoding="utf-8")
    assert "gradcheck" in tests and "points = 3" in tests
    for path in (lab.course.root / "handed-in").iterdir():
        nb = nbformat.read(path, as_version=4)
        assert not graded_cells(nb)
        found = [cell.metadata.otter.tests for cell in nb.cells if "otter" in cell.metadata]
        assert found == [["ResidualBlock"], ["train_step"], ["focal_loss"]]


def test_start_up_is_in_the_rate_and_not_in_the_steady_rate():
    once = Measured(70.0, 0, 100.0, [[110.0, 120.0, 130.0]])
    twice = Measured(70.0, 0, 100.0, [[110.0, 120.0, 130.0], [140.0, 150.0, 160.0]])
    assert once.rate == twice.rate == pytest.approx(180 / 70)
    assert (once.steady, twice.steady) == (6, 3)
    assert once.first == 10


def test_moments_are_those_of_the_files_in_order(tmp_path):
    files = [tmp_path / name for name in "ba"]
    for file in files:
        file.touch()
    assert moments(files) == sorted(file.stat().st_mtime for file in files)


def test_the_memory_of_a_command_is_that_of_all_it_starts(tmp_path):
    hold = "import time; held = b'x' * 90_000_000; time.sleep(1.5)"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    seconds, memory = run([sys.executable, "-c", start], folder=tmp_path)
    assert seconds > 1.5
    assert 90_000_000 < memory < 200_000_000


def test_a_command_that_fails_says_why(tmp_path):
    with pytest.raises(click.ClickException, match="ended with 3: no such class"):
        say = "import sys; print('no such class'); sys.exit(3)"
        run([sys.executable, "-c", say], folder=tmp_path)


def test_an_unknown_lab_is_refused():
    result = CliRunner().invoke(benchmark.main, ["--lab", "10_unknown"])
    assert result.exit_code == 1
    assert "Unknown lab '10_unknown'" in result.output
