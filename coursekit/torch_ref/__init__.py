"""The twins of `numpy_ref` in PyTorch: the same file names, public names and keywords.

A twin takes tensors and returns the output alone. PyTorch keeps what the backward pass needs and
autograd derives the gradients, so nothing here is called `..._backward` and no loss returns one.
"""

# isort: off
from coursekit.torch_ref.linear import affine_forward
from coursekit.torch_ref.activations import (
    elu_forward,
    leaky_relu_forward,
    prelu_forward,
    relu_forward,
    sigmoid_forward,
    tanh_forward,
)
from coursekit.torch_ref.gated import gelu_forward, silu_forward
from coursekit.torch_ref.maxout import maxout_forward
from coursekit.torch_ref.conv import conv2d_forward
from coursekit.torch_ref.pool import (
    avg_pool_forward,
    global_avg_pool_forward,
    max_pool_forward,
)
from coursekit.torch_ref.normalization import (
    batchnorm_forward,
    groupnorm_forward,
    instancenorm_forward,
    layernorm_forward,
)
from coursekit.torch_ref.local_response_norm import local_response_norm_forward
from coursekit.torch_ref.losses import (
    multiclass_svm,
    soft_cross_entropy,
    softmax_cross_entropy,
    squared_error,
)
from coursekit.torch_ref.regularizers import (
    elastic_net_penalty,
    l1_penalty,
    l2_penalty,
    max_norm,
)
from coursekit.torch_ref.dropout import (
    dropout_forward,
    mc_dropout_predict,
    vanilla_dropout_forward,
)
from coursekit.torch_ref.optim import (
    adagrad,
    adam,
    adamw,
    momentum,
    nesterov,
    rmsprop,
    sgd,
    sgd_weight_decay_step,
)
from coursekit.torch_ref.second_order import lbfgs, newton
from coursekit.torch_ref.averaging import checkpoint_average, ema, polyak, swa
from coursekit.torch_ref.pruning import (
    global_magnitude_masks,
    layer_magnitude_masks,
    magnitude_mask,
    sparsity,
)
from coursekit.torch_ref.schedules import (
    constant,
    cosine,
    cosine_restarts,
    cyclical,
    exponential,
    sqrt_decay,
    stagewise,
    step,
    warmup,
)
from coursekit.torch_ref.preprocess import (
    center,
    channel_mean,
    channel_mean_std,
    mean_image,
    pca,
    pca_reconstruct,
    pca_transform,
    standardize,
    standardizer,
    whiten,
)
from coursekit.torch_ref.augment import (
    brightness,
    center_crop,
    contrast,
    crop,
    cutout,
    horizontal_flip,
    hue,
    jitter,
    mixup,
    multi_scale_ten_crop,
    pad_and_crop,
    pca_jitter,
    random_crop,
    random_resized_crop,
    resize,
    rotate,
    saturation,
    shear,
    stretch,
    ten_crop,
    vertical_flip,
)
# isort: on

__all__ = [  # noqa: RUF022 - in rising order of complexity
    "affine_forward",
    "sigmoid_forward",
    "tanh_forward",
    "relu_forward",
    "leaky_relu_forward",
    "prelu_forward",
    "elu_forward",
    "silu_forward",
    "gelu_forward",
    "maxout_forward",
    "conv2d_forward",
    "max_pool_forward",
    "avg_pool_forward",
    "global_avg_pool_forward",
    "batchnorm_forward",
    "layernorm_forward",
    "groupnorm_forward",
    "instancenorm_forward",
    "local_response_norm_forward",
    "squared_error",
    "multiclass_svm",
    "softmax_cross_entropy",
    "soft_cross_entropy",
    "l2_penalty",
    "l1_penalty",
    "elastic_net_penalty",
    "max_norm",
    "vanilla_dropout_forward",
    "dropout_forward",
    "mc_dropout_predict",
    "sgd_weight_decay_step",
    "sgd",
    "momentum",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adam",
    "adamw",
    "newton",
    "lbfgs",
    "polyak",
    "swa",
    "ema",
    "checkpoint_average",
    "sparsity",
    "magnitude_mask",
    "layer_magnitude_masks",
    "global_magnitude_masks",
    "constant",
    "step",
    "exponential",
    "sqrt_decay",
    "stagewise",
    "warmup",
    "cosine",
    "cosine_restarts",
    "cyclical",
    "mean_image",
    "channel_mean",
    "center",
    "standardizer",
    "channel_mean_std",
    "standardize",
    "pca",
    "pca_transform",
    "pca_reconstruct",
    "whiten",
    "horizontal_flip",
    "vertical_flip",
    "resize",
    "crop",
    "center_crop",
    "random_crop",
    "pad_and_crop",
    "random_resized_crop",
    "brightness",
    "contrast",
    "saturation",
    "hue",
    "jitter",
    "pca_jitter",
    "rotate",
    "shear",
    "stretch",
    "cutout",
    "mixup",
    "ten_crop",
    "multi_scale_ten_crop",
]
