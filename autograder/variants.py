"""Right and wrong answers that a lab's tests must tell apart (its `variants.py`).

>>> half = Wrong("no_half", word="half", edit=("0.5 * ", ""))
>>> half.apply("return 0.5 * weight_decay * s")
'return weight_decay * s'
"""

from dataclasses import dataclass

from autograder.errors import CourseError


@dataclass(frozen=True)
class Variant:
    """An answer other than the solution: a named edit of it, or the whole cell."""

    name: str
    edit: tuple[str, str] | None = None
    code: str | None = None

    def apply(self, solution: str) -> str:
        """The source of the student's cell; CourseError when the edit finds nothing to change."""
        if (self.edit is None) == (self.code is None):
            raise CourseError(f"Variant '{self.name}': expected exactly one of edit= and code=.")
        if self.code is not None:
            return self.code.strip("\n")
        old, new = self.edit  # pyright: ignore[reportGeneralTypeIssues]
        if solution.count(old) != 1:
            raise CourseError(
                f"Variant '{self.name}': expected its text {old!r} once in the solution, "
                f"found it {solution.count(old)} times."
            )
        return solution.replace(old, new)


@dataclass(frozen=True)
class Right(Variant):
    """An answer that must keep full marks."""


@dataclass(frozen=True)
class Wrong(Variant):
    """An answer that must lose points with the hint of the misconception of the same name.

    `word` must stand in that hint; it is what keeps the hint from drifting to another mistake.
    """

    word: str = ""
