"""Build a lab from its lesson, and release it: refuse what students must not get."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

import autograder
import coursekit
from autograder.course import Lab
from autograder.engine import Engine, EngineError
from autograder.errors import CourseError
from autograder.files import notebook_text, write_notebook
from autograder.leaks import refuse_leaks, refuse_leaky_notebook, secrets
from autograder.lesson import read_lesson
from autograder.projections import clear, execute, page
from autograder.stamps import Stamp, fingerprint, package_folder
from autograder.verify import verify


def build(lab: Lab, *, force: bool = False) -> str:
    """Verify the lesson and write all that it becomes; a sentence on what was done."""
    stamp = _build_stamp(lab)
    if stamp.is_current() and not force:
        return "up to date"
    source = read_lesson(lab.lesson)
    answers = verify(lab, source)
    executed = execute(source, folder=lab.folder)
    student, shown = clear(source), page(executed)
    refuse_leaky_notebook("The student notebook", student, secrets(source))
    refuse_leaky_notebook("The book page", shown, secrets(source))
    for path, nb in zip(stamp.outputs, (source, executed, shown, student), strict=True):
        write_notebook(path, nb)
    stamp.write()
    return f"built; {answers} answers told apart"


def release(lab: Lab, *, force: bool = False) -> str:
    """Hand the built lab to nbgrader and scan everything that students get."""
    if not lab.source.is_file():
        raise CourseError(
            f"'{lab.name}' is not built yet. Run `autograder build {lab.name}` first."
        )
    engine = Engine(lab.course)
    stamp = Stamp(lab.course.build / "stamps" / f"release-{lab.name}", fingerprint([lab.source]))
    if stamp.is_current() and lab.release.is_file() and engine.has_released(lab) and not force:
        return "up to date"
    try:
        engine.release(lab)
    except EngineError as error:
        raise CourseError(f"nbgrader does not release '{lab.name}': {error}") from error
    files = refuse_leaks(_files(lab.release.parent), secrets(_read(lab.source)))
    stamp.write()
    return f"released; {files} file(s) scanned for answers"


def check_student_notebook(lab: Lab) -> None:
    """CourseError when the committed student notebook is not what its lesson gives."""
    fresh = notebook_text(clear(read_lesson(lab.lesson)))
    if not lab.student.is_file() or lab.student.read_text(encoding="utf-8") != fresh:
        raise CourseError(
            f"{lab.student} is stale. Run `autograder build {lab.name}` and commit the notebook."
        )


def _build_stamp(lab: Lab) -> Stamp:
    inputs = [lab.lesson, lab.variants, package_folder(autograder), package_folder(coursekit)]
    outputs = (lab.source, lab.solution, lab.page, lab.student)
    key = fingerprint([p for p in inputs if p.exists()])
    return Stamp(lab.course.build / "stamps" / f"build-{lab.name}", key, outputs)


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())
