"""Import times, each in a fresh process: median of ten, and as a ratio to `import numpy`."""

import statistics
import subprocess
import sys

RUNS = 10
STATEMENTS = (
    "import numpy",
    "import coursekit",
    "import coursekit.numpy_ref",
    "import coursekit.check",
)
_TIMER = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"


def seconds(statement: str) -> float:
    """Median seconds of the statement in a new interpreter."""
    command = [sys.executable, "-c", _TIMER.format(statement)]
    runs = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(RUNS)
    ]
    return statistics.median(runs)


if __name__ == "__main__":
    base = seconds(STATEMENTS[0])
    for statement in STATEMENTS:
        found = seconds(statement)
        print(f"{statement:32} {found * 1000:7.1f} ms   {found / base:5.2f} × import numpy")
