"""What is measured of an engine, read off the files that it leaves."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """How an engine did on a class.

    seconds: for all, start-up included; memory: bytes, the most that all its processes had at once;
    started: the moment (of `time.time`); phases: when each submission was done, for each time that
    the engine goes through the class.
    """

    seconds: float
    memory: int
    started: float
    phases: list[list[float]]

    @property
    def rate(self) -> float:
        """Submissions a minute, start-up included."""
        return 60 * len(self.phases[0]) / self.seconds

    @property
    def steady(self) -> float:
        """Submissions a minute, once it runs."""
        return 60 / sum(each(phase) for phase in self.phases)

    @property
    def first(self) -> float:
        """Seconds until the first result."""
        return self.phases[0][0] - self.started


def each(phase: list[float]) -> float:
    """Seconds between two results."""
    return (phase[-1] - phase[0]) / (len(phase) - 1)


def moments(files: list[Path]) -> list[float]:
    """When each file was written, in order."""
    return sorted(file.stat().st_mtime for file in files)
