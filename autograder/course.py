"""Where everything of the course lives: one place for every path.

notebooks/NN_word/lesson.py         the source that people write
notebooks/NN_word/NN_word.ipynb     the student notebook, generated and committed
class/                              nbgrader's course directory: source, release, submitted,
                                    autograded, feedback, gradebook.db
build/solutions/NN_word.ipynb       the executed solution, for instructors
build/pages/NN_word.ipynb           what the book shows
build/results/NN_word/              one result a submission, grades.csv
build/book/                         the book's sources as built, and its HTML
"""

from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import CourseError
from autograder.settings import setting


@dataclass(frozen=True)
class Course:
    """A checkout of the course, and the folders that are built in it.

    gradebook: its SQLAlchemy URL, where it is another one than the configuration says.
    """

    root: Path
    gradebook: str | None = field(default=None, repr=False)  # there may be a password in it

    @classmethod
    def find(cls, start: Path) -> "Course":
        """The course that `start` is in; CourseError outside of one."""
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / "nbgrader_config.py").is_file() and (folder / "notebooks").is_dir():
                return cls(folder)
        raise CourseError(
            f"No course here: expected nbgrader_config.py and notebooks/ in {start} or above it. "
            "Run the command inside a clone of the course, or give --root."
        )

    @property
    def build(self) -> Path:
        """Everything generated, apart from the student notebooks."""
        return self.root / "build"

    @property
    def nbgrader(self) -> Path:
        """The root of nbgrader's course directory (see nbgrader_config.py)."""
        return self.root / "class"

    @property
    def gradebook_url(self) -> str:
        """The SQLAlchemy URL of the gradebook: as given, as configured, else nbgrader's default."""
        configured = self.gradebook or setting(self.root, "CourseDirectory", "db_url")
        return configured or _sqlite_url(self.nbgrader / "gradebook.db")

    @property
    def gradebook_name(self) -> str:
        """The gradebook in words, without user and password."""
        from autograder.gradebook.database import shown_url  # half a second to import

        return shown_url(self.gradebook_url)

    def labs(self) -> list["Lab"]:
        """All labs, in course order."""
        lessons = sorted(self.root.glob("notebooks/*/lesson.py"))
        return [Lab(self, path.parent.name) for path in lessons]

    def lab(self, name: str) -> "Lab":
        """The lab called `name`; CourseError with the known names otherwise."""
        known = {lab.name: lab for lab in self.labs()}
        if name not in known:
            raise CourseError(
                f"Unknown lab '{name}'. Expected one of: {', '.join(known) or 'none is there yet'}."
            )
        return known[name]


def _sqlite_url(file: Path) -> str:
    from sqlalchemy import URL  # half a second to import

    return URL.create("sqlite", database=str(file)).render_as_string()


@dataclass(frozen=True)
class Lab:
    """One lab, and the files it is made of and into."""

    course: Course
    name: str

    @property
    def folder(self) -> Path:
        """Where the lab's hand-written files are."""
        return self.course.root / "notebooks" / self.name

    @property
    def lesson(self) -> Path:
        """The one hand-written notebook source."""
        return self.folder / "lesson.py"

    @property
    def variants(self) -> Path:
        """Right and wrong answers."""
        return self.folder / "variants.py"

    @property
    def student(self) -> Path:
        """The student notebook, committed."""
        return self.folder / f"{self.name}.ipynb"

    @property
    def source(self) -> Path:
        """nbgrader's source notebook: answers and hidden tests inside."""
        return self.course.nbgrader / "source" / self.name / f"{self.name}.ipynb"

    @property
    def release(self) -> Path:
        """What nbgrader hands out."""
        return self.course.nbgrader / "release" / self.name / f"{self.name}.ipynb"

    @property
    def solution(self) -> Path:
        """The executed solution, for instructors."""
        return self.course.build / "solutions" / f"{self.name}.ipynb"

    @property
    def page(self) -> Path:
        """The lab as a page of the book."""
        return self.course.build / "pages" / f"{self.name}.ipynb"

    @property
    def results(self) -> Path:
        """One JSON file a submission, and grades.csv."""
        return self.course.build / "results" / self.name

    def autograded(self, student: str) -> Path:
        """The executed and marked notebook of a student."""
        return self.course.nbgrader / "autograded" / student / self.name / f"{self.name}.ipynb"

    def feedback(self, student: str) -> Path:
        """What the student gets back."""
        return self.course.nbgrader / "feedback" / student / self.name / f"{self.name}.html"
