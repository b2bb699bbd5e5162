"""Checks that graded cells call: `check.l2_penalty(l2_penalty)` passes, or fails with a hint."""

from coursekit.check.core import Call, Check, Misconception, Trial
from coursekit.check.dropout import dropout_backward, dropout_forward
from coursekit.check.failure import AnswerRaised, CheckFailed, NotAttempted
from coursekit.check.mc_dropout import mc_dropout_predict
from coursekit.check.penalties import elastic_net_penalty, l1_penalty, l2_penalty
from coursekit.check.weights import max_norm, sgd_weight_decay_step

__all__ = [
    "AnswerRaised",
    "Call",
    "Check",
    "CheckFailed",
    "Misconception",
    "NotAttempted",
    "Trial",
    "dropout_backward",
    "dropout_forward",
    "elastic_net_penalty",
    "l1_penalty",
    "l2_penalty",
    "max_norm",
    "mc_dropout_predict",
    "sgd_weight_decay_step",
]
