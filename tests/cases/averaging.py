"""Cases of averaging.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, Values, f, given_inputs

_BAD = (
    Bad(TypeError, "state is not a dict", state=None),
    Bad(ValueError, "state is not this rule's", state={"mean": np.zeros(2)}),
)


def _averages(op):
    """The averages after each of five iterates: w that shrinks and changes sign."""

    def run(*, w, state, **settings):
        averages = []
        for step in range(5):
            factor = 1 - 0.5 * step  # no comparison with w itself, to let any type in
            average, state = op(w * factor if step else w, state, **settings)
            averages.append(average)
        return tuple(averages)

    return run


def _of_a_list(op):
    """checkpoints=[...] from the arrays of the case."""
    return lambda **arrays: op(list(arrays.values()))


def _of_dicts(op):
    """Two checkpoints of two arrays each, from "checkpoints[0]['w']" and so on."""

    def run(**arrays):
        w0, b0, w1, b1 = arrays.values()
        mean = op([{"w": w0, "b": b0}, {"b": b1, "w": w1}])
        return mean["w"], mean["b"]

    return run


_THREE: Values = {f"checkpoints[{i}]": "A B" for i in range(3)}
_DICTS = [f"checkpoints[{i}]['{name}']" for i in (0, 1) for name in "wb"]
_TWICE_TWO: Values = dict(zip(_DICTS, ("A B", "B", "A B", "B"), strict=True))

CASES = [
    Case(
        "polyak",
        "function",
        given_inputs(w="A B", state={}),
        Hand(  # the mean of 1, ½, 0, −½, −1 so far
            {"w": f([4.0, -8.0]), "state": {}},
            gives=(
                f([4.0, -8.0]),
                f([3.0, -6.0]),
                f([2.0, -4.0]),
                f([1.0, -2.0]),
                f([0.0, 0.0]),
            ),
        ),
        bad=(
            *_BAD,
            Bad(
                ValueError,
                "state['average'] of shape (2,), got (3,)",
                state={"count": 1, "average": np.ones(3)},
            ),
            Bad(
                TypeError,
                "state['average'] is not a",
                state={"count": 1, "average": [1.0, 2.0]},
            ),
            Bad(ValueError, "state is not this rule's", state={"average": np.ones(2)}),
            Bad(
                ValueError,
                "state['count'] of at least 0, got -1",
                twin=False,
                state={"count": -1, "average": np.ones(2)},
            ),
        ),
        call=_averages,
    ),
    Case(
        "swa",
        "function",
        given_inputs(w="A B", state={}, start=st.integers(0, 6), every=st.integers(1, 3)),
        Hand(  # of 1, ½, 0, −½, −1 the second and the fourth
            {"w": f([4.0, -8.0]), "state": {}, "start": 1, "every": 2},
            gives=(
                f([4.0, -8.0]),
                f([2.0, -4.0]),
                f([2.0, -4.0]),
                f([0.0, 0.0]),
                f([0.0, 0.0]),
            ),
        ),
        bad=(
            *_BAD,
            Bad(ValueError, "start of at least 0, got -1", start=-1),
            Bad(TypeError, "start is not a whole number", start=1.0),
            Bad(ValueError, "every of at least 1, got 0", every=0),
            Bad(TypeError, "every is not a whole number", every="2"),
            Bad(
                ValueError,
                "state['average'] of shape (2,), got (2, 1)",
                state={"step": 1, "count": 1, "average": np.ones((2, 1))},
            ),
            Bad(
                ValueError,
                "state is not this rule's",
                state={"count": 1, "average": np.ones(2)},
            ),
            Bad(
                TypeError,
                "state['step'] is not a whole number",
                twin=False,
                state={"step": 1.5, "count": 1, "average": np.ones(2)},
            ),
            Bad(
                ValueError,
                "state['count'] of at least 0, got -1",
                twin=False,
                state={"step": 1, "count": -1, "average": np.ones(2)},
            ),
        ),
        call=_averages,
    ),
    Case(
        "ema",
        "function",
        given_inputs(w="A B", state={}, decay=st.sampled_from([0.0, 0.5, 0.999, 1.0])),
        Hand(  # 1, then ¾ of it and ¼ of the next: ⅞, 21/32, 47/128, 13/512
            {"w": f([512.0, -1024.0]), "state": {}, "decay": 0.75},
            gives=tuple(f([a, -2 * a]) for a in (512.0, 448.0, 336.0, 188.0, 13.0)),
        ),
        bad=(
            *_BAD,
            Bad(ValueError, "decay in [0, 1], got 1.5", decay=1.5),
            Bad(ValueError, "decay is out of range", decay=-0.1),
            Bad(TypeError, "decay is not a number", decay=True),
            Bad(ValueError, "state['average'] of shape (2,)", state={"average": np.ones(3)}),
            Bad(TypeError, "state['average'] is not a", state={"average": [1.0, 2.0]}),
        ),
        call=_averages,
    ),
    Case(
        "checkpoint_average",
        "function",
        given_inputs(**_THREE),
        Hand(
            {
                "checkpoints[0]": f([1.0, 2.0]),
                "checkpoints[1]": f([2.0, 4.0]),
                "checkpoints[2]": f([6.0, 0.0]),
            },
            gives=f([3.0, 2.0]),
        ),
        bad=(
            Bad(
                ValueError,
                "checkpoints[1] of shape (2,), got (3,)",
                **{"checkpoints[1]": np.ones(3)},
            ),
            Bad(ValueError, "checkpoints[2] has the wrong", **{"checkpoints[2]": np.ones((1, 2))}),
        ),
        call=_of_a_list,
    ),
    Case(
        "checkpoint_average",
        "function",
        given_inputs(**_TWICE_TWO),
        Hand(
            dict(zip(_DICTS, (f([[1.0]]), f([2.0]), f([[3.0]]), f([8.0])), strict=True)),
            gives=(f([[2.0]]), f([5.0])),
        ),
        bad=(Bad(ValueError, "['b'] of shape (1,), got (1, 1)", **{_DICTS[3]: np.ones((1, 1))}),),
        label="of_dicts",
        call=_of_dicts,
    ),
]
