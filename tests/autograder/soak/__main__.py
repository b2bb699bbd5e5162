"""Grades a class undisturbed, then killed at random moments, and compares all that is left.

python -m tests.autograder.soak --students 3000 --hostile 0.05 --kills 10 --seed 0
"""

import random
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.autograder.soak.soak import Figures, Soak

_SHOWN = 40  # differences that are told


@click.command()
@click.option("--students", type=click.IntRange(1), default=300, show_default=True)
@click.option("--hostile", type=click.FloatRange(0, 1), default=0.05, show_default=True)
@click.option("--kills", type=click.IntRange(0), default=10, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--workers", type=click.IntRange(0), help="As many as processors if not given.")
@click.option("--timeout", type=click.IntRange(1), default=5, show_default=True, help="A cell's.")
@click.option("--lab", default="09_regularization", show_default=True, help="Or 01_small.")
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), help="A new folder to work in."
)
def main(
    students: int, hostile: float, kills: int, seed: int, workers: int | None, timeout: int,
    lab: str, keep: Path | None,
) -> None:  # fmt: skip
    """Say whether kills change anything; exit status 1 when they do."""
    options = ["--timeout", str(timeout)]
    options += [] if workers is None else ["--workers", str(workers)]
    figures = Figures(students, round(students * hostile))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    if keep:
        keep.mkdir(parents=True)
    with (
        nullcontext(keep) if keep else tempfile.TemporaryDirectory(prefix="soak-") as folder,
        Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress,
    ):
        task = progress.add_task("making the class", total=students)
        show = lambda name, there: progress.update(task, description=name, completed=there)  # noqa: E731
        soak = Soak(Path(folder), figures, options, show)
        soak.run(lab, min(kills, students), random.Random(seed), hanging=True)
    _print(figures)
    sys.exit(bool(figures.wrong))


def _print(figures: Figures) -> None:
    click.echo(f"{figures.students} submissions, {figures.attackers} of them hostile")
    for name, seconds in figures.seconds.items():
        click.echo(f"{name}: {seconds:.0f} s, {60 * figures.students / seconds:.0f} a minute")
    click.echo("a minute in each tenth: " + " ".join(f"{rate:.0f}" for rate in figures.rates))
    click.echo(f"memory of all processes: {figures.memory / 2**20:.0f} MB at most")
    click.echo(f"{len(figures.kills)} kills: {', '.join(figures.kills)}")
    for words in figures.wrong[:_SHOWN]:
        click.echo(f"WRONG: {words}")
    click.echo(f"{len(figures.wrong)} differences" if figures.wrong else "all is the same")


if __name__ == "__main__":
    main()
