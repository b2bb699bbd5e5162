"""What both sides agree on: how large a message may be, and how an object is named."""

from dataclasses import dataclass
from typing import Any

OWNERS = ("examiner", "candidate")
TORCH_KINDS = ("leaf", "computed", "module", "optimizer", "generator", "torch")
KINDS = ("function", "class", "object", "rng", "array", *TORCH_KINDS)
LONGEST_NAME = 200  # characters
LAB = "__main__"  # the module of what the cells of a notebook define


class WireError(ValueError):
    """A value that must not cross, or bytes that are no message; the message says which."""


@dataclass(frozen=True)
class Limits:
    """How large a message may be.

    size: bytes in all; text: bytes of what is not numbers of arrays; depth: containers within
    each other; items: values in all; keys: those of dicts and sets, in all.
    """

    size: int = 64 * 2**20
    text: int = 16 * 2**20
    depth: int = 32
    items: int = 200_000
    keys: int = 20_000


LIMITS = Limits()


@dataclass(frozen=True)
class Ref:
    """The name of an object that stays where it is. state: plain data, such as a generator's.

    Raises WireError where a field is not of its kind.
    """

    owner: str
    number: int
    kind: str
    name: str
    state: Any = None

    def __post_init__(self) -> None:
        if type(self.owner) is not str or self.owner not in OWNERS:
            raise WireError(
                f"Ref: expected an owner of {', '.join(OWNERS)}, got {self.owner!r:.40}."
            )
        if type(self.number) is not int or not 0 <= self.number < 2**63:
            raise WireError(f"Ref: expected a number from 0 on, got {self.number!r:.40}.")
        if type(self.kind) is not str or self.kind not in KINDS:
            raise WireError(f"Ref: expected a kind of {', '.join(KINDS)}, got {self.kind!r:.40}.")
        if type(self.name) is not str or len(self.name) > LONGEST_NAME:
            raise WireError(f"Ref: expected a name of at most {LONGEST_NAME} characters.")
