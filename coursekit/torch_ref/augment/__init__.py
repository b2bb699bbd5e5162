"""The twins of the augmentations, by torchvision where it has them."""

# isort: off
from coursekit.torch_ref.augment.flips import horizontal_flip, vertical_flip
from coursekit.torch_ref.augment.crops import (
    center_crop,
    crop,
    pad_and_crop,
    random_crop,
    random_resized_crop,
    resize,
)
from coursekit.torch_ref.augment.color import (
    brightness,
    contrast,
    hue,
    jitter,
    pca_jitter,
    saturation,
)
from coursekit.torch_ref.augment.warps import rotate, shear, stretch
from coursekit.torch_ref.augment.mixing import cutout, mixup
from coursekit.torch_ref.augment.multi_crop import multi_scale_ten_crop, ten_crop
# isort: on

__all__ = [  # noqa: RUF022 - in rising order of complexity
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
