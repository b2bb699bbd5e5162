"""What a check says about answers that do not compute, and what it puts up with."""

import dataclasses
import sys
import warnings

import numpy as np
import pytest

from coursekit import check
from coursekit.check import AnswerRaised, CheckFailed, Misconception, NotAttempted
from coursekit.check.core import IN_PLACE_HINT
from coursekit.numpy_ref import l2_penalty, max_norm


def _failure(call, *args, **kwargs) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        call(*args, **kwargs)
    return failure.value


def test_an_untouched_cell_is_not_implemented_yet():
    def stub(w, *, weight_decay):
        raise NotImplementedError()

    failure = _failure(check.l2_penalty, stub)
    assert isinstance(failure, NotAttempted)
    assert "not implemented yet" in str(failure)


def test_returning_nothing_asks_for_a_return():
    assert "is there a `return`?" in str(_failure(check.l2_penalty, lambda w, weight_decay: None))
    assert "is there a `return`?" in str(_failure(check.max_norm, lambda w, c: None))


def test_the_cell_that_defines_the_function_must_have_run():
    assert "Run the cell" in str(_failure(check.l2_penalty, None))


def test_an_exception_becomes_one_sentence_without_a_traceback():
    failure = _failure(check.max_norm, lambda w, c: w @ w[:1])
    assert isinstance(failure, AnswerRaised)
    assert "your code raised ValueError" in str(failure)
    assert "c=" in str(failure) and "Traceback" not in str(failure)
    assert failure._render_traceback_() == [f"AnswerRaised: {failure}"]


def test_an_exception_in_a_hidden_check_does_not_show_the_case():
    failure = _failure(check.max_norm.hidden, lambda w, c: w @ w[:1], seed=1)
    assert "your code raised ValueError" in str(failure)
    assert "c=" not in str(failure) and "array(" not in str(failure)


def test_leaving_the_interpreter_fails_the_check_and_not_the_kernel():
    failure = _failure(check.max_norm, lambda w, c: sys.exit())
    assert "SystemExit" in str(failure)


def test_warnings_and_noise_on_stderr_cost_nothing(capsys):
    def noisy(w, *, weight_decay):
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        print("here", file=sys.stderr)
        _ = np.zeros(1) / np.zeros(1)
        return l2_penalty(w, weight_decay=weight_decay)

    check.l2_penalty(noisy)
    check.l2_penalty.hidden(noisy, seed=3)
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out == "l2_penalty: all visible checks passed.\n"


def test_changing_an_input_is_named():
    def in_place(w, *, c):
        w[...] = max_norm(w, c=c)
        return w

    for failure in (
        _failure(check.max_norm, in_place),
        _failure(check.max_norm.hidden, in_place, seed=1),
    ):
        assert failure.misconception == "in_place" and IN_PLACE_HINT in str(failure)


def test_a_visible_message_shows_expected_and_got():
    message = str(_failure(check.max_norm, lambda w, c: w + 1))
    assert "w[0, 0]: expected " in message and ", got " in message


def test_an_answer_right_for_the_visible_seed_alone_fails_the_hidden_check():
    rng = np.random.default_rng(0)
    seen = [check.l2_penalty.draw(rng) for _ in range(6)]

    def memorised(w, *, weight_decay):
        known = any(np.array_equal(w, c.args[0]) for c in seen)
        return l2_penalty(w, weight_decay=weight_decay) if known else (0.0, w * 0)

    check.l2_penalty(memorised)
    assert "hidden case" in str(_failure(check.l2_penalty.hidden, memorised, seed=1))


def test_the_hidden_check_probes_all_but_the_functions_that_have_just_passed():
    asked = []
    probe = Misconception("odd", "It is odd.", probe=lambda function: bool(asked.append(function)))
    probed = dataclasses.replace(check.l2_penalty, misconceptions=(probe,))

    def twin(w, *, weight_decay):
        return l2_penalty(w, weight_decay=weight_decay)

    probed.hidden(twin, seed=1)
    probed(twin)
    assert asked == [twin, twin]
    probed.hidden(twin, seed=1)
    assert asked == [twin, twin]
    probed.hidden(l2_penalty, seed=1)
    assert asked == [twin, twin, l2_penalty]


def test_a_hint_of_an_unknown_name_lists_the_known_ones():
    with pytest.raises(KeyError, match="no_half"):
        check.l2_penalty.hint("nothing")


def test_a_misconception_needs_exactly_one_way_to_be_recognised():
    with pytest.raises(ValueError, match="exactly one"):
        Misconception("nothing", "hint")
    with pytest.raises(ValueError, match="exactly one"):
        Misconception("both", "hint", gives=max, probe=lambda f: True)


def test_the_first_misconception_with_the_wrong_answers_is_reported():
    tiny = check.Check(
        name="double",
        reference=lambda x: 2 * x,
        draw=lambda rng: check.Call((rng.normal(size=3),), {}),
        returns=("y",),
        misconceptions=(
            Misconception("triple", "three", lambda x: 3 * x),
            Misconception("square", "squared", lambda x: x * x),
        ),
    )
    assert _failure(tiny, lambda x: x * x).misconception == "square"
    assert _failure(tiny, lambda x: x**3).misconception is None
