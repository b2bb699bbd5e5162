"""The command line: a handful of verbs."""

import errno
import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from autograder.course import Course, Lab
from autograder.errors import CourseError
from autograder.report import (
    console,
    grade_with_progress,
    print_places,
    print_summary,
    print_table,
    working,
)


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
        " Check that you may write there." if error.errno in (errno.EACCES, errno.EROFS) else ""
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
    ctx.obj = Course.find(root)


_labs = click.argument("labs", nargs=-1, metavar="[LAB]...")
_force = click.option("--force", is_flag=True, help="Do it again even where nothing changed.")
_timeout = click.option(
    "--timeout",
    type=click.IntRange(1),
    help="Seconds that one cell may run; nbgrader_config.py says it otherwise.",
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
@click.option("--dry-run", is_flag=True, help="Write nothing: say whose marks would change.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.pass_obj
def grade(
    course: Course,
    lab: str,
    force: bool,
    timeout: int | None,
    only: str | None,
    workers: int | None,
    require: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Grade a class: gradebook, marked notebooks, feedback, grades.csv.

    What was graded before and has not changed is not graded again. Exit status 2 when a
    submission could not be graded for a reason that is not the student's.

    \b
    Example: autograder grade 09_regularization --only ada --timeout 10
    """
    results = grade_with_progress(
        course.lab(lab),
        cell_timeout=timeout,
        force=force,
        only=only,
        workers=workers,
        require=require,
        dry_run=dry_run,
    )
    if as_json:
        click.echo(json.dumps([{**asdict(r), "points": r.points} for r in results], indent=1))
    else:
        print_table(results)
        print_summary(results)
        print_places(course.lab(lab))
    if not all(r.is_final for r in results):
        sys.exit(2)


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
@click.pass_context
def course(ctx: click.Context, timeout: int | None) -> None:
    """The whole path: build, release, sample class, grade, book.

    Where class/submitted already holds a real class, that class is graded and no sample is added.

    \b
    Example: autograder course
    """
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
        results += grade_with_progress(lab, cell_timeout=timeout)
    ctx.invoke(book, force=False)
    print_table(results)
    for lab in here.labs():
        print_places(lab)
    if not all(r.is_final for r in results):
        raise CourseError("Some submissions could not be graded; see the table. Run it again.")


if __name__ == "__main__":
    main()
