"""Normalization: subtract a mean, divide by a deviation, then scale by γ and shift by β.

The methods differ in what the mean runs over. For x: (N, C, H, W), one mean belongs to

    batch norm       a channel                        all of N, H, W
    layer norm       a sample                         all of C, H, W
    group norm       a sample and a group of channels C / groups, H, W
    instance norm    a sample and a channel           H, W

Only batch norm lets the samples of a batch see each other, so only it must do something else in
evaluation. Variances are means of (x − mean)², never E[x²] − E[x]², which loses all digits where
the mean is large. Local response norm has no mean at all.
"""

# isort: off
from coursekit.numpy_ref.normalization.batchnorm import (
    BatchNorm1d,
    BatchNorm2d,
    batchnorm_backward,
    batchnorm_forward,
)
from coursekit.numpy_ref.normalization.layernorm import (
    LayerNorm,
    layernorm_backward,
    layernorm_forward,
)
from coursekit.numpy_ref.normalization.groupnorm import (
    GroupNorm,
    InstanceNorm2d,
    groupnorm_backward,
    groupnorm_forward,
    instancenorm_backward,
    instancenorm_forward,
)
from coursekit.numpy_ref.normalization.local_response_norm import (
    LocalResponseNorm,
    local_response_norm_backward,
    local_response_norm_forward,
)
# isort: on

__all__ = [  # noqa: RUF022 - in rising order of complexity
    "batchnorm_forward",
    "batchnorm_backward",
    "BatchNorm1d",
    "BatchNorm2d",
    "layernorm_forward",
    "layernorm_backward",
    "LayerNorm",
    "groupnorm_forward",
    "groupnorm_backward",
    "instancenorm_forward",
    "instancenorm_backward",
    "GroupNorm",
    "InstanceNorm2d",
    "local_response_norm_forward",
    "local_response_norm_backward",
    "LocalResponseNorm",
]
