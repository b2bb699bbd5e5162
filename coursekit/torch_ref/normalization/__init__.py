"""The twins of `numpy_ref.normalization`."""

# isort: off
from coursekit.torch_ref.normalization.batchnorm import batchnorm_forward
from coursekit.torch_ref.normalization.layernorm import layernorm_forward
from coursekit.torch_ref.normalization.groupnorm import groupnorm_forward, instancenorm_forward
from coursekit.torch_ref.normalization.local_response_norm import local_response_norm_forward
# isort: on

__all__ = [  # noqa: RUF022 - in rising order of complexity
    "batchnorm_forward",
    "layernorm_forward",
    "groupnorm_forward",
    "instancenorm_forward",
    "local_response_norm_forward",
]
