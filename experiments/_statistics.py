"""What the summaries of experiments have in common."""

from collections.abc import Sequence

import numpy as np


def spread(values: Sequence[float] | np.ndarray) -> dict[str, float]:
    """The mean of n ≥ 2 values and its standard error, their deviation over √n.

    >>> spread([1.0, 2.0, 3.0])
    {'mean': 2.0, 'se': 0.5773502691896258}
    """
    n = len(values)
    return {"mean": float(np.mean(values)), "se": float(np.std(values, ddof=1) / n**0.5)}
