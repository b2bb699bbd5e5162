"""The command line: a handful of verbs."""

import errno
import io
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import click

from autograder.course import Course, Lab
from autograder.errors import CourseError
from autograder.report import (
    console,
    grade_with_progress,
    print_missing_layers,
    print_places,
    print_summary,
    print_table,
    working,
)
from autograder.results import SubmissionResult
from autograder.settings import LONGEST_CELL


class Verbs(click.Group):
    """Turns the errors that people can mend into one sentence and exit status 1."""

    def invoke(self, ctx: click.Context):
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except CourseError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(_sentence_of(error)) from error


def _sentence_of(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "No space left on the disk. Free some, then run the command again: it goes on."
    advice = (
        " Check that you may read and write there."
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
        else ""
    )
    return f"{error.strerror or error}: {error.filename or 'no file named'}.{advice}"


@click.group(cls=Verbs)
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="A folder of the course; the current one by default.",
)
@click.version_option(package_name="training-cnns")
@click.pass_context
def main(ctx: click.Context, root: Path) -> None:
    """Build the labs of the course, release them, grade a class, and build the book.

    \b
    Example:
      autograder build 09_regularization
      autograder grade 09_regularization --only ada
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # some names cannot be shown on some terminals
            stream.reconfigure(errors="backslashreplace")
    ctx.obj = Course.find(root)


_labs = click.argument("labs", nargs=-1, metavar="[LAB]...")
_force = click.option("--force", is_flag=True, help="Do it again even where nothing changed.")
_timeout = click.option(
    "--timeout",
    type=click.IntRange(1, LONGEST_CELL),
    help="Seconds that one cell may run; nbgrader_config.py says it otherwise.",
)


def _use_gradebook(ctx: click.Context, _: click.Parameter, url: str | None) -> None:
    if url:
        ctx.obj = replace(ctx.obj, gradebook=url)


_gradebook = click.option(
    "--gradebook",
    metavar="URL",
    envvar="AUTOGRADER_GRADEBOOK",
    callback=_use_gradebook,
    expose_value=False,
    help="Another gradebook than nbgrader_config.py says, as sqlite:///PATH or "
    "postgresql://USER@HOST/NAME; also from the variable AUTOGRADER_GRADEBOOK.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
_dry_run = click.option(
    "--dry-run", is_flag=True, help="Write nothing: say whose marks would change."
)


def _chosen(course: Course, names: tuple[str, ...]) -> list[Lab]:
    return [course.lab(name) for name in names] if names else course.labs()


@main.command()
@_labs
@_force
@click.option("--check", is_flag=True, help="Only see whether the student notebook is current.")
@click.pass_obj
def build(course: Course, labs: tuple[str, ...], force: bool, check: bool) -> None:
    """Verify lessons, and write student notebook, solution and book page.

    \b
    Example: autograder build 09_regularization
    """
    from autograder import release as steps

    for lab in _chosen(course, labs):
        if check:
            steps.check_student_notebook(lab)
            console.print(f"{lab.name}: the student notebook is current")
        else:
            with working(f"{lab.name}: building"):
                said = steps.build(lab, force=force)
            console.print(f"{lab.name}: {said}")


@main.command()
@_labs
@_force
@_gradebook
@click.pass_obj
def release(course: Course, labs: tuple[str, ...], force: bool) -> None:
    """Put built labs into the gradebook and the release folder, scanned for answers.

    \b
    Example: autograder release 09_regularization
    """
    from autograder import release as steps

    for lab in _chosen(course, labs):
        console.print(f"{lab.name}: {steps.release(lab, force=force)}")


@main.command()
@click.argument("lab")
@click.pass_obj
def sample(course: Course, lab: str) -> None:
    """Write a sample class into class/submitted: from perfect to unreadable.

    \b
    Example: autograder sample 09_regularization
    """
    from autograder.sample import write_sample_class

    students = write_sample_class(course.lab(lab))
    console.print(f"{lab}: {len(students)} sample submissions in {course.nbgrader / 'submitted'}")


@main.command()
@click.argument("lab")
@_force
@_timeout
@click.option("--only", metavar="STUDENT", help="Grade this student alone.")
@click.option(
    "--workers", type=click.IntRange(0), help="Processes; as many as processors if not given."
)
@click.option(
    "--require", multiple=True, metavar="LAYER", help="Refuse to grade without it; see `doctor`."
)
@click.option("--dask", metavar="ADDRESS", help="Let the workers of a Dask scheduler do it.")
@click.option(
    "--shard",
    metavar="I/N",
    help="Grade this part of the class into build/shards, see `merge`; not with --only, --dry-run.",
)
@_gradebook
@_dry_run
@_as_json
@click.pass_obj
def grade(course: Course, lab: str, shard: str | None, as_json: bool, **options) -> None:
    """Grade a class: gradebook, marked notebooks, feedback, grades.csv.

    What was graded before and has not changed is not graded again. Exit status 2 when a
    submission could not be graded for a reason that is not the student's.

    \b
    Example: autograder grade 09_regularization --only ada --timeout 10
    """
    from autograder.grade import grade_class
    from autograder.run.shard import Shard

    _refuse_together(dask=options["dask"], workers=options["workers"])
    _refuse_together(shard=shard, only=options["only"])
    _refuse_together(shard=shard, dry_run=options["dry_run"])
    part, found = Shard.parse(shard) if shard else None, course.lab(lab)
    results = grade_with_progress(
        found,
        grade=grade_class,
        whole=not part,
        cell_timeout=options.pop("timeout"),
        shard=part,
        **options,
    )
    shard_folder = part.place(found).course.root if part else None
    _show(results, found, as_json, shard_folder, places=not options["dry_run"])


def _refuse_together(**options: object) -> None:
    """UsageError where both of two options are given."""
    if all(value is not None and value is not False for value in options.values()):
        names = (f"--{name.replace('_', '-')}" for name in options)
        raise click.UsageError(f"{' and '.join(names)} do not go together.")


def _show(
    results: list[SubmissionResult], lab: Lab, as_json: bool, shard: Path | None, *, places: bool
) -> None:
    """Print what grading came to; exit status 2 where a submission could not be graded.

    shard: its folder; places: whether anything was written.
    """
    if as_json:
        click.echo(json.dumps([{**asdict(r), "points": r.points} for r in results], indent=1))
    else:
        print_table(results)
        print_summary(results)
        if shard:
            click.echo(f"Shard:     {shard}")
        elif places:
            print_places(lab)
        print_missing_layers(results)
    if not all(r.is_final for r in results):
        sys.exit(2)


@main.command()
@click.argument("lab")
@click.argument(
    "folders",
    nargs=-1,
    required=True,
    metavar="FOLDER...",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@_gradebook
@_dry_run
@_as_json
@click.pass_obj
def merge(
    course: Course, lab: str, folders: tuple[Path, ...], dry_run: bool, as_json: bool
) -> None:
    """Put together what shards have graded: gradebook, marked notebooks, feedback, grades.csv.

    FOLDERs are those of shards, or have them somewhere below. Nothing is graded again. Exit status
    2 when a shard could not grade a submission for a reason that is not the student's.

    \b
    Example: autograder merge 09_regularization build/shards/09_regularization
    """
    from autograder.grade import merge_shards

    found = course.lab(lab)
    results = grade_with_progress(found, grade=merge_shards, folders=folders, dry_run=dry_run)
    _show(results, found, as_json, None, places=not dry_run)


@main.command()
def doctor() -> None:
    """Say which layers of the sandbox hold a student's code on this machine, and why not others.

    \b
    Example: autograder doctor
    """
    from autograder.sandbox import available

    for layer, problem in available().items():
        click.echo(f"{layer:<18}  {problem or 'works'}")


@main.command()
@_force
@click.pass_obj
def book(course: Course, force: bool) -> None:
    """Build the HTML book.

    \b
    Example: autograder book
    """
    from autograder.book import build_book, html_folder

    with working("book: building (the first time, every page is run)"):
        said = build_book(course, force=force)
    console.print(f"book: {said}")
    click.echo(f"Book: {html_folder(course) / 'index.html'}")


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8888, show_default=True)
@click.option("--formgrader", is_flag=True, help="Open nbgrader's formgrader on the class.")
@click.pass_obj
def lab(course: Course, port: int, formgrader: bool) -> None:
    """Open JupyterLab on your copies of the labs, in my_labs/.

    \b
    Example: autograder lab --port 8889
    """
    from autograder.jupyter import open_lab

    open_lab(course, port=port, formgrader=formgrader)


@main.command()
@_timeout
@_gradebook
@click.pass_context
def course(ctx: click.Context, timeout: int | None) -> None:
    """The whole path: build, release, sample class, grade, book.

    Where class/submitted already holds a real class, that class is graded and no sample is added.

    \b
    Example: autograder course
    """
    from autograder.grade import grade_class
    from autograder.submission import real_students

    here: Course = ctx.obj
    ctx.invoke(build, labs=(), force=False, check=False)
    ctx.invoke(release, labs=(), force=False)
    real = real_students(here)
    if real:
        console.print(f"class: {len(real)} students handed in; no sample class is added")
    results = []
    for lab in here.labs():
        if not real:
            ctx.invoke(sample, lab=lab.name)
        results += grade_with_progress(lab, grade=grade_class, cell_timeout=timeout)
    ctx.invoke(book, force=False)
    print_table(results)
    for lab in here.labs():
        print_places(lab)
    print_missing_layers(results)
    if not all(r.is_final for r in results):
        raise CourseError("Some submissions could not be graded; see the table. Run it again.")


if __name__ == "__main__":
    main()
