"""Wrong answers that no misconception foresees still lose their points."""

import numpy as np
import pytest

from coursekit import check
from coursekit.check import CheckFailed
from coursekit.numpy_ref import dropout_forward

UNLISTED = {
    "l2_penalty": [
        lambda w, weight_decay: (0.5 * weight_decay * np.sum(w**2), weight_decay * np.sum(w)),
        lambda w, weight_decay: (0.5 * weight_decay**2 * np.sum(w**2), weight_decay * w),
        lambda w, weight_decay: (0.5 * weight_decay * np.sum(w**2) / len(w), weight_decay * w),
        lambda w, weight_decay: (0.5 * weight_decay * np.sum(w**2), weight_decay * w.ravel()),
        lambda w, weight_decay: (0.5 * weight_decay * np.sum(w**2), weight_decay * np.abs(w)),
        lambda w, weight_decay: (0.5 * 0.5 * np.sum(w**2), 0.5 * w),
        lambda w, weight_decay: (0.5 * weight_decay * np.max(w**2), weight_decay * w),
        lambda w, weight_decay: (0.5 * weight_decay * np.sum(w**2), w - weight_decay * w),
        lambda w, weight_decay: (0.5 * weight_decay * w**2, weight_decay * w),
        lambda w, weight_decay: (0.5 * weight_decay * np.sum(w[1:] ** 2), weight_decay * w),
    ],
    "l1_penalty": [
        lambda w, strength: (strength * np.abs(w).sum(), np.where(w >= 0, strength, -strength)),
        lambda w, strength: (strength * np.abs(w).sum(), strength * np.tanh(w)),
        lambda w, strength: (strength * np.abs(w).sum(), strength * (w > 0)),
        lambda w, strength: (strength * np.abs(w), strength * np.sign(w)),
        lambda w, strength: (strength * np.count_nonzero(w), strength * np.sign(w)),
        lambda w, strength: (strength * np.sqrt(np.sum(w**2)), strength * np.sign(w)),
        lambda w, strength: (strength * np.abs(w).sum(), strength * np.sign(np.sum(w))),
        lambda w, strength: (strength * np.maximum(w, 0).sum(), strength * np.sign(w)),
        lambda w, strength: (strength * np.abs(w).sum(), strength * w / (np.abs(w) + 0.01)),
        lambda w, strength: (strength * np.abs(w).sum(), 2 * strength * np.sign(w)),
    ],
    "max_norm": [
        lambda w, c: w * np.minimum(1, np.sqrt(c) / np.linalg.norm(w)),
        lambda w, c: w * np.minimum(1, c / np.max(np.abs(w), axis=0)),
        lambda w, c: w / max(1.0, float(np.linalg.norm(w, 2)) / c**0.5),
        lambda w, c: w,
        lambda w, c: w.T,
        lambda w, c: w * np.minimum(1, np.sqrt(c / np.var(w, axis=0))),
        lambda w, c: w * np.where(np.sum(w * w, axis=0) > c, 0.5, 1),
        lambda w, c: w - np.where(np.sum(w * w, axis=0) > c, np.sqrt(c), 0),
        lambda w, c: w * np.minimum(1, np.sqrt(1 / np.sum(w * w, axis=0))),
        lambda w, c: w * np.minimum(1, 0.99 * np.sqrt(c / np.sum(w * w, axis=0))),
        lambda w, c: np.abs(w) * np.minimum(1, np.sqrt(c / np.sum(w * w, axis=0))),
        lambda w, c: w * np.minimum(1, np.sqrt(c / np.sum(w * w, axis=0) ** 2)),
    ],
    "sgd_weight_decay_step": [
        lambda w, dw, lr, weight_decay: w - lr * dw + weight_decay * w,
        lambda w, dw, lr, weight_decay: w - lr * (dw + weight_decay),
        lambda w, dw, lr, weight_decay: w - lr * (dw + lr * weight_decay * w),
        lambda w, dw, lr, weight_decay: w - lr * weight_decay * (dw + w),
        lambda w, dw, lr, weight_decay: weight_decay * w - lr * dw,
        lambda w, dw, lr, weight_decay: w * np.exp(-lr * weight_decay) - lr * dw,
        lambda w, dw, lr, weight_decay: w - lr * np.sign(dw + weight_decay * w),
        lambda w, dw, lr, weight_decay: (w - lr * dw) / (1 + lr * weight_decay),
        lambda w, dw, lr, weight_decay: w - lr * (dw + weight_decay * w**2),
        lambda w, dw, lr, weight_decay: w - lr * (dw + weight_decay * w) / len(w),
        lambda w, dw, lr, weight_decay: w - lr * (weight_decay * dw + w),
        lambda w, dw, lr, weight_decay: w - weight_decay * (dw + lr * w),
    ],
}


@pytest.mark.parametrize(("name", "wrong"), [(n, f) for n, fs in UNLISTED.items() for f in fs])
def test_an_unlisted_mistake_loses_its_points(name, wrong):
    with pytest.raises(CheckFailed):
        getattr(check, name)(wrong)
    with pytest.raises(CheckFailed):
        getattr(check, name).hidden(wrong, seed=3)


def _passes(forward, x, n_samples, rng):
    return np.stack([forward(x, rng) for _ in range(n_samples)])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda f, x, s: (s.mean(0), s[0].std() * np.ones_like(s[0])),
        lambda f, x, s: (s.mean(0), np.sqrt(s.std(0))),
        lambda f, x, s: (s.mean(0), s.std(0) ** 2 / len(s)),
        lambda f, x, s: (s.mean(0), np.abs(s[-1] - s[0])),
        lambda f, x, s: (s.mean(0), np.zeros_like(s[0])),
        lambda f, x, s: (s.mean(0), s.std(0).mean(0)),
        lambda f, x, s: (s.mean(0).argmax(-1), s.std(0)),
        lambda f, x, s: (s[0], s.std(0)),
        lambda f, x, s: (np.abs(s).mean(0), s.std(0)),
        lambda f, x, s: (s[1:].mean(0), s[1:].std(0)),
        lambda f, x, s: (x @ f.w / 2, s.std(0)),
        lambda f, x, s: np.stack([s.mean(0), s.std(0), s.std(0)]),
    ],
)
def test_an_unlisted_mistake_in_the_spread_loses_its_points(wrong):
    def predict(forward, x, *, n_samples, rng):
        return wrong(forward, x, _passes(forward, x, n_samples, rng))

    with pytest.raises(CheckFailed):
        check.mc_dropout_predict(predict)
    with pytest.raises(CheckFailed):
        check.mc_dropout_predict.hidden(predict, seed=3)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda dout, mask: mask / dout,
        lambda dout, mask: dout + mask,
        lambda dout, mask: dout * mask.mean(),
        lambda dout, mask: dout * mask[0],
        lambda dout, mask: dout * mask[::-1],
        lambda dout, mask: (dout * mask)[mask > 0],
        lambda dout, mask: np.where(mask, dout, 0.1) * mask.max(),
        lambda dout, mask: dout * np.sqrt(mask),
        lambda dout, mask: dout * mask * 1.01,
        lambda dout, mask: np.where(mask > 0, dout, np.nan) * mask.max(),
    ],
)
def test_an_unlisted_mistake_in_backward_loses_its_points(wrong):
    with pytest.raises(CheckFailed):
        check.dropout_backward(wrong, dropout_forward)
    with pytest.raises(CheckFailed):
        check.dropout_backward.hidden(wrong, dropout_forward, seed=3)
