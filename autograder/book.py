"""Build the HTML book from the chapters and from the pages that the labs became.

Jupyter Book copies what it finds beside a page, so it never sees a lesson: chapters and projected
lab pages are laid out in build/book/source, and that folder is what it builds.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import coursekit
from autograder.course import Course
from autograder.environ import environment
from autograder.errors import CourseError
from autograder.leaks import refuse_leaks, secrets
from autograder.lesson import read_lesson
from autograder.release import refuse_stale_build
from autograder.stamps import Stamp, fingerprint, package_folder

_JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"


def html_folder(course: Course) -> Path:
    """Where the built book is."""
    return course.build / "book" / "_build" / "html"


def build_book(course: Course, *, force: bool = False) -> str:
    """Build what changed, scan the HTML for answers; a sentence on what was done."""
    pages = [lab.page for lab in course.labs()]
    for lab in course.labs():
        refuse_stale_build(lab)
    package = package_folder(coursekit)
    code = fingerprint([package, package.parent / "experiments"])  # pages draw on both
    chapters = [course.root / "book", course.root / "_config.yml", *pages]
    stamp = Stamp(course.build / "stamps" / "book", fingerprint(chapters, code))
    if stamp.is_current() and (html_folder(course) / "index.html").is_file() and not force:
        return "up to date"
    _forget_old_outputs(course, code, force=force)
    _lay_out(course, pages)
    _run_jupyter_book(course)
    files = _refuse_book_leaks(course)
    stamp.write()
    return f"built; {files} file(s) scanned for answers"


def _forget_old_outputs(course: Course, code: str, *, force: bool) -> None:
    """The book's cache of outputs does not see a change in coursekit: empty it then."""
    stamp = Stamp(course.build / "stamps" / "book-code", code)
    if force or not stamp.is_current():
        shutil.rmtree(course.build / "book", ignore_errors=True)
        stamp.write()


def _lay_out(course: Course, pages: list[Path]) -> None:
    """Mirror book/ and the lab pages; copy only what differs, so that Sphinx sees what changed."""
    target = course.build / "book" / "source"
    wanted = {p.relative_to(course.root / "book"): p for p in _files(course.root / "book")}
    wanted |= {Path("labs") / page.name: page for page in pages}
    for old in _files(target):
        if old.relative_to(target) not in wanted:
            old.unlink()
    for name, source in wanted.items():
        copy = target / name
        if not copy.is_file() or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)


def _run_jupyter_book(course: Course) -> None:
    folder = course.build / "book"
    source, config = folder / "source", course.root / "_config.yml"
    command = [
        *(sys.executable, "-c", _JUPYTER_BOOK, "build", str(source)),
        *("--config", str(config), "--toc", str(source / "_toc.yml")),
        *("--path-output", str(folder), "-W", "-n", "--keep-going"),
    ]
    with environment(NO_COLOR="1"):
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", check=False
        )
    log = folder / "build.log"
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        raise CourseError(f"The book does not build: {_cause(folder, done.stderr)}\nSee {log}.")


def _cause(folder: Path, said: str) -> str:
    """Sphinx's warnings, and what the cells that failed raised."""
    warnings = [line for line in said.split("\n") if re.search(r"(WARNING|ERROR|Error): ", line)]
    reports = (folder / "_build" / "html" / "reports").rglob("*.err.log")
    raised = [r.read_text(encoding="utf-8").strip().split("\n")[-1] for r in sorted(reports)]
    return "\n".join([*warnings, *raised] or said.strip().split("\n")[-1:])


def _refuse_book_leaks(course: Course) -> int:
    secret_lines = {s for lab in course.labs() for s in secrets(read_lesson(lab.lesson))}
    try:
        return refuse_leaks(_files(html_folder(course)), secret_lines)
    except CourseError:
        shutil.rmtree(html_folder(course))
        raise


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
