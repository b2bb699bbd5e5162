"""Print the decks' numbers and ours: `python -m experiments.deck_numbers`."""

import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from experiments.deck_numbers import HEADER, NUMBERS


def main() -> int:
    """Print the table; 1 if a row does not agree."""
    table = Table("", *HEADER, title="The decks' numbers")
    disagree = 0
    for number in NUMBERS:
        agrees = number.agrees()
        disagree += not agrees
        table.add_row("[green]✓" if agrees else "[red]✗", *map(escape, number.cells()))
    Console().print(table)
    return int(disagree > 0)


if __name__ == "__main__":
    sys.exit(main())
