"""What a peer knows of PyTorch before there is any: nothing of it is imported until it is needed.

The examiner speaks of it once it has PyTorch and has heard that the candidate has it too; so a lab
without PyTorch costs nothing, whatever else runs in the same process.
"""

import contextlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograder.wire.terms import Ref

if TYPE_CHECKING:
    from autograder.wire.pytorch.sharing import Sharing

_HERE = ()  # says that PyTorch is imported here
_BEFORE_TESTS = ("ready", "run", "snapshot")  # the cells draw their own random numbers


class PyTorch:
    """One end's part in what is shared of PyTorch. ask: a request to the other side."""

    def __init__(self, me: str, ask: Callable[..., Any]) -> None:
        self._me, self._ask = me, ask
        self._theirs = False
        self._made: Sharing | None = None

    @property
    def _sharing(self) -> "Sharing":
        if self._made is None:
            from autograder.wire.pytorch.sharing import Sharing

            self._made = Sharing(self._me, self._ask)
        return self._made

    def keeps(self, tensor: Any) -> bool:
        """Whether this tensor has a name."""
        return tensor.requires_grad or (self._made is not None and self._made.keeps(tensor))

    def refer(self, thing: object) -> Ref | None:
        """How to name this object, if it is one of PyTorch's."""
        torch = sys.modules.get("torch")
        if torch is None:
            return None
        kinds = (torch.Tensor, torch.nn.Module, torch.optim.Optimizer)
        return self._sharing.refer(thing) if self._made or isinstance(thing, kinds) else None

    def resolve(self, ref: Ref) -> Any:
        """What it names. Raises WireError."""
        return self._sharing.resolve(ref)

    def bases(self, kind: Any) -> tuple[type, ...]:
        """Those of a class's bases that PyTorch has on both sides."""
        return self._sharing.bases(kind) if "torch" in sys.modules else ()

    def news(self, word: str) -> tuple | None:
        """What goes with the message that begins with that word."""
        if self._made is None and self._me == "candidate":
            return _HERE if "torch" in sys.modules else None
        speaks = self._made or (self._theirs and "torch" in sys.modules)
        return self._sharing.news() if speaks and word not in _BEFORE_TESTS else None

    def heard(self, news: Any) -> None:
        """Take what came with a message. Raises WireError where it makes no sense."""
        self._theirs = self._theirs or news == _HERE
        if news is not None and news != _HERE:
            self._sharing.heard(news)

    def verbs(self) -> dict[str, Callable]:
        """What can be asked for, by name."""
        return self._made.verbs if self._made else {}

    def as_asked(self) -> contextlib.AbstractContextManager:
        """Inside, gradients are on or off as they were for who asked last."""
        return self._made.as_asked() if self._made else contextlib.nullcontext()

    def forget(self) -> None:
        """Say all again: a message did not go."""
        if self._made:
            self._made.forget()
