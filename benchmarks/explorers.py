"""How fast explorers answer a move of their slider, on the kernel's side.

    python benchmarks/explorers.py

For each explorer: the time until its widget first stands there, then the median, the 95th
percentile and the maximum over all stops, each drawn for the first time.
"""

import itertools
import time

import numpy as np

from coursekit.explore import get, names, widget


def answers(name: str) -> tuple[float, np.ndarray]:
    """Seconds until the widget is there, and milliseconds of every move to a new stop."""
    start = time.perf_counter()
    explorer = get(name)
    box = widget(explorer)
    first = time.perf_counter() - start
    sliders = box.children[1 : 1 + len(explorer.controls)]
    moves = []
    for values in itertools.product(*(control.values for control in explorer.controls)):
        if dict(zip(explorer.initial(), values, strict=True)) == explorer.initial():
            continue
        start = time.perf_counter()
        for slider, value in zip(sliders, values, strict=True):
            slider.value = value
        moves.append(1000 * (time.perf_counter() - start))
    return first, np.array(moves)


def main() -> None:
    """Print one line an explorer."""
    print(f"{'explorer':26} {'first':>8} {'median':>9} {'95 %':>9} {'max':>9}   stops")
    for name in names():
        first, moves = answers(name)
        middle, high = np.percentile(moves, [50, 95])
        print(
            f"{name:26} {first:6.2f} s {middle:6.1f} ms {high:6.1f} ms {moves.max():6.1f} ms"
            f"   {len(moves) + 1:5}"
        )


if __name__ == "__main__":
    main()
