"""Cases of dropout.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, Seed, f, given_inputs, probability, seeds

# default_rng(0).random(4) starts 0.64, 0.27, 0.04, 0.02: at p = 0.25 the last two are dropped.
_DROPOUT_IN = {"x": f([1.0, 2.0, 3.0, 4.0]), "p": 0.25, "training": True, "rng": Seed(0)}
_DROPOUT_INPUTS = given_inputs(x="N D", p=probability, training=st.booleans(), rng=seeds)
_DROPOUT_BAD = (
    Bad(ValueError, "p in [0, 1), got 1.0", p=1.0),
    Bad(ValueError, "p in [0, 1), got -0.1", p=-0.1),
    Bad(ValueError, "p is out of range", p=float("nan")),
    Bad(TypeError, "p is not a number", p="0.5"),
    Bad(TypeError, "p is not a number", p=True),
    Bad(TypeError, "True or False, got 'test'", training="test"),
    Bad(TypeError, "training is not a bool", training=1),
    Bad(TypeError, "rng is not a generator", rng=0),
    Bad(TypeError, "rng is not a generator", rng=None),
    Bad(ValueError, "dout of shape (4,), got (3,)", dout=np.ones(3)),
    Bad(TypeError, "dout is not an array of floats", dout=np.ones(4, dtype=int)),
)


def _noisy(x, rng):
    """One pass that is random, for arrays and tensors alike."""
    return x * float(rng.random() > 0.5) + x


CASES = [
    Case(
        "vanilla_dropout",
        "pair",
        _DROPOUT_INPUTS,
        Hand(
            _DROPOUT_IN,
            gives=f([1.0, 2.0, 0.0, 0.0]),
            dout=f([3.0, 6.0, 9.0, 9.0]),
            grads={"x": f([3.0, 6.0, 0.0, 0.0])},
        ),
        grads=("x",),
        bad=_DROPOUT_BAD,
    ),
    Case(
        "dropout",
        "pair",
        _DROPOUT_INPUTS,
        Hand(
            _DROPOUT_IN,
            gives=f([4 / 3, 8 / 3, 0.0, 0.0]),
            dout=f([3.0, 6.0, 9.0, 9.0]),
            grads={"x": f([4.0, 8.0, 0.0, 0.0])},
        ),
        grads=("x",),
        bad=_DROPOUT_BAD,
    ),
    Case(
        "mc_dropout_predict",
        "function",
        given_inputs(forward=st.just(_noisy), x="N D", n_samples=st.integers(1, 8), rng=seeds),
        Hand(  # the passes give 2x, x, x, x: mean 1.25 x, variance 3/16 x²
            {"forward": _noisy, "x": f([4.0]), "n_samples": 4, "rng": Seed(0)},
            gives=(f([5.0]), f([np.sqrt(3.0)])),
        ),
        bad=(
            Bad(ValueError, "n_samples of at least 1, got 0", n_samples=0),
            Bad(TypeError, "n_samples is not a whole number", n_samples=2.0),
            Bad(TypeError, "rng is not a generator", rng=0),
            Bad(TypeError, "forward is not a function", forward=f([1.0])),
            Bad(TypeError, "floats, got tuple", forward=lambda x, rng: (x, None)),
        ),
    ),
]

# Classes compose the functions above.
CLASSES = ("Dropout",)
