"""Two ways of doing the same, timed by turns in one process: only their ratio means anything.

>>> pair = Pair("sum of squares", lambda: sum(i * i for i in range(999)), lambda: sum(range(999)))
>>> measure(pair, seconds=0.05).ratio > 0
True
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from threadpoolctl import threadpool_limits


@dataclass(frozen=True)
class Pair:
    """What is compared: ours and theirs, and the floating-point operations of one call."""

    name: str
    ours: Callable[[], object]
    theirs: Callable[[], object]
    flop: float = 0.0


@dataclass(frozen=True)
class Timing:
    """Median seconds of each side."""

    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """Our time in units of theirs: below 1 is faster."""
        return self.ours / self.theirs


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Give NumPy's BLAS and PyTorch so many threads each."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpool_limits(count):
            yield
    finally:
        torch.set_num_threads(before)


def measure(pair: Pair, *, seconds: float = 1.0) -> Timing:
    """Call both sides by turns for so long, at least five times each, after a call to warm up."""
    pair.ours()
    pair.theirs()
    ours: list[float] = []
    theirs: list[float] = []
    gc.disable()
    try:
        while len(ours) < 5 or sum(ours) + sum(theirs) < seconds:
            ours.append(_seconds(pair.ours))
            theirs.append(_seconds(pair.theirs))
    finally:
        gc.enable()
    return Timing(statistics.median(ours), statistics.median(theirs))


def gemm_peak(dtype: type, *, size: int = 1024) -> float:
    """The best that a matrix product of NumPy reaches here and now, in GFLOP/s."""
    a = np.random.default_rng(0).standard_normal((size, size)).astype(dtype)
    best = min(_seconds(lambda: a @ a) for _ in range(10))
    return 2 * size**3 / best / 1e9


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
