"""Build a lab from its lesson, and release it: refuse what students must not get."""

import shutil
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
from autograder.lesson import graded_cells, read_lesson
from autograder.projections import clear, execute, page
from autograder.released import release_stamp
from autograder.stamps import Stamp, fingerprint, package_folder
from autograder.submission import SAMPLE_PREFIX
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
    refuse_stale_build(lab)
    engine, stamp = Engine(lab.course), release_stamp(lab)
    if stamp.is_current() and engine.has_released(lab) and not force:
        return "up to date"
    _refuse_other_exercises(lab, engine)
    try:
        engine.release(lab)
    except EngineError as error:
        raise CourseError(f"nbgrader does not release '{lab.name}': {error}") from error
    try:
        files = refuse_leaks(_files(lab.release.parent), secrets(_read(lab.source)))
    except CourseError:
        shutil.rmtree(lab.release.parent)
        raise
    stamp.write()
    return f"released; {files} file(s) scanned for answers"


def refuse_stale_build(lab: Lab) -> None:
    """CourseError unless what was built is what the lesson says now."""
    if not _build_stamp(lab).is_current():
        raise CourseError(
            f"'{lab.name}' is not built as its lesson now is. "
            f"Run `autograder build {lab.name}` first."
        )


def _refuse_other_exercises(lab: Lab, engine: Engine) -> None:
    """nbgrader cannot add or remove exercises once there are marks: say so, or drop the sample."""
    marked = engine.students_with_marks(lab) if engine.has_released(lab) else set()
    exercises = {f"{name}-tests" for name in graded_cells(_read(lab.source))}
    if not marked or engine.exercises(lab) == exercises:
        return
    if not all(student.startswith(SAMPLE_PREFIX) for student in marked):
        raise CourseError(
            f"'{lab.name}' has other exercises than those that {len(marked)} students have marks "
            f"for. Keep the old ones, or move {lab.course.gradebook_name} away."
        )
    engine.forget(lab)


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
