"""Answers that the tests of this lab must tell apart: wrong ones by their hint, right ones not."""

from autograder.variants import Right, Wrong

L2_LOSS = "loss = 0.5 * weight_decay * np.sum(w**2)"
L2_DW = "dw = weight_decay * w"
L1_LOSS = "loss = strength * np.abs(w).sum()"
L1_DW = "dw = strength * np.sign(w)"
NET_LOSS = "loss = l1 * absolute.sum() + l2 * squared.sum()"
NET_DW = "dw = l1 * np.sign(w) + 2 * l2 * w"
SCALE = "scale = np.sqrt(c / np.maximum(squared, c))"
STEP = "return w - lr * gradient"
MASK = "mask = (rng.random(x.shape) < keep) / keep"
EVALUATION = "return x, None"
BACKWARD = "return dout * cache"
PASSES = "[forward(x, rng) for _ in range(n_samples)]"
MEAN, STD = "passes.mean(axis=0)", "passes.std(axis=0)"

WRONG: dict[str, list[Wrong]] = {}
RIGHT: dict[str, list[Right]] = {}

WRONG["l2_penalty"] = [
    Wrong("no_half", word="½", edit=("0.5 * weight_decay", "weight_decay")),
    Wrong(
        "other_convention",
        word="convention",
        code="""
def l2_penalty(w, *, weight_decay):
    return weight_decay * np.sum(w * w), 2 * weight_decay * w
""",
    ),
    Wrong("gradient_doubled", word="twice", edit=(L2_DW, "dw = 2 * weight_decay * w")),
    Wrong("gradient_halved", word="half the speed", edit=(L2_DW, "dw = 0.5 * weight_decay * w")),
    Wrong("norm_not_squared", word="root", edit=("np.sum(w**2)", "np.linalg.norm(w)")),
    Wrong("mean_not_sum", word="average the squares", edit=("np.sum(w**2)", "np.mean(w**2)")),
    Wrong(
        "mean_in_both",
        word="number of weights",
        code="""
def l2_penalty(w, *, weight_decay):
    return 0.5 * weight_decay * np.mean(w**2), weight_decay * w / w.size
""",
    ),
    Wrong("loss_ignores_weight_decay", word="slider", edit=("0.5 * weight_decay *", "0.5 *")),
    Wrong("gradient_ignores_weight_decay", word="every λ", edit=(L2_DW, "dw = w.copy()")),
    Wrong("absolute_values", word="L1", edit=("np.sum(w**2)", "np.sum(np.abs(w))")),
    Wrong("squares_the_sum", word="cancel", edit=("np.sum(w**2)", "np.sum(w)**2")),
    Wrong("wrong_sign", word="sign", edit=(L2_DW, "dw = -weight_decay * w")),
    Wrong("sums_one_axis", word="axis", edit=("np.sum(w**2)", "sum(w**2)")),
    Wrong("only_the_loss", word="alone", edit=("return loss, dw", "return loss")),
    Wrong("swapped", word="order", edit=("return loss, dw", "return dw, loss")),
    Wrong(
        "in_place",
        word="copy",
        code="""
def l2_penalty(w, *, weight_decay):
    loss = 0.5 * weight_decay * np.sum(w**2)
    w *= weight_decay
    return loss, w
""",
    ),
]
RIGHT["l2_penalty"] = [
    Right(
        "loop",
        code="""
def l2_penalty(w, *, weight_decay):
    total = 0.0
    for value in w.ravel():
        total += float(value) ** 2
    return weight_decay * total / 2, weight_decay * w
""",
    ),
    Right(
        "dot",
        code="""
def l2_penalty(w, weight_decay):
    flat = w.reshape(-1)
    return weight_decay / 2 * (flat @ flat), w * weight_decay
""",
    ),
    Right(
        "einsum",
        code="""
def l2_penalty(w, *, weight_decay):
    return 0.5 * weight_decay * np.einsum("i,i->", w.ravel(), w.ravel()), np.multiply(w, weight_decay)
""",
    ),
    Right(
        "single_precision",
        code="""
def l2_penalty(w, *, weight_decay):
    w = w.astype(np.float32)
    return np.float32(weight_decay / 2) * (w * w).sum(), np.float32(weight_decay) * w
""",
    ),
    Right(
        "norm_and_list",
        code="""
def l2_penalty(w, *, weight_decay):
    norm = np.linalg.norm(w)
    return [np.array(weight_decay * norm**2 / 2), weight_decay * w]
""",
    ),
    Right(
        "from_the_gradient",
        code="""
def l2_penalty(w, *, weight_decay):
    dw = weight_decay * w
    return 0.5 * np.sum(w * dw), dw
""",
    ),
]

WRONG["l1_penalty"] = [
    Wrong("only_the_loss", word="alone", edit=("return loss, dw", "return loss")),
    Wrong("swapped", word="order", edit=("return loss, dw", "return dw, loss")),
    Wrong("no_absolute_value", word="minus infinity", edit=("np.abs(w).sum()", "w.sum()")),
    Wrong(
        "absolute_of_the_sum", word="cancel", edit=("np.abs(w).sum()", "abs(w.sum())")
    ),
    Wrong(
        "slope_always_positive",
        word="negative weights",
        edit=(L1_DW, "dw = strength * np.ones_like(w)"),
    ),
    Wrong("absolute_gradient", word="slope", edit=(L1_DW, "dw = strength * np.abs(w)")),
    Wrong("gradient_of_l2", word="proportional", edit=(L1_DW, "dw = strength * w")),
    Wrong("wrong_sign", word="wrong sign", edit=(L1_DW, "dw = -strength * np.sign(w)")),
    Wrong("nan_at_zero", word="NaN", edit=(L1_DW, "dw = strength * w / np.abs(w)")),
    Wrong(
        "slope_at_zero", word="subgradient", edit=(L1_DW, "dw = strength * np.where(w > 0, 1, -1)")
    ),
    Wrong("loss_ignores_strength", word="Multiply", edit=("strength * np.abs", "np.abs")),
    Wrong("gradient_ignores_strength", word="every λ", edit=(L1_DW, "dw = np.sign(w)")),
    Wrong("half", word="½", edit=(L1_LOSS, "loss = 0.5 * strength * np.abs(w).sum()")),
    Wrong("mean_not_sum", word="average", edit=("np.abs(w).sum()", "np.abs(w).mean()")),
    Wrong("squares", word="L2", edit=("np.abs(w).sum()", "np.sum(w**2)")),
    Wrong("largest_only", word="largest", edit=("np.abs(w).sum()", "np.abs(w).max()")),
    Wrong("sums_one_axis", word="axis", edit=("np.abs(w).sum()", "np.abs(w).sum(axis=0)")),
    Wrong(
        "in_place",
        word="copy",
        code="""
def l1_penalty(w, *, strength):
    dw = strength * np.sign(w)
    np.abs(w, out=w)
    return strength * w.sum(), dw
""",
    ),
]
RIGHT["l1_penalty"] = [
    Right(
        "loop",
        code="""
def l1_penalty(w, *, strength):
    loss, dw = 0.0, np.zeros(w.shape)
    for index, value in np.ndenumerate(w):
        loss += strength * abs(value)
        dw[index] = strength if value > 0 else -strength if value < 0 else 0
    return loss, dw
""",
    ),
    Right(
        "comparisons",
        code="""
def l1_penalty(w, *, strength):
    sign = (w > 0).astype(float) - (w < 0)
    return strength * np.sum(w * sign), strength * sign
""",
    ),
    Right(
        "two_wheres",
        code="""
def l1_penalty(w, *, strength):
    dw = np.where(w > 0, strength, np.where(w < 0, -strength, 0))
    return (w * dw).sum(), dw
""",
    ),
    Right(
        "norm_single_precision",
        code="""
def l1_penalty(w, *, strength):
    w = np.asarray(w, dtype=np.float32)
    return strength * np.linalg.norm(w.flatten(), 1), strength * np.sign(w)
""",
    ),
    Right(
        "guarded_division",
        code="""
def l1_penalty(w, *, strength):
    size = np.abs(w)
    slope = np.divide(w, size, out=np.zeros(w.shape), where=size > 0)
    return [float(strength * size.sum()), strength * slope]
""",
    ),
    Right(
        "root_of_the_square_with_warning",
        code="""
def l1_penalty(w, *, strength):
    slope = np.nan_to_num(w / np.sqrt(w * w))
    return strength * np.sqrt(w * w).sum(), strength * slope
""",
    ),
]

WRONG["elastic_net_penalty"] = [
    Wrong("only_the_loss", word="alone", edit=("return loss, dw", "return loss")),
    Wrong(
        "half_convention",
        word="½",
        code="""
def elastic_net_penalty(w, *, l1, l2):
    loss = l1 * np.sum(np.abs(w)) + 0.5 * l2 * np.sum(w * w)
    return loss, l1 * np.sign(w) + l2 * w
""",
    ),
    Wrong("gradient_lacks_the_two", word="2 from the square", edit=("2 * l2 * w", "l2 * w")),
    Wrong(
        "half_in_the_loss_only",
        word="Drop the ½",
        edit=("l2 * squared.sum()", "0.5 * l2 * squared.sum()"),
    ),
    Wrong(
        "coefficients_swapped",
        word="swapped",
        code="""
def elastic_net_penalty(w, *, l1, l2):
    loss = l2 * np.sum(np.abs(w)) + l1 * np.sum(w * w)
    return loss, l2 * np.sign(w) + 2 * l1 * w
""",
    ),
    Wrong(
        "no_l2_part",
        word="squares are missing",
        code="""
def elastic_net_penalty(w, *, l1, l2):
    return l1 * np.sum(np.abs(w)), l1 * np.sign(w)
""",
    ),
    Wrong(
        "no_l1_part",
        word="absolute values are missing",
        code="""
def elastic_net_penalty(w, *, l1, l2):
    return l2 * np.sum(w * w), 2 * l2 * w
""",
    ),
    Wrong(
        "l1_coefficient_missing",
        word="coefficient",
        code="""
def elastic_net_penalty(w, *, l1, l2):
    return np.sum(np.abs(w)) + l2 * np.sum(w * w), np.sign(w) + 2 * l2 * w
""",
    ),
    Wrong("slope_always_positive", word="negative ones", edit=("l1 * np.sign(w)", "l1")),
    Wrong("absolute_gradient", word="not a slope", edit=("np.sign(w)", "absolute")),
    Wrong("gradient_lacks_l1", word="sparse", edit=(NET_DW, "dw = 2 * l2 * w")),
    Wrong("gradient_lacks_l2", word="slope of the squares", edit=(" + 2 * l2 * w", "")),
    Wrong("norm_not_squared", word="root", edit=("squared.sum()", "np.sqrt(squared.sum())")),
    Wrong("no_absolute_value", word="signs", edit=("absolute.sum()", "w.sum()")),
    Wrong(
        "mean_not_sum",
        word="average",
        edit=(NET_LOSS, "loss = l1 * absolute.mean() + l2 * squared.mean()"),
    ),
    Wrong("wrong_sign", word="wrong sign", edit=("return loss, dw", "return loss, -dw")),
]
RIGHT["elastic_net_penalty"] = [
    Right(
        "from_the_parts",
        code="""
def elastic_net_penalty(w, *, l1, l2):
    loss_1, dw_1 = l1_penalty(w, strength=l1)
    loss_2, dw_2 = l2_penalty(w, weight_decay=2 * l2)
    return loss_1 + loss_2, dw_1 + dw_2
""",
    ),
    Right(
        "loop",
        code="""
def elastic_net_penalty(w, *, l1, l2):
    loss, dw = 0, np.empty_like(w)
    for index in np.ndindex(w.shape):
        v = w[index]
        loss = loss + l1 * abs(v) + l2 * v * v
        dw[index] = l1 * np.sign(v) + 2 * l2 * v
    return loss, dw
""",
    ),
    Right(
        "norms_in_single_precision",
        code="""
def elastic_net_penalty(w, *, l1, l2):
    w = w.astype("float32")
    flat = w.ravel()
    loss = l1 * np.linalg.norm(flat, 1) + l2 * np.linalg.norm(flat) ** 2
    return loss, np.sign(w) * (l1 + 2 * l2 * np.abs(w))
""",
    ),
    Right(
        "horner",
        code="""
def elastic_net_penalty(w, *, l1, l2):
    size = np.abs(w)
    return np.einsum("i->", (size * (l1 + l2 * size)).ravel()), l2 * (w + w) + l1 * np.sign(w)
""",
    ),
    Right(
        "in_place_on_a_copy",
        code="""
def elastic_net_penalty(w, *, l1, l2):
    dw = w.copy()
    dw *= 2 * l2
    dw[w > 0] += l1
    dw[w < 0] -= l1
    return float(l1 * np.abs(w).sum() + l2 * np.vdot(w, w)), dw
""",
    ),
]

WRONG["max_norm"] = [
    Wrong(
        "limits_the_norm",
        word="squared norm",
        code="""
def max_norm(w, *, c):
    norms = np.linalg.norm(w, axis=0)
    return w * np.minimum(1, c / norms)
""",
    ),
    Wrong(
        "rows",
        word="column",
        code="""
def max_norm(w, *, c):
    squared = np.sum(w**2, axis=1, keepdims=True)
    return np.where(squared > c, w * np.sqrt(c / squared), w)
""",
    ),
    Wrong("whole_matrix", word="neighbours", edit=("np.sum(w**2, axis=0)", "np.sum(w**2)")),
    Wrong("always_rescales", word="every column", edit=("np.maximum(squared, c)", "squared")),
    Wrong("only_short_ones", word="comparison", edit=("np.maximum", "np.minimum")),
    Wrong(
        "no_root_in_the_scale", word="factor s", edit=(SCALE, "scale = c / np.maximum(squared, c)")
    ),
    Wrong(
        "unit_norm",
        word="norm 1",
        edit=(SCALE, "scale = np.where(squared > c, 1 / np.sqrt(squared), 1)"),
    ),
    Wrong(
        "target_norm_c",
        word="root of c",
        edit=(SCALE, "scale = np.where(squared > c, c / np.sqrt(squared), 1)"),
    ),
    Wrong("clips_entries", word="±c", edit=("return w * scale", "return np.clip(w, -c, c)")),
    Wrong(
        "clips_entries_at_root",
        word="±√c",
        edit=("return w * scale", "return np.clip(w, -np.sqrt(c), np.sqrt(c))"),
    ),
    Wrong("zeroes_columns", word="kills", edit=(SCALE, "scale = squared <= c")),
    Wrong(
        "absolute_sum",
        word="absolute",
        code="""
def max_norm(w, *, c):
    return w * np.minimum(1, c / np.abs(w).sum(axis=0))
""",
    ),
    Wrong("mean_square", word="average", edit=("np.sum(w**2, axis=0)", "np.mean(w**2, axis=0)")),
    Wrong("longest_decides", word="longest", edit=("squared, c)", "squared.max(), c)")),
    Wrong("returns_the_scale", word="factors", edit=("return w * scale", "return scale")),
    Wrong("zero_column", word="zeros", edit=(SCALE, "scale = np.sqrt(np.minimum(squared, c) / squared)")),
    Wrong(
        "in_place",
        word="copy",
        code="""
def max_norm(w, *, c):
    squared = np.sum(w**2, axis=0)
    long = squared > c
    w[:, long] *= np.sqrt(c / squared[long])
    return w
""",
    ),
]
RIGHT["max_norm"] = [
    Right(
        "loop",
        code="""
def max_norm(w, *, c):
    limited = w.copy()
    for j in range(w.shape[1]):
        squared = float(w[:, j] @ w[:, j])
        if squared > c:
            limited[:, j] = w[:, j] * (c / squared) ** 0.5
    return limited
""",
    ),
    Right(
        "norm_with_epsilon",
        code="""
def max_norm(w, *, c):
    norm = np.linalg.norm(w, axis=0, keepdims=True)
    return w * np.minimum(1.0, np.sqrt(c) / (norm + 1e-8))
""",
    ),
    Right(
        "division_warns",
        code="""
def max_norm(w, *, c):
    squared = (w * w).sum(axis=0)
    return np.where(squared > c, w * np.sqrt(c / squared), w)
""",
    ),
    Right(
        "transposed_single_precision",
        code="""
def max_norm(w, *, c):
    columns = [v if v @ v <= c else v / np.sqrt(v @ v / c) for v in w.T.astype(np.float32)]
    return np.stack(columns, axis=1)
""",
    ),
    Right(
        "einsum",
        code="""
def max_norm(w, *, c):
    ratio = np.einsum("dm,dm->m", w, w) / c
    return w / np.sqrt(np.clip(ratio, 1, None))
""",
    ),
]

WRONG["sgd_weight_decay_step"] = [
    Wrong(
        "data_gradient_lacks_lr",
        word="slide",
        edit=(STEP, "return w - dw - lr * weight_decay * w"),
    ),
    Wrong(
        "decay_lacks_lr",
        word="decay is not multiplied",
        edit=(STEP, "return (1 - weight_decay) * w - lr * dw"),
    ),
    Wrong("no_lr", word="learning rate does nothing", edit=(STEP, "return w - gradient")),
    Wrong("decay_grows", word="grow", edit=("dw + weight", "dw - weight")),
    Wrong("ascent", word="climbs the loss", edit=("w - lr", "w + lr")),
    Wrong(
        "data_gradient_added",
        word="data loss",
        edit=(STEP, "return (1 - lr * weight_decay) * w + lr * dw"),
    ),
    Wrong("no_decay", word="plain SGD", edit=("dw + weight_decay * w", "dw")),
    Wrong("only_decay", word="nothing is learned", edit=("dw + weight_decay", "weight_decay")),
    Wrong("decay_doubled", word="twice", edit=("dw + weight_decay", "dw + 2 * weight_decay")),
    Wrong("decay_halved", word="half", edit=("dw + weight_decay", "dw + 0.5 * weight_decay")),
    Wrong("decays_the_gradient", word="w that", edit=("weight_decay * w\n", "weight_decay * dw\n")),
    Wrong(
        "shrinks_the_gradient",
        word="1 − weight_decay",
        edit=(STEP, "return w - lr * (1 - weight_decay) * dw"),
    ),
    Wrong("sign_of_w", word="L1", edit=("weight_decay * w\n", "weight_decay * np.sign(w)\n")),
    Wrong(
        "decay_after_the_step",
        word="old w",
        code="""
def sgd_weight_decay_step(w, dw, *, lr, weight_decay):
    w = w - lr * dw
    return w - lr * weight_decay * w
""",
    ),
    Wrong(
        "adds_the_penalty",
        word="one number",
        edit=("weight_decay * w\n", "0.5 * weight_decay * np.sum(w**2)\n"),
    ),
    Wrong("returns_the_update", word="change", edit=(STEP, "return -lr * gradient")),
    Wrong("returns_the_step", word="subtracted", edit=(STEP, "return lr * gradient")),
    Wrong("in_place", word="copy", edit=(STEP, "w -= lr * gradient\n    return w")),
]
RIGHT["sgd_weight_decay_step"] = [
    Right(
        "shrink_first",
        code="""
def sgd_weight_decay_step(w, dw, *, lr, weight_decay):
    return (1 - lr * weight_decay) * w - lr * dw
""",
    ),
    Right(
        "from_the_penalty",
        code="""
def sgd_weight_decay_step(w, dw, *, lr, weight_decay):
    _, penalty_gradient = l2_penalty(w, weight_decay=weight_decay)
    return w - lr * dw - lr * penalty_gradient
""",
    ),
    Right(
        "loop",
        code="""
def sgd_weight_decay_step(w, dw, *, lr, weight_decay):
    new = np.zeros_like(w)
    for i in np.ndindex(*w.shape):
        new[i] = w[i] - lr * (dw[i] + weight_decay * w[i])
    return new
""",
    ),
    Right(
        "in_place_on_a_copy_in_single_precision",
        code="""
def sgd_weight_decay_step(w, dw, *, lr, weight_decay):
    w = w.astype(np.float32)
    w *= 1 - lr * weight_decay
    w -= np.float32(lr) * dw.astype(np.float32)
    return w
""",
    ),
    Right(
        "velocity",
        code="""
def sgd_weight_decay_step(w, dw, lr, weight_decay):
    step = dw.copy()
    step += weight_decay * w
    np.multiply(step, -lr, out=step)
    return np.add(w, step)
""",
    ),
]

WRONG["dropout_forward"] = [
    Wrong("no_cache", word="alone", edit=("return x * mask, mask", "return x * mask")),
    Wrong(
        "removes_entries",
        word="shorter",
        code="""
def dropout_forward(x, *, p, training, rng):
    if not training:
        return x, None
    kept = rng.random(x.shape) >= p
    return x[kept] / (1 - p), kept
""",
    ),
    Wrong("training_inverted", word="wrong way round", edit=("if not training", "if training")),
    Wrong("never_drops", word="nothing is regularised", edit=("x * mask, mask", "x, mask")),
    Wrong("p_is_keep", word="probability of dropping", edit=("keep = 1 - p", "keep = p")),
    Wrong("mask_inverted", word="comparison", edit=("< keep)", ">= keep)")),
    Wrong("one_coin", word="coin", edit=("rng.random(x.shape)", "rng.random()")),
    Wrong(
        "mask_shared_by_examples",
        word="same mask",
        edit=("rng.random(x.shape)", "rng.random(x.shape[1:])"),
    ),
    Wrong(
        "mask_shared_by_features",
        word="whole rows",
        edit=("rng.random(x.shape)", "rng.random((len(x),) + (1,) * (x.ndim - 1))"),
    ),
    Wrong("ignores_rng", word="same seed", edit=("rng.random(x.shape)", "np.random.random(x.shape)")),
    Wrong(
        "mask_never_changes",
        word="Every call",
        edit=("rng.random(x.shape)", "np.random.default_rng(0).random(x.shape)"),
    ),
    Wrong(
        "exact_count",
        word="independently",
        code="""
def dropout_forward(x, *, p, training, rng):
    if not training:
        return x, None
    mask = np.full(x.size, 1 / (1 - p))
    mask[rng.permutation(x.size)[: round(p * x.size)]] = 0
    mask = mask.reshape(x.shape)
    return x * mask, mask
""",
    ),
    Wrong("wrong_rate", word="fraction", edit=("rng.random(x.shape)", "rng.normal(size=x.shape)")),
    Wrong("no_scale", word="do not scale", edit=(" / keep", "")),
    Wrong(
        "vanilla",
        word="vanilla",
        code="""
def dropout_forward(x, *, p, training, rng):
    mask = rng.random(x.shape) >= p if training else 1 - p
    return x * mask, mask
""",
    ),
    Wrong(
        "vanilla_with_p",
        word="one lecture",
        code="""
def dropout_forward(x, *, p, training, rng):
    mask = rng.random(x.shape) >= p if training else p
    return x * mask, mask
""",
    ),
    Wrong("scales_by_p", word="keep probability", edit=(" / keep", " / p")),
    Wrong("multiplies_by_keep", word="Divide", edit=(" / keep", " * keep")),
    Wrong(
        "scales_by_what_was_kept",
        word="luck",
        code="""
def dropout_forward(x, *, p, training, rng):
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= p).astype(float)
    mask /= mask.mean()
    return x * mask, mask
""",
    ),
    Wrong("scales_twice", word="again", edit=(EVALUATION, "return x * (1 - p), None")),
    Wrong("scales_in_evaluation", word="make up for", edit=(EVALUATION, "return x / (1 - p), None")),
    Wrong("drops_in_evaluation", word="ignored", edit=("if not training", "if p == 0")),
    Wrong("p_zero", word="p = 0", edit=("keep = 1 - p", "keep = 1 - (p or 0.5)")),
    Wrong(
        "in_place",
        word="copy",
        edit=("return x * mask, mask", "x *= mask\n    return x, mask"),
    ),
]
RIGHT["dropout_forward"] = [
    Right(
        "binomial",
        code="""
def dropout_forward(x, *, p, training, rng):
    if training:
        mask = rng.binomial(1, 1 - p, size=x.shape)
        return mask * x / (1 - p), (mask, p)
    return x.copy(), (np.ones_like(x), 0.0)
""",
    ),
    Right(
        "choice",
        code="""
def dropout_forward(x, *, p, training, rng):
    if not training:
        return x, {"mask": None}
    mask = rng.choice([0.0, 1 / (1 - p)], size=x.shape, p=[p, 1 - p])
    return x * mask, {"mask": mask}
""",
    ),
    Right(
        "loop",
        code="""
def dropout_forward(x, *, p, training, rng):
    out = np.array(x)
    for i in np.ndindex(x.shape):
        if training:
            out[i] = 0 if rng.uniform() < p else x[i] / (1 - p)
    return out, (x, out)
""",
    ),
    Right(
        "where_in_single_precision",
        code="""
def dropout_forward(x, *, p, training, rng):
    x = x.astype(np.float32)
    dropped = rng.random(x.shape, dtype=np.float32) < p if training else np.zeros(x.shape, bool)
    return np.where(dropped, np.float32(0), x / np.float32(1 - p if training else 1)), dropped
""",
    ),
    Right(
        "drops_the_other_end_and_draws_always",
        code="""
def dropout_forward(x, *, p, training, rng):
    noise = rng.uniform(-1, 1, x.size).reshape(x.shape)
    mask = np.where(noise > 2 * p - 1, 1 / (1 - p), 0) if training else 1
    return [x * mask, mask]
""",
    ),
    Right(
        "child_generator",
        code="""
def dropout_forward(x, *, p, training, rng):
    rng = np.random.default_rng(rng.integers(2**63))
    factor = (1 - rng.binomial(1, p, x.shape)) / (1 - p)
    return (x * factor, factor) if training else (x, None)
""",
    ),
]

WRONG["dropout_backward"] = [
    Wrong("returns_a_pair", word="one array", edit=(BACKWARD, "return dout * cache, None")),
    Wrong("ignores_the_mask", word="unchanged", edit=(BACKWARD, "return dout")),
    Wrong("no_scale", word="not the scale", edit=(BACKWARD, "return dout * (cache > 0)")),
    Wrong("scale_without_mask", word="let it through", edit=(BACKWARD, "return dout * cache.max()")),
    Wrong("scales_twice", word="scale twice", edit=(BACKWARD, "return dout * cache * cache.max()")),
    Wrong(
        "divides_by_the_scale",
        word="undo",
        edit=(BACKWARD, "return dout * (cache > 0) / cache.max()"),
    ),
    Wrong(
        "mask_inverted",
        word="Turn the mask",
        edit=(BACKWARD, "return dout * (cache == 0) * cache.max()"),
    ),
    Wrong("wrong_sign", word="wrong sign", edit=(BACKWARD, "return -dout * cache\n")),
    Wrong("ignores_dout", word="upstream", edit=(BACKWARD, "return cache")),
    Wrong(
        "averages_over_examples",
        word="divide again",
        edit=(BACKWARD, "return dout * cache / len(dout)"),
    ),
    Wrong("sums_over_examples", word="bias", edit=(BACKWARD, "return np.sum(dout * cache, axis=0)")),
    Wrong(
        "nothing_in_evaluation",
        word="your gradient is 0",
        edit=("return dout\n", "return np.zeros_like(dout)\n"),
    ),
    Wrong(
        "new_mask",
        word="another network",
        edit=(
            BACKWARD,
            "p = 1 - 1 / cache.max()\n"
            "    return dout * (np.random.random(dout.shape) >= p) / (1 - p)",
        ),
    ),
    Wrong("in_place", word="copy", edit=(BACKWARD, "dout *= cache\n    return dout")),
]
RIGHT["dropout_backward"] = [
    Right(
        "loop",
        code="""
def dropout_backward(dout, cache):
    dx = dout.copy()
    if cache is not None:
        for i in np.ndindex(dout.shape):
            dx[i] = dout[i] * cache[i]
    return dx
""",
    ),
    Right(
        "ones_for_evaluation",
        code="""
def dropout_backward(dout, cache):
    factor = 1.0 if cache is None else np.asarray(cache)
    return np.multiply(factor, dout)
""",
    ),
    Right(
        "where",
        code="""
def dropout_backward(dout, cache):
    if cache is None:
        return np.array(dout)
    return np.where(cache > 0, dout / (1 / cache.max()), 0)
""",
    ),
    Right(
        "single_precision_einsum",
        code="""
def dropout_backward(dout, cache):
    if cache is None:
        return dout.astype(np.float32)
    return np.einsum("...,...->...", dout.astype(np.float32), cache.astype(np.float32))
""",
    ),
    Right(
        "in_place_on_a_copy",
        code="""
def dropout_backward(dout, cache):
    dx = np.zeros_like(dout)
    dx += dout
    if cache is not None:
        dx *= cache
    return dx
""",
    ),
]

WRONG["mc_dropout_predict"] = [
    Wrong(
        "feeds_back",
        word="next",
        code="""
def mc_dropout_predict(forward, x, *, n_samples, rng):
    passes = []
    for _ in range(n_samples):
        x = forward(x, rng)
        passes.append(x)
    return np.mean(passes, axis=0), np.std(passes, axis=0)
""",
    ),
    Wrong(
        "changes_the_input",
        word="as it is",
        edit=("[forward(x, rng)", "[forward(x + rng.normal(size=x.shape), rng)"),
    ),
    Wrong("one_pass", word="once", edit=(PASSES, "[forward(x, rng)] * n_samples")),
    Wrong("miscounts", word="number of passes", edit=("range(n_samples)", "range(n_samples + 1)")),
    Wrong(
        "same_mask_each_pass",
        word="new generator",
        edit=("[forward(x, rng)", "[forward(x, np.random.default_rng(0))"),
    ),
    Wrong("unseeded", word="same seed", edit=("[forward(x, rng)", "[forward(x, np.random)")),
    Wrong(
        "own_generator",
        word="of your own",
        edit=("    passes = np", "    rng = np.random.default_rng(0)\n    passes = np"),
    ),
    Wrong("only_the_mean", word="alone", edit=(f", {STD}", "")),
    Wrong("returns_all_passes", word="themselves", edit=(MEAN, "passes")),
    Wrong("swapped", word="order", edit=(f"{MEAN}, {STD}", f"{STD}, {MEAN}")),
    Wrong("variance", word="squared units", edit=(STD, "passes.var(axis=0)")),
    Wrong("sample_std", word="ddof", edit=(STD, "passes.std(axis=0, ddof=1)")),
    Wrong("standard_error", word="error of the mean", edit=(STD, f"{STD} / np.sqrt(n_samples)")),
    Wrong("root_mean_square", word="from 0", edit=(STD, "np.sqrt(np.mean(passes**2, axis=0))")),
    Wrong(
        "mean_absolute_deviation",
        word="absolute",
        edit=(STD, "np.mean(np.abs(passes - passes.mean(axis=0)), axis=0)"),
    ),
    Wrong(
        "range_as_spread",
        word="smallest",
        edit=(STD, "passes.max(axis=0) - passes.min(axis=0)"),
    ),
    Wrong("sum_not_mean", word="add the passes", edit=(MEAN, "passes.sum(axis=0)")),
    Wrong("last_pass", word="last pass", edit=(MEAN, "passes[-1]")),
    Wrong("median", word="median", edit=(MEAN, "np.median(passes, axis=0)")),
    Wrong(
        "over_examples",
        word="examples",
        edit=(f"{MEAN}, {STD}", "passes.mean(axis=1), passes.std(axis=1)"),
    ),
    Wrong(
        "over_outputs",
        word="last axis",
        edit=(f"{MEAN}, {STD}", "passes.mean(axis=-1), passes.std(axis=-1)"),
    ),
    Wrong(
        "over_everything",
        word="everything",
        edit=(f"{MEAN}, {STD}", "passes.mean(), passes.std()"),
    ),
    Wrong(
        "in_place",
        word="copy",
        edit=("    passes = np", "    x *= 1 - 0.5\n    passes = np"),
    ),
]
RIGHT["mc_dropout_predict"] = [
    Right(
        "running_sums",
        code="""
def mc_dropout_predict(forward, x, *, n_samples, rng):
    total, squares = 0.0, 0.0
    for _ in range(n_samples):
        out = forward(x, rng)
        total = total + out
        squares = squares + out**2
    mean = total / n_samples
    return mean, np.sqrt(np.maximum(squares / n_samples - mean**2, 0))
""",
    ),
    Right(
        "welford_in_place_on_own_arrays",
        code="""
def mc_dropout_predict(forward, x, *, n_samples, rng):
    mean = forward(x, rng)
    spread = np.zeros_like(mean)
    for n in range(2, n_samples + 1):
        out = forward(x, rng)
        old = out - mean
        mean += old / n
        spread += old * (out - mean)
    return mean, np.sqrt(spread / n_samples)
""",
    ),
    Right(
        "list_and_keywords",
        code="""
def mc_dropout_predict(forward, x, *, n_samples, rng):
    passes = []
    while len(passes) < n_samples:
        passes.append(forward(x=x, rng=rng))
    return [np.mean(passes, axis=0), np.std(passes, axis=0, ddof=0)]
""",
    ),
    Right(
        "last_axis_in_single_precision",
        code="""
def mc_dropout_predict(forward, x, *, n_samples, rng):
    passes = np.stack([forward(x, rng).astype(np.float32) for _ in range(n_samples)], axis=-1)
    mean = passes.mean(axis=-1)
    return mean, np.sqrt(np.mean((passes - mean[..., None]) ** 2, axis=-1))
""",
    ),
    Right(
        "child_generators",
        code="""
def mc_dropout_predict(forward, x, *, n_samples, rng):
    passes = np.array([forward(x, child) for child in rng.spawn(n_samples)])
    return np.einsum("snk->nk", passes) / n_samples, np.var(passes, 0) ** 0.5
""",
    ),
]

WRONG["dropout_forward"].append(
    Wrong(
        "drops_blocks",
        word="in groups",
        edit=("rng.random(x.shape)", "rng.random(x.shape[:2] + (1,) * (x.ndim - 2))"),
    )
)
WRONG["mc_dropout_predict"] += [
    Wrong(
        "assumes_shape_of_x",
        word="shape of x",
        code="""
def mc_dropout_predict(forward, x, *, n_samples, rng):
    passes = np.zeros((n_samples, *x.shape))
    for i in range(n_samples):
        passes[i] = forward(x, rng)
    return passes.mean(axis=0), passes.std(axis=0)
""",
    ),
    Wrong(
        "nan_when_passes_agree",
        word="NaN",
        code="""
def mc_dropout_predict(forward, x, *, n_samples, rng):
    total, squares = 0.0, 0.0
    for _ in range(n_samples):
        out = forward(x, rng)
        total, squares = total + out, squares + out**2
    mean = total / n_samples
    return mean, np.sqrt(squares / n_samples - mean**2)
""",
    ),
]
