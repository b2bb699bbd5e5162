"""Convolution, forward and backward, beside PyTorch eager: time and memory.

    python -m benchmarks.convolution

Both sides compute out and the gradients of x, w and b, by turns in one process; only ratios mean
anything. Peak memory is what a process of its own needs beyond the inputs (Linux only).
"""

import multiprocessing
import re
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks._pairs import Pair, measure, threads
from coursekit import numpy_ref, torch_ref


@dataclass(frozen=True)
class Shape:
    """A convolution of N pictures (C, H, W) to F channels."""

    n: int
    c: int
    size: int
    f: int
    kernel: int = 3
    stride: int = 1

    def __str__(self) -> str:
        kernel = f"{self.kernel}×{self.kernel}" + (f" / {self.stride}" if self.stride > 1 else "")
        return f"{self.n}×{self.c}×{self.size}×{self.size} → {self.f}, {kernel}"


SHAPES = {
    "a": Shape(64, 3, 32, 32),
    "b": Shape(64, 32, 16, 64),
    "c": Shape(16, 64, 56, 64),
    "d": Shape(16, 64, 56, 128, kernel=1),
    "e": Shape(16, 64, 56, 128, stride=2),
}
SMALL = Shape(2, 3, 8, 4)
GOALS = {"float32": "must 1.5, aim 1.25, none above 2.0", "float64": "must 1.25, aim 1.0"}


def pair(shape: Shape, dtype: str, form: str = "") -> Pair:
    """Our form of convolution (fast, or "_naive") and PyTorch's on the same random numbers."""
    rng = np.random.default_rng(0)
    geometry = {"stride": shape.stride, "pad": shape.kernel // 2}
    x = rng.standard_normal((shape.n, shape.c, shape.size, shape.size), np.float32).astype(dtype)
    w = rng.standard_normal((shape.f, shape.c, shape.kernel, shape.kernel)).astype(dtype)
    b = np.zeros(shape.f, dtype)
    size = -(-shape.size // shape.stride)
    dout = rng.standard_normal((shape.n, shape.f, size, size), np.float32).astype(dtype)
    forward = getattr(numpy_ref, f"conv2d_forward{form}")
    backward = getattr(numpy_ref, f"conv2d_backward{form}")
    tensors = [torch.from_numpy(array).requires_grad_() for array in (x, w, b)]
    upstream = torch.from_numpy(dout)

    def ours() -> object:
        out, cache = forward(x, w, b, **geometry)
        return out, backward(dout, cache)

    def theirs() -> object:
        out = torch_ref.conv2d_forward(*tensors, **geometry)
        return out, torch.autograd.grad(out, tensors, upstream)

    return Pair(str(shape), ours, theirs, flop=3 * 2 * dout.size * w[0].size)


def gemm_peak(dtype: str) -> float:
    """The operations a second of NumPy's matrix product, at its best."""
    a = np.ones((1024, 1024), dtype)
    return 2 * 1024**3 / min(_seconds(a, a) for _ in range(20))


def _seconds(a: np.ndarray, b: np.ndarray) -> float:
    start = time.perf_counter()
    np.matmul(a, b)
    return time.perf_counter() - start


def compare(dtype: str) -> None:
    """Print a line a shape, and the geometric mean of the ratios."""
    ratios = []
    for name, shape in SHAPES.items():
        work, peak = pair(shape, dtype), gemm_peak(dtype)
        timing = measure(work)
        ratios.append(timing.ratio)
        speed = work.flop / timing.ours
        print(
            f"  {name}  {work.name:28} {timing.ratio:5.2f} × PyTorch {1e3 * timing.ours:7.1f} ms"
            f" {speed / 1e9:6.1f} GFLOP/s, {speed / peak:4.0%} of the GEMM peak"
        )
    mean = statistics.geometric_mean(ratios)
    print(f"     {'geometric mean':28} {mean:5.2f}   with one thread: {GOALS[dtype]}")


def peak_mebibytes(side: str) -> float:
    """Run one side on shape c in a process of its own; return what it needs beyond its inputs."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(_growth, side).result()


def _growth(side: str) -> float:
    with threads(1):
        getattr(pair(SMALL, "float32"), side)()  # libraries load before we look
        work = getattr(pair(SHAPES["c"], "float32"), side)
        before = _high_water()
        kept = work()
        growth = _high_water() - before
        del kept
    return growth


def _high_water() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def main() -> None:
    """Compare all shapes in both types on one and two threads, the naive form, and memory."""
    # glibc gives freed blocks of up to the largest one freed so far out again, without asking the
    # system for fresh pages, which would slow PyTorch down more than us.
    np.ones(30 * 2**20, np.uint8)
    for count in (1, 2):
        for dtype in GOALS:
            print(f"{dtype}, {count} thread{'s' if count > 1 else ''}")
            with threads(count):
                compare(dtype)
    with threads(1):
        naive = measure(pair(SMALL, "float32", "_naive"))
    print(f"naive form, {SMALL}: {naive.ratio:.0f} × PyTorch")
    ours, theirs = peak_mebibytes("ours"), peak_mebibytes("theirs")
    print(f"peak memory of c, float32: ours {ours:.0f} MiB, PyTorch {theirs:.0f} MiB")


if __name__ == "__main__":
    main()
