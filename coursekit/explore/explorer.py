"""What an explorer is: controls with stops, a pure function that draws, one that describes."""

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Values = Mapping[str, float]


@dataclass(frozen=True)
class Control:
    """A slider with stops.

    name: an identifier, the key in `values`; label: what readers see beside the slider;
    values: two stops or more, in rising order; initial: the stop shown first;
    format: how a stop reads, a format specification such as ".3g".
    Raises ValueError where these do not fit.

    >>> Control("p", "dropout p", (0.0, 0.25, 0.5), 0.25, ".2f").texts()
    ('0.00', '0.25', '0.50')
    """

    name: str
    label: str
    values: tuple[float, ...]
    initial: float
    format: str = ".3g"

    def __post_init__(self) -> None:
        _must("Control", "name is no identifier", "letters, digits and _", self.name, _is_name)
        _must("Control", "label is empty", "a label", self.label, lambda label: label.strip())
        _must("Control", "values do not rise", "two stops or more, rising", self.values, _rises)
        if self.initial not in self.values:
            raise ValueError(
                f"Control: initial is not a stop of '{self.name}'. "
                f"Expected one of {self.values}, got {self.initial}."
            )
        if len(set(self.texts())) < len(self.values):
            raise ValueError(
                f"Control: two stops of '{self.name}' read the same. "
                f"Expected a finer format, got {self.format!r}."
            )

    def texts(self) -> tuple[str, ...]:
        """How each stop reads."""
        return tuple(format(value, self.format) for value in self.values)


@dataclass(frozen=True, eq=False)
class Explorer:
    """A picture that controls move.

    name: an identifier; title: what it shows, in a few words; controls: one or more;
    draw: values -> matplotlib Figure, pure and seeded: the same values give the same picture;
    describe: values -> str, the text that stands for this picture where it cannot be seen, with
    its numbers. `values` maps the name of each control to one of its stops.
    Raises ValueError or TypeError where these do not fit.

    >>> from matplotlib.figure import Figure
    >>> size = Control("size", "size", (1.0, 2.0), 1.0)
    >>> square = Explorer(
    ...     name="square",
    ...     title="A square",
    ...     controls=(size,),
    ...     draw=lambda values: Figure(figsize=(values["size"], values["size"])),
    ...     describe=lambda values: f"A square of side {values['size']:g}.",
    ... )
    >>> square.initial()
    {'size': 1.0}
    """

    name: str
    title: str
    controls: tuple[Control, ...]
    draw: Callable[[Values], "Figure"]
    describe: Callable[[Values], str]

    def __post_init__(self) -> None:
        _must("Explorer", "name is no identifier", "letters, digits and _", self.name, _is_name)
        _must("Explorer", "title is empty", "a title", self.title, lambda title: title.strip())
        names = [control.name for control in self.controls]
        _must("Explorer", "it has no controls", "one or more", names, bool)
        _must("Explorer", "two controls have one name", "different names", names, _all_different)
        for role in ("draw", "describe"):
            if not callable(getattr(self, role)):
                raise TypeError(
                    f"Explorer: {role} is not a function. "
                    f"Expected {role}(values), got {getattr(self, role)!r}."
                )

    def initial(self) -> dict[str, float]:
        """The values shown first."""
        return {control.name: control.initial for control in self.controls}

    def check(self, values: Values) -> None:
        """Raise ValueError unless `values` has a stop for each control, and nothing else."""
        names = {control.name for control in self.controls}
        if set(values) != names:
            raise ValueError(
                f"{self.name}: values do not name the controls. "
                f"Expected {sorted(names)}, got {sorted(values)}."
            )
        for control in self.controls:
            if values[control.name] not in control.values:
                raise ValueError(
                    f"{self.name}: {control.name} is not at a stop. "
                    f"Expected one of {control.values}, got {values[control.name]}."
                )


def _must(op: str, wrong: str, expected: str, got, holds: Callable) -> None:
    if not holds(got):
        raise ValueError(f"{op}: {wrong}. Expected {expected}, got {got!r}.")


def _is_name(name: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9_]*", name) is not None


def _rises(values: tuple[float, ...]) -> bool:
    return len(values) >= 2 and all(a < b for a, b in itertools.pairwise(values))


def _all_different(names: list[str]) -> bool:
    return len(set(names)) == len(names)
