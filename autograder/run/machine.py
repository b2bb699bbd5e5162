"""What decides a mark besides the submission: code, versions, and the layers of the sandbox."""

import functools
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from autograder.run.keys import code
from autograder.sandbox import available

_PACKAGES = ("numpy", "torch")  # whose results are the students' results


@dataclass(frozen=True)
class Machine:
    """A process that marks, and where it is.

    code: a hash of autograder and coursekit; versions: of Python and of packages, by name;
    problems: for each layer of the sandbox, why it does not work there, or "".
    """

    code: str
    versions: dict[str, str]
    problems: dict[str, str]

    def misses(self, other: "Machine") -> str:
        """In what this one differs so that it may mark otherwise than the `other`, or ""."""
        if self.code != other.code:
            return "has another version of the course's code"
        for name, here in self.versions.items():
            if here != other.versions[name]:
                return f"has {name} {here}, not {other.versions[name]}"
        return ""


@functools.cache
def this_machine() -> Machine:
    """What this process has."""
    versions = {name: _version(name) for name in _PACKAGES}
    python = ".".join(platform.python_version_tuple()[:2])
    return Machine(code(), {"Python": python, **versions}, available())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
