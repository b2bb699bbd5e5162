"""What every step of the recipe returns: yes or no, and why."""

import html
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """Whether a step went well, with its reason in words and the figures behind it.

    ok: go on with the next step; reason: a sentence or two; values: the figures by name.
    In a condition a verdict counts as its `ok`, so that `assert verdict` means what it says.

    >>> verdict = Verdict(False, "The loss starts at 9.2, not near 2.3.", {"loss": 9.2})
    >>> print(verdict)
    Not yet: The loss starts at 9.2, not near 2.3.
    >>> bool(verdict), verdict.values["loss"]
    (False, 9.2)
    """

    ok: bool
    reason: str
    values: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def title(self) -> str:
        """The verdict in a word or two."""
        return "Good" if self.ok else "Not yet"

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return f"{self.title}: {self.reason}"

    def _repr_html_(self) -> str:
        lines = html.escape(str(self).removeprefix(f"{self.title}: ")).replace("\n", "<br>")
        return f"<p><strong>{html.escape(self.title)}.</strong> {lines}</p>"
