"""Local response normalization, by `torch.nn.functional`."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.normalization.local_response_norm import _check_settings
from coursekit.torch_ref._check import floats


def local_response_norm_forward(
    x: torch.Tensor, *, n: int, k: float, alpha: float, beta: float, across: str = "channels"
) -> torch.Tensor:
    """Local response normalization: `torch.nn.functional.local_response_norm` across channels.

    PyTorch's alpha multiplies the mean over n neighbours, ours the sum: it gets alpha · n. Across
    space PyTorch has nothing; an average pooling that divides by 1 gives the sums.

    x: (N, C, H, W); n odd, ≥ 1; k ≥ 0; alpha ≥ 0; beta ≥ 0. Returns out.
    Raises TypeError for wrong types, ValueError for shapes and ranges.

    >>> x = torch.tensor([2.0, 1.0, 2.0]).reshape(1, 3, 1, 1)
    >>> local_response_norm_forward(x, n=3, k=0, alpha=1, beta=1).ravel()
    tensor([0.4000, 0.1111, 0.4000])

    References: krizhevsky2012
    """
    op = "local_response_norm_forward"
    floats(op, x=x)
    _check.pictures(op, x)
    n, k, alpha, beta = _check_settings(op, "n", n, k, alpha, beta)
    _check.choice(op, "across", across, ("channels", "space"))
    if across == "channels":
        return F.local_response_norm(x, n, alpha=alpha * n, beta=beta, k=k)
    sums = F.avg_pool2d(x.square(), n, stride=1, padding=n // 2, divisor_override=1)
    return x / (k + alpha * sums) ** beta
