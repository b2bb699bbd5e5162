"""Every number that the decks show, ours beside it, and when the two agree: its one home.

The book shows the table, `tests/test_deck_numbers.py` checks every row, and
`python -m experiments.deck_numbers` prints it.
"""

from experiments.deck_numbers import architectures, arithmetic, babysitting, choosing, signals
from experiments.deck_numbers.number import HEADER, Number

NUMBERS = tuple(
    sorted(
        (
            number
            for part in (arithmetic, architectures, signals, babysitting, choosing)
            for number in part.NUMBERS
        ),
        key=lambda number: (number.topic[0], int(number.topic[1:])),
    )
)

__all__ = ["HEADER", "NUMBERS", "Number"]
