"""What stands where a notebook that is being marked finds no answer.

The candidate library holds this file as `coursekit._withheld`; it imports nothing.
"""

from typing import NoReturn


class NotAvailableError(RuntimeError):
    """A part of coursekit was used that the lab asks for."""


def refuse(name: str) -> NoReturn:
    """Raise NotAvailableError: the body of every function that is withheld."""
    raise NotAvailableError(
        f"{name} is not available while your notebook is marked: this lab asks you to write it, "
        "or something close to it. Use your own function."
    )


class StandIn:
    """Stands for a function that does nothing in a candidate: a call prints why.

    >>> StandIn("check.l2_penalty", "this runs when your notebook is marked")(abs)
    check.l2_penalty: this runs when your notebook is marked.
    """

    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, why

    def __call__(self, *args: object, **kwargs: object) -> None:
        """Print one line, whatever the arguments."""
        print(f"{self.name}: {self.why}.")

    hidden = hint = __call__  # what a check has besides
