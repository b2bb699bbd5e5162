"""Is a lab released as it is now? Answered without nbgrader, which takes seconds to import."""

from autograder.course import Lab
from autograder.errors import CourseError
from autograder.stamps import Stamp, fingerprint


def release_stamp(lab: Lab) -> Stamp:
    """Remembers which source notebook was released last."""
    key = fingerprint([lab.source])
    return Stamp(lab.course.build / "stamps" / f"release-{lab.name}", key, [lab.release])


def refuse_stale_release(lab: Lab) -> None:
    """CourseError unless what was built last is what students were given."""
    if not lab.source.is_file() or not release_stamp(lab).is_current():
        raise CourseError(
            f"'{lab.name}' is not released as it is now. Run `autograder release {lab.name}` first."
        )
