"""Do the options for many machines work from the command line, and refuse what makes no sense?"""

import json
import sys

import pytest
from click.testing import CliRunner, Result

from autograder.cli import main
from autograder.results import Status
from tests.autograder.run.conftest import STUDENTS, copy, written


@pytest.fixture
def lab(handed_in, tmp_path):
    """The class, not graded yet."""
    return copy(handed_in, tmp_path / "course")


def run(lab, *args: object) -> Result:
    return CliRunner().invoke(main, ["--root", str(lab.course.root), *map(str, args)])


def test_shards_and_a_merge_are_one_run(lab, undivided):
    for shard in ("1/2", "2/2"):
        options = "--workers", 0, "--timeout", 5, "--shard", shard
        done = run(lab, "grade", lab.name, *options)
        assert done.exit_code == 0, done.output
        folder = lab.course.build / "shards" / lab.name / shard.replace("/", "-of-")
        assert f"Shard:     {folder}" in done.output
        assert "gradebook" not in done.output
    assert not list(lab.results.glob("*")), "a shard writes into its own folder alone"
    done = run(lab, "merge", lab.name, lab.course.build / "shards")
    assert done.exit_code == 0, done.output
    assert f"{lab.results / 'grades.csv'}" in done.output
    assert {p: t for p, t in written(lab).items() if p in undivided} == undivided
    again = run(lab, "merge", lab.name, lab.course.build / "shards", "--json")
    assert [result["student"] for result in json.loads(again.stdout)] == list(STUDENTS)


def test_a_merge_of_what_a_machine_failed_at_ends_with_status_2(lab, monkeypatch):
    from autograder.examiner.mark import Marker
    from autograder.examiner.nursery import InfrastructureError

    def fail(*_, **__):
        raise InfrastructureError("no process left")

    monkeypatch.setattr(Marker, "mark", fail)
    assert run(lab, "grade", lab.name, "--workers", 0, "--shard", "1/1").exit_code == 2
    done = run(lab, "merge", lab.name, lab.course.build / "shards")
    assert done.exit_code == 2
    assert Status.INFRASTRUCTURE_FAILURE in done.output


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--dask", "x:1", "--workers", 0), 2, "--dask and --workers do not go together."),
        (("--shard", "1/2", "--only", "ada"), 2, "--shard and --only do not go together."),
        (("--shard", "1/2", "--dry-run"), 2, "--shard and --dry-run do not go together."),
        (("--shard", "3/2"), 1, "A shard is a part of a class, such as 2/8. Got '3/2'."),
        (("--gradebook", "oracle://x"), 1, "must be sqlite:///PATH or postgresql://"),
    ],
    ids=["dask-workers", "shard-only", "shard-dry-run", "shard", "gradebook"],
)
def test_what_cannot_be_is_a_sentence(lab, options, status, said):
    done = run(lab, "grade", lab.name, *options)
    assert done.exit_code == status
    assert said in done.output
    assert not list(lab.results.glob("*.json"))


def test_a_cluster_that_is_not_there_is_a_sentence(lab):
    pytest.importorskip("distributed", reason="no Dask: python -m pip install distributed")
    done = run(lab, "grade", lab.name, "--dask", "nonsense")
    assert done.exit_code == 1
    assert "No Dask scheduler answers at 'nonsense'" in done.output


def test_without_dask_installed_a_sentence_says_what_to_install(lab, monkeypatch):
    monkeypatch.delitem(sys.modules, "autograder.run.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = run(lab, "grade", lab.name, "--dask", "127.0.0.1:1")
    assert done.exit_code == 1
    assert "python -m pip install distributed" in done.output
