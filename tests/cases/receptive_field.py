"""Cases of receptive_field.py."""

from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, given_inputs


def _not_counts(name: str) -> tuple[Bad, ...]:
    """What is refused where a whole number of at least 1 is expected."""
    return (
        Bad(ValueError, f"{name} of at least 1, got 0", **{name: 0}),
        Bad(TypeError, f"{name} is not a whole number", **{name: 1.0}),
        Bad(TypeError, f"{name} is not a whole number", **{name: True}),
        Bad(TypeError, f"{name} is not a whole number", **{name: None}),
    )


_small = st.integers(1, 4)

CASES = [
    Case(
        "output_size",
        "function",
        given_inputs(size=st.integers(4, 9), kernel=_small, stride=_small, pad=st.integers(0, 3)),
        Hand({"size": 11, "kernel": 4, "stride": 2, "pad": 1}, gives=5),  # (11 + 2 - 4) / 2 = 4.5
        bad=(
            *_not_counts("size"),
            *_not_counts("kernel"),
            *_not_counts("stride"),
            Bad(ValueError, "pad of at least 0, got -1", pad=-1),
            Bad(TypeError, "pad is not a whole number", pad=0.5),
            Bad(
                ValueError,
                "the kernel is larger than the padded input. Expected kernel of at most 13, got 14",
                kernel=14,
            ),
        ),
        float32=False,
    ),
    Case(
        "receptive_field",
        "function",
        given_inputs(
            kernels=st.lists(_small, max_size=4),
            strides=st.lists(_small, max_size=4),
            where=lambda v: len(v["kernels"]) == len(v["strides"]),
        ),
        Hand(  # 1 + 2·1 + 1·2 + 4·(2·3)
            {"kernels": (3, 2, 5), "strides": (2, 3, 7)}, gives=29
        ),
        bad=(
            Bad(ValueError, "kernels[1] of at least 1, got 0", kernels=[3, 0, 1]),
            Bad(TypeError, "kernels[0] is not a whole number", kernels=[3.0, 1, 1]),
            Bad(TypeError, "kernels is not a list. Expected a list of kernels, got int", kernels=3),
            Bad(TypeError, "kernels is not a list", kernels="333"),
            Bad(ValueError, "strides[2] of at least 1, got -1", strides=[1, 1, -1]),
            Bad(TypeError, "strides is not a list. Expected a list of strides", strides=2),
            Bad(
                ValueError,
                "strides do not match kernels. Expected 3 strides, got 2",
                strides=[1, 1],
            ),
        ),
        float32=False,
    ),
    Case(
        "conv_parameters",
        "function",
        given_inputs(
            in_channels=st.just(6),
            out_channels=st.just(12),
            kernel=_small,
            groups=st.integers(1, 3),
            bias=st.booleans(),
        ),
        Hand(
            {"in_channels": 4, "out_channels": 6, "kernel": 3, "groups": 2, "bias": True},
            gives=9 * 2 * 6 + 6,
        ),
        bad=(
            *_not_counts("in_channels"),
            *_not_counts("out_channels"),
            *_not_counts("kernel"),
            *_not_counts("groups"),
            Bad(ValueError, "in_channels divisible by 4, got 6", in_channels=6, groups=4),
            Bad(ValueError, "out_channels divisible by 4, got 6", groups=4),
            Bad(TypeError, "bias is not a bool", bias=1),
        ),
        float32=False,
    ),
]

NO_TWIN = {
    "output_size": "it counts; the tests compare it with the shapes that PyTorch gives",
    "receptive_field": "it counts; the tests compare it with where PyTorch's gradients reach",
    "conv_parameters": "it counts; the tests compare it with the parameters of torch.nn.Conv2d",
}
