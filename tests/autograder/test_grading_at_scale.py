"""Is what the page for instructors shows true of the commands that there are?"""

import ast
import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from autograder.cli import main

PAGE = Path(__file__).resolve().parents[2] / "book" / "grading_at_scale.md"
BLOCKS = re.findall(r"(?ms)^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))


def blocks(language: str) -> list[str]:
    """The page's code in this language."""
    return [text for kind, text in BLOCKS if kind == language]


def workflow() -> dict:
    """The example for a CI service."""
    (text,) = blocks("yaml")
    return yaml.safe_load(text)


def commands() -> list[str]:
    """All commands of ours, in the page's blocks and in its workflow."""
    steps = [step for job in workflow()["jobs"].values() for step in job["steps"]]
    lines = [line for text in blocks("sh") for line in text.split("\n")]
    lines += [step["run"] for step in steps if "run" in step]
    return sorted({line for line in lines if line.startswith("autograder ")})


@pytest.mark.parametrize("command", commands())
def test_every_command_on_the_page_can_be_given(command):
    verb, *words = shlex.split(re.sub(r"\$\{\{.*?\}\}", "1", command))[1:]
    context = click.Context(main, obj=None)
    folders = [word for word in words if word != "shards"]  # which is not there
    assert main.commands[verb].make_context(
        verb, words if verb != "merge" else [*folders, "."], parent=context
    )


def test_the_shards_of_the_workflow_are_all_of_them():
    jobs = workflow()["jobs"]
    numbers = jobs["shard"]["strategy"]["matrix"]["number"]
    (count,) = re.findall(r"--shard \S+ matrix\.number \S+/(\d+)", str(jobs["shard"]["steps"]))
    assert numbers == [*range(1, int(count) + 1)]
    assert jobs["merge"]["needs"] == "shard"


def test_what_the_workflow_merges_is_what_its_shards_upload():
    up, down = (
        next(step["with"] for step in job["steps"] if f"actions/{what}-artifact" in str(step))
        for job, what in zip(workflow()["jobs"].values(), ("upload", "download"), strict=True)
    )
    assert up["path"] == "build/shards"
    assert re.fullmatch(down["pattern"].replace("*", ".*"), up["name"])
    assert f"autograder merge 09_regularization {down['path']}" in commands()


def test_the_python_on_the_page_is_python():
    assert len(blocks("python")) == 2
    for text in blocks("python"):
        ast.parse(text)
