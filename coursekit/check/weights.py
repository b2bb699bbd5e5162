"""The checks of what acts on the weights themselves: max norm, and a step with weight decay."""

import numpy as np

from coursekit.check.compare import numeric
from coursekit.check.core import Call, Check, Misconception
from coursekit.numpy_ref import optim, regularizers


def _draw_max_norm(rng: np.random.Generator) -> Call:
    """Columns clearly within or clearly beyond the limit; at least one of each."""
    rows, columns = rng.integers(3, 6, size=2)
    c = rng.uniform(0.3, 0.8) if rng.random() < 0.5 else rng.uniform(2.0, 5.0)
    within, beyond = rng.uniform(0.2, 0.7, columns), rng.uniform(1.6, 4.0, columns)
    is_beyond = rng.permutation([True, False, *(rng.random(columns - 2) < 0.5)])
    w = rng.uniform(0.3, 1.0, (rows, columns)) * rng.choice([-1.0, 1.0], (rows, columns))
    return Call((w * np.sqrt(c * np.where(is_beyond, beyond, within) / _squares(w)),), {"c": c})


def _squares(w: np.ndarray, axis: int | None = 0) -> np.ndarray:
    return np.sum(w * w, axis=axis, keepdims=True)


def _shrink(w: np.ndarray, *, squares: np.ndarray, limit: float) -> np.ndarray:
    """Where `squares` exceeds `limit`, rescale to it; `squares` need not be the right ones."""
    return w * np.sqrt(np.minimum(1.0, limit / squares))


def _where_beyond(w: np.ndarray, c: float, then: np.ndarray) -> np.ndarray:
    return np.where(_squares(w) > c, then, w)


def _zero_column_fails(student) -> bool:
    """A column of zeros, the weights of a unit that nothing feeds, must stay zero."""
    w = np.array([[3.0, 0.0, 0.1], [4.0, 0.0, 0.2]])
    got = numeric(student(w.copy(), c=1.0))
    return got is not None and got.shape == w.shape and not np.array_equal(got[:, 1], [0.0, 0.0])


max_norm = Check(
    name="max_norm",
    reference=regularizers.max_norm,
    draw=_draw_max_norm,
    returns=("w",),
    misconceptions=(
        Misconception(
            "limits_the_norm",
            "You limit the norm itself to c. Here c limits the squared norm, ‖w‖² ≤ c, so c = 4 "
            "allows a norm of 2. Compare squares, and mind the root in the scale.",
            lambda w, c: _shrink(w, squares=_squares(w), limit=c * c),
        ),
        Misconception(
            "rows",
            "You rescale rows. In w (D, M) the weights into one unit are a column: "
            "sum the squares over the other axis.",
            lambda w, c: _shrink(w, squares=_squares(w, axis=1), limit=c),
        ),
        Misconception(
            "whole_matrix",
            "You take one norm for the whole matrix, so a unit pays for its neighbours. "
            "Each column has its own norm: sum over one axis.",
            lambda w, c: _shrink(w, squares=_squares(w, axis=None), limit=c),
        ),
        Misconception(
            "always_rescales",
            "You rescale every column, so short ones grow. Max norm is a limit, not a "
            "normalisation: leave columns within it as they are.",
            lambda w, c: w * np.sqrt(c / _squares(w)),
        ),
        Misconception(
            "only_short_ones",
            "You rescale the columns that are within the limit and leave the long ones. "
            "Turn the comparison round.",
            lambda w, c: np.where(_squares(w) < c, w * np.sqrt(c / _squares(w)), w),
        ),
        Misconception(
            "no_root_in_the_scale",
            "You multiply long columns by c / ‖w‖², so they end up shorter than the limit. "
            "A factor s changes the squared norm by s²: which s is needed?",
            lambda w, c: _where_beyond(w, c, w * c / _squares(w)),
        ),
        Misconception(
            "unit_norm",
            "You rescale long columns to norm 1, whatever c is. They should keep as much length "
            "as the limit allows: ‖w‖² = c.",
            lambda w, c: _where_beyond(w, c, w / np.sqrt(_squares(w))),
        ),
        Misconception(
            "target_norm_c",
            "You find the long columns correctly, but rescale them to norm c. The limit is on the "
            "squared norm: the norm to aim at is the root of c.",
            lambda w, c: _where_beyond(w, c, w * c / np.sqrt(_squares(w))),
        ),
        Misconception(
            "clips_entries",
            "You clip single entries at ±c. That changes a column's direction and does not bound "
            "its norm. Multiply the whole column by one number.",
            lambda w, c: np.clip(w, -c, c),
        ),
        Misconception(
            "clips_entries_at_root",
            "You clip single entries at ±√c. Each entry then obeys the limit, their sum of squares "
            "does not. Multiply the whole column by one number.",
            lambda w, c: np.clip(w, -np.sqrt(c), np.sqrt(c)),
        ),
        Misconception(
            "zeroes_columns",
            "You set long columns to 0, which kills the unit. Shrink them to the limit instead.",
            lambda w, c: _where_beyond(w, c, np.zeros_like(w)),
        ),
        Misconception(
            "absolute_sum",
            "You measure a column by its sum of absolute values. The limit is on the sum of "
            "squares.",
            lambda w, c: w * np.minimum(1.0, c / np.sum(np.abs(w), axis=0)),
        ),
        Misconception(
            "mean_square",
            "You average the squares of a column. Then units with more inputs may grow longer. "
            "Sum the squares.",
            lambda w, c: _shrink(w, squares=np.mean(w * w, axis=0), limit=c),
        ),
        Misconception(
            "longest_decides",
            "You shrink all columns by the factor that the longest one needs. Each column gets its "
            "own factor.",
            lambda w, c: _shrink(w, squares=np.max(_squares(w)), limit=c),
        ),
        Misconception(
            "returns_the_scale",
            "You return the scaling factors. Return the rescaled weights, of the shape of w.",
            lambda w, c: np.sqrt(np.minimum(1.0, c / np.sum(w * w, axis=0))),
        ),
        Misconception(
            "zero_column",
            "A column of zeros comes out as NaN or changed: you divide by its norm, 0. Such "
            "columns occur (a pixel or unit that is always off). Avoid the division where the "
            "norm is small.",
            probe=_zero_column_fails,
        ),
    ),
)


def _draw_step(rng: np.random.Generator) -> Call:
    shape = ((4,), (3, 2), (2, 2, 3))[rng.integers(3)]
    hyper = {"lr": rng.uniform(0.1, 0.3), "weight_decay": rng.uniform(0.4, 0.8)}
    return Call((rng.normal(size=shape), rng.normal(size=shape)), hyper)


sgd_weight_decay_step = Check(
    name="sgd_weight_decay_step",
    reference=optim.sgd_weight_decay_step,
    draw=_draw_step,
    returns=("w",),
    misconceptions=(
        Misconception(
            "data_gradient_lacks_lr",
            "Your decay is multiplied by lr, but the data gradient is not (a lecture slide has "
            "this slip). Steps would be huge. lr scales the whole gradient, both parts.",
            lambda w, dw, lr, weight_decay: w - dw - lr * weight_decay * w,
        ),
        Misconception(
            "decay_lacks_lr",
            "Your decay is not multiplied by lr, so it keeps its strength when you lower the "
            "learning rate. weight_decay adds to the gradient: lr scales both parts.",
            lambda w, dw, lr, weight_decay: w - lr * dw - weight_decay * w,
        ),
        Misconception(
            "no_lr",
            "The learning rate does nothing in your step. Multiply the gradient by lr.",
            lambda w, dw, lr, weight_decay: w - dw - weight_decay * w,
        ),
        Misconception(
            "decay_grows",
            "Your decay has the wrong sign: it makes weights grow. Both parts of the gradient are "
            "subtracted.",
            lambda w, dw, lr, weight_decay: w - lr * (dw - weight_decay * w),
        ),
        Misconception(
            "ascent",
            "You add the gradient, which climbs the loss. Descend: subtract.",
            lambda w, dw, lr, weight_decay: w + lr * (dw + weight_decay * w),
        ),
        Misconception(
            "data_gradient_added",
            "The decay is right, but you add the data gradient, which climbs the data loss. "
            "Subtract both parts.",
            lambda w, dw, lr, weight_decay: w + lr * dw - lr * weight_decay * w,
        ),
        Misconception(
            "no_decay",
            "This is plain SGD: weight_decay does nothing. Add the gradient of the L2 penalty to "
            "dw first.",
            lambda w, dw, lr, weight_decay: w - lr * dw,
        ),
        Misconception(
            "only_decay",
            "You decay the weights but never follow dw, so nothing is learned. Use both parts.",
            lambda w, dw, lr, weight_decay: w - lr * weight_decay * w,
        ),
        Misconception(
            "decay_doubled",
            "Your decay is twice too strong: you differentiate λ‖w‖². Here the penalty is "
            "½λ‖w‖², whose gradient has no 2.",
            lambda w, dw, lr, weight_decay: w - lr * (dw + 2 * weight_decay * w),
        ),
        Misconception(
            "decay_halved",
            "Your decay is half of what it should be: the ½ belongs to the penalty, and cancels in "
            "its gradient. Drop it.",
            lambda w, dw, lr, weight_decay: w - lr * (dw + weight_decay * w / 2),
        ),
        Misconception(
            "decays_the_gradient",
            "You decay the gradient dw instead of the weights. The name says it: it is w that "
            "shrinks.",
            lambda w, dw, lr, weight_decay: w - lr * (dw + weight_decay * dw),
        ),
        Misconception(
            "shrinks_the_gradient",
            "You multiply dw by 1 − weight_decay. That only lowers the learning rate; the weights "
            "themselves must shrink.",
            lambda w, dw, lr, weight_decay: w - lr * (1 - weight_decay) * dw,
        ),
        Misconception(
            "sign_of_w",
            "Your decay uses the sign of w: that is an L1 penalty. L2 pulls in proportion to the "
            "weight.",
            lambda w, dw, lr, weight_decay: w - lr * (dw + weight_decay * np.sign(w)),
        ),
        Misconception(
            "decay_after_the_step",
            "You take the step first and decay the result, so the step is decayed too. The "
            "gradient of the penalty is that at the old w.",
            lambda w, dw, lr, weight_decay: (1 - lr * weight_decay) * (w - lr * dw),
        ),
        Misconception(
            "adds_the_penalty",
            "You add the penalty itself, one number, to the gradient. A step needs the penalty's "
            "gradient, which has the shape of w.",
            lambda w, dw, lr, weight_decay: w - lr * (dw + weight_decay * np.sum(w * w) / 2),
        ),
        Misconception(
            "returns_the_update",
            "You return the change, not the new weights. Add it to w.",
            lambda w, dw, lr, weight_decay: -lr * (dw + weight_decay * w),
        ),
        Misconception(
            "returns_the_step",
            "You return what is to be subtracted, not the new weights. Subtract it from w.",
            lambda w, dw, lr, weight_decay: lr * (dw + weight_decay * w),
        ),
    ),
)
