"""The checks of the three penalties: L2, L1, and both at once."""

import numpy as np

from coursekit.check.compare import numeric
from coursekit.check.core import Call, Check, Misconception
from coursekit.numpy_ref import regularizers

SHAPES = ((5,), (3, 4), (2, 3, 2))


def _draw_l2(rng: np.random.Generator) -> Call:
    return Call((_weights(rng),), {"weight_decay": rng.uniform(0.1, 0.9)})


def _draw_l1(rng: np.random.Generator) -> Call:
    return Call((_weights(rng),), {"strength": rng.uniform(0.1, 0.9)})


def _draw_elastic_net(rng: np.random.Generator) -> Call:
    return Call((_weights(rng),), {"l1": rng.uniform(0.1, 0.4), "l2": rng.uniform(0.6, 0.9)})


def _weights(rng: np.random.Generator) -> np.ndarray:
    """Weights of both signs away from 0, one of them exactly 0: there |w| has no slope."""
    shape = SHAPES[rng.integers(len(SHAPES))]
    w = rng.uniform(0.3, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
    w.flat[:4] = 0.0, -1.5, 0.7, -0.02  # a small one: the slope of |w| does not fade
    return w


def _l1(w: np.ndarray) -> float:
    return np.sum(np.abs(w))


def _l2(w: np.ndarray) -> float:
    return np.sum(w * w)


l2_penalty = Check(
    name="l2_penalty",
    reference=regularizers.l2_penalty,
    draw=_draw_l2,
    returns=("loss", "dw"),
    misconceptions=(
        Misconception(
            "no_half",
            "Your loss lacks the factor ½. With it the gradient is plain weight_decay · w; without "
            "it your loss and your dw do not belong together. Put ½ in front of the loss.",
            lambda w, weight_decay: (weight_decay * _l2(w), weight_decay * w),
        ),
        Misconception(
            "other_convention",
            "You use the convention λ‖w‖² with gradient 2λw. It fits together, but weight_decay "
            "here means ½·λ‖w‖², so you regularise twice as hard. Halve both.",
            lambda w, weight_decay: (weight_decay * _l2(w), 2 * weight_decay * w),
        ),
        Misconception(
            "gradient_doubled",
            "Your dw is twice too large: the 2 that comes down from the square cancels the ½ of "
            "the loss. Differentiate ½·weight_decay·w² once more on paper.",
            lambda w, weight_decay: (weight_decay * _l2(w) / 2, 2 * weight_decay * w),
        ),
        Misconception(
            "gradient_halved",
            "Your dw still carries the ½ of the loss, so weights shrink at half the speed. "
            "Differentiating the square brings a 2 that cancels it.",
            lambda w, weight_decay: (weight_decay * _l2(w) / 2, weight_decay * w / 2),
        ),
        Misconception(
            "norm_not_squared",
            "You take the norm ‖w‖ itself, with a square root. The penalty uses the squared norm, "
            "whose slope grows with the weight. Leave the root out.",
            lambda w, weight_decay: (weight_decay * np.sqrt(_l2(w)) / 2, weight_decay * w),
        ),
        Misconception(
            "mean_not_sum",
            "You average the squares. Then a large layer pays no more than a small one, and dw "
            "does not match. Sum over all weights.",
            lambda w, weight_decay: (weight_decay * np.mean(w * w) / 2, weight_decay * w),
        ),
        Misconception(
            "mean_in_both",
            "You divide loss and dw by the number of weights. The penalty is a total over the "
            "weights; only the data loss is averaged, over examples. Do not divide.",
            lambda w, weight_decay: (weight_decay * np.mean(w * w) / 2, weight_decay * w / w.size),
        ),
        Misconception(
            "loss_ignores_weight_decay",
            "Your loss does not depend on weight_decay, so the slider for λ would not change it. "
            "Multiply the loss by weight_decay, as you do with dw.",
            lambda w, weight_decay: (_l2(w) / 2, weight_decay * w),
        ),
        Misconception(
            "gradient_ignores_weight_decay",
            "Your dw does not depend on weight_decay, so every λ would regularise alike. "
            "The factor survives differentiation: keep it.",
            lambda w, weight_decay: (weight_decay * _l2(w) / 2, w),
        ),
        Misconception(
            "absolute_values",
            "Your loss sums absolute values: that is the L1 penalty, which treats large and small "
            "weights alike. L2 sums squares.",
            lambda w, weight_decay: (weight_decay * _l1(w) / 2, weight_decay * w),
        ),
        Misconception(
            "squares_the_sum",
            "You square the sum of the weights, so positive and negative weights cancel. "
            "Square each weight first, then sum.",
            lambda w, weight_decay: (weight_decay * np.sum(w) ** 2 / 2, weight_decay * w),
        ),
        Misconception(
            "wrong_sign",
            "Your dw has the wrong sign. It is the gradient of the penalty, which points away from "
            "0; the minus comes later, in the update step. Return it without the minus.",
            lambda w, weight_decay: (weight_decay * _l2(w) / 2, -weight_decay * w),
        ),
        Misconception(
            "sums_one_axis",
            "Your loss is an array: you sum over one axis only. The loss is one number for the "
            "whole of w, whatever its shape. Sum over all axes.",
            lambda w, weight_decay: (weight_decay * np.sum(w * w, axis=0) / 2, weight_decay * w),
        ),
        Misconception(
            "only_the_loss",
            "You return the loss alone. Training needs the gradient too: return the pair loss, dw.",
            lambda w, weight_decay: weight_decay * _l2(w) / 2,
        ),
        Misconception(
            "swapped",
            "You return dw first. Whoever calls the function unpacks the loss first: "
            "swap the order.",
            lambda w, weight_decay: (weight_decay * w, weight_decay * _l2(w) / 2),
        ),
    ),
)


def _slope_at_zero(student) -> bool:
    """The slope is right away from 0, but not 0 at 0."""
    w = np.array([-2.0, 0.0, 3.0])
    got = student(w, strength=0.5)
    dw = numeric(got[1]) if isinstance(got, (tuple, list)) and len(got) == 2 else None
    if dw is None or dw.shape != (3,) or not np.allclose(dw[[0, 2]], [-0.5, 0.5]):
        return False
    return bool(np.isclose(abs(dw[1]), 0.5))


l1_penalty = Check(
    name="l1_penalty",
    reference=regularizers.l1_penalty,
    draw=_draw_l1,
    returns=("loss", "dw"),
    misconceptions=(
        Misconception(
            "only_the_loss",
            "You return the loss alone. Training needs the gradient too: return the pair loss, dw.",
            lambda w, strength: strength * _l1(w),
        ),
        Misconception(
            "swapped",
            "You return dw first. Whoever calls the function unpacks the loss first: "
            "swap the order.",
            lambda w, strength: (strength * np.sign(w), strength * _l1(w)),
        ),
        Misconception(
            "no_absolute_value",
            "Your loss sums the weights with their signs, so it can go down to minus infinity. "
            "Sum absolute values.",
            lambda w, strength: (strength * np.sum(w), strength * np.sign(w)),
        ),
        Misconception(
            "absolute_of_the_sum",
            "You sum first and take the absolute value of the sum, so weights of opposite sign "
            "cancel. Take each weight's absolute value before you sum.",
            lambda w, strength: (strength * abs(np.sum(w)), strength * np.sign(w)),
        ),
        Misconception(
            "slope_always_positive",
            "Your dw is +strength everywhere, also for negative weights, which it would drive "
            "away from 0. The slope of |w| changes with the sign of w.",
            lambda w, strength: (strength * _l1(w), strength * np.ones(w.shape)),
        ),
        Misconception(
            "absolute_gradient",
            "Your dw is strength · |w|. That is the loss of each weight, not its slope: the slope "
            "of |w| has the same size for all weights, and a sign.",
            lambda w, strength: (strength * _l1(w), strength * np.abs(w)),
        ),
        Misconception(
            "gradient_of_l2",
            "Your dw is proportional to w: that is the L2 gradient. It fades near 0, so no weight "
            "would get there; the L1 slope keeps its size. Differentiate |w|.",
            lambda w, strength: (strength * _l1(w), strength * w),
        ),
        Misconception(
            "wrong_sign",
            "Your dw has the wrong sign. It is the gradient of the penalty, which points away from "
            "0; the minus comes later, in the update step. Return it without the minus.",
            lambda w, strength: (strength * _l1(w), -strength * np.sign(w)),
        ),
        Misconception(
            "nan_at_zero",
            "Your dw is NaN where a weight is exactly 0: you divide w by |w| there. One NaN spoils "
            "the whole network. Find a function that gives −1, 0 or +1 without dividing.",
            lambda w, strength: (strength * _l1(w), strength * w / np.abs(w)),
        ),
        Misconception(
            "slope_at_zero",
            "Your dw at a weight of exactly 0 is ±strength, which would push that weight off 0 and "
            "undo the sparsity. Take the subgradient 0 there: you need three cases, not two.",
            probe=_slope_at_zero,
        ),
        Misconception(
            "loss_ignores_strength",
            "Your loss does not depend on strength, although your dw does. Multiply the sum by it.",
            lambda w, strength: (_l1(w), strength * np.sign(w)),
        ),
        Misconception(
            "gradient_ignores_strength",
            "Your dw does not depend on strength, so every λ would regularise alike. The factor "
            "survives differentiation: keep it.",
            lambda w, strength: (strength * _l1(w), np.sign(w)),
        ),
        Misconception(
            "half",
            "Your loss has a factor ½. It belongs to L2, where it cancels the 2 of the square; "
            "|w| has no square. Drop the ½.",
            lambda w, strength: (strength * _l1(w) / 2, strength * np.sign(w)),
        ),
        Misconception(
            "mean_not_sum",
            "You average the absolute values. The penalty is a total over the weights, and your dw "
            "does not match an average. Sum.",
            lambda w, strength: (strength * np.mean(np.abs(w)), strength * np.sign(w)),
        ),
        Misconception(
            "squares",
            "Your loss sums squares: that is an L2 penalty, and dw is not its gradient. "
            "L1 sums absolute values.",
            lambda w, strength: (strength * _l2(w), strength * np.sign(w)),
        ),
        Misconception(
            "largest_only",
            "You take the largest |w|: that is the maximum norm. L1 adds up all of them.",
            lambda w, strength: (strength * np.max(np.abs(w)), strength * np.sign(w)),
        ),
        Misconception(
            "sums_one_axis",
            "Your loss is an array: you sum over one axis only. The loss is one number for the "
            "whole of w, whatever its shape. Sum over all axes.",
            lambda w, strength: (strength * np.sum(np.abs(w), axis=0), strength * np.sign(w)),
        ),
    ),
)

elastic_net_penalty = Check(
    name="elastic_net_penalty",
    reference=regularizers.elastic_net_penalty,
    draw=_draw_elastic_net,
    returns=("loss", "dw"),
    misconceptions=(
        Misconception(
            "only_the_loss",
            "You return the loss alone. Training needs the gradient too: return the pair loss, dw.",
            lambda w, l1, l2: l1 * _l1(w) + l2 * _l2(w),
        ),
        Misconception(
            "half_convention",
            "You put ½ in front of the L2 part, as `weight_decay` does. This exercise uses the "
            "other convention, l2·‖w‖² with no ½, so your squares weigh half. Drop the ½ and "
            "differentiate again.",
            lambda w, l1, l2: (l1 * _l1(w) + l2 * _l2(w) / 2, l1 * np.sign(w) + l2 * w),
        ),
        Misconception(
            "gradient_lacks_the_two",
            "Your loss is right, but the L2 part of dw is half of its slope: with no ½ in the loss "
            "the 2 from the square stays. Differentiate l2·w².",
            lambda w, l1, l2: (l1 * _l1(w) + l2 * _l2(w), l1 * np.sign(w) + l2 * w),
        ),
        Misconception(
            "half_in_the_loss_only",
            "Your dw is right, but your loss has a ½ in its L2 part, so the two do not belong "
            "together. Drop the ½.",
            lambda w, l1, l2: (l1 * _l1(w) + l2 * _l2(w) / 2, l1 * np.sign(w) + 2 * l2 * w),
        ),
        Misconception(
            "coefficients_swapped",
            "You swapped the coefficients: l1 belongs to the absolute values, l2 to the squares.",
            lambda w, l1, l2: (l2 * _l1(w) + l1 * _l2(w), l2 * np.sign(w) + 2 * l1 * w),
        ),
        Misconception(
            "no_l2_part",
            "Only the absolute values are there; the squares are missing from loss and dw. "
            "The elastic net adds both penalties.",
            lambda w, l1, l2: (l1 * _l1(w), l1 * np.sign(w)),
        ),
        Misconception(
            "no_l1_part",
            "Only the squares are there; the absolute values are missing from loss and dw. "
            "The elastic net adds both penalties.",
            lambda w, l1, l2: (l2 * _l2(w), 2 * l2 * w),
        ),
        Misconception(
            "l1_coefficient_missing",
            "You leave the L1 part without its coefficient (a lecture's form β·R_L2 + R_L1 does). "
            "Here both parts have their own strength: multiply the L1 part by l1.",
            lambda w, l1, l2: (_l1(w) + l2 * _l2(w), np.sign(w) + 2 * l2 * w),
        ),
        Misconception(
            "slope_always_positive",
            "The L1 part of your dw is +l1 for every weight, also for negative ones, which it "
            "would drive away from 0. The slope of |w| changes with the sign of w.",
            lambda w, l1, l2: (l1 * _l1(w) + l2 * _l2(w), l1 + 2 * l2 * w),
        ),
        Misconception(
            "absolute_gradient",
            "The L1 part of your dw is l1·|w|: a value, not a slope. The slope of |w| has the same "
            "size for all weights, and a sign.",
            lambda w, l1, l2: (l1 * _l1(w) + l2 * _l2(w), l1 * np.abs(w) + 2 * l2 * w),
        ),
        Misconception(
            "gradient_lacks_l1",
            "Your loss has both parts, but dw has only that of the squares, so nothing would "
            "become sparse. Add the slope of the L1 part.",
            lambda w, l1, l2: (l1 * _l1(w) + l2 * _l2(w), 2 * l2 * w),
        ),
        Misconception(
            "gradient_lacks_l2",
            "Your loss has both parts, but dw has only that of the absolute values. Add the slope "
            "of the squares.",
            lambda w, l1, l2: (l1 * _l1(w) + l2 * _l2(w), l1 * np.sign(w)),
        ),
        Misconception(
            "norm_not_squared",
            "Your L2 part is the norm ‖w‖ with a square root. The penalty uses the squared norm. "
            "Leave the root out.",
            lambda w, l1, l2: (l1 * _l1(w) + l2 * np.sqrt(_l2(w)), l1 * np.sign(w) + 2 * l2 * w),
        ),
        Misconception(
            "no_absolute_value",
            "The L1 part of your loss sums the weights with their signs, so they cancel. "
            "Sum absolute values.",
            lambda w, l1, l2: (l1 * np.sum(w) + l2 * _l2(w), l1 * np.sign(w) + 2 * l2 * w),
        ),
        Misconception(
            "mean_not_sum",
            "You average over the weights. The penalty is a total, and your dw does not match an "
            "average. Sum.",
            lambda w, l1, l2: (
                (l1 * _l1(w) + l2 * _l2(w)) / w.size,
                l1 * np.sign(w) + 2 * l2 * w,
            ),
        ),
        Misconception(
            "wrong_sign",
            "Your dw has the wrong sign. It is the gradient of the penalty; the minus comes later, "
            "in the update step. Return it without the minus.",
            lambda w, l1, l2: (l1 * _l1(w) + l2 * _l2(w), -l1 * np.sign(w) - 2 * l2 * w),
        ),
    ),
)
