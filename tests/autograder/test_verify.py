"""A lesson is refused unless its tests tell right from wrong."""

import pytest

from autograder.errors import CourseError
from autograder.lesson import answers, read_lesson
from autograder.verify import load_variants, verify
from tests.autograder.conftest import edit


def refusal_of(lab) -> str:
    with pytest.raises(CourseError) as refusal:
        verify(lab, read_lesson(lab.lesson))
    return str(refusal.value)


def append_variant(lab, table: str, text: str) -> None:
    with lab.variants.open("a", encoding="utf-8") as file:
        file.write(f"\n{table}['l2_penalty'].append({text})\n")


def test_a_good_lesson_passes_and_counts_its_answers(lab, source):
    variants = load_variants(lab)
    counted = len(variants.WRONG["l2_penalty"]) + len(variants.RIGHT["l2_penalty"])
    assert verify(lab, source) == counted + 2  # the solution and the untouched cell


def test_a_wrong_answer_that_keeps_its_points_is_refused(lab):
    body = "weight_decay * (w * w).sum() / 2, weight_decay * w"
    code = f"def l2_penalty(w, *, weight_decay):\n    return {body}"
    append_variant(lab, "WRONG", f"Wrong('fine_really', word='x', code={code!r})")
    assert "the wrong answer 'fine_really' keeps its points" in refusal_of(lab)


def test_a_wrong_answer_with_another_mistakes_hint_is_refused(lab):
    variants = load_variants(lab)
    second = variants.WRONG["l2_penalty"][1]
    code = second.apply(read_solution(lab))
    append_variant(lab, "WRONG", f"Wrong('misnamed', word='x', code={code!r})")
    assert f"the wrong answer 'misnamed' is told about '{second.name}'" in refusal_of(lab)


def test_a_hint_without_its_word_is_refused(lab):
    with lab.variants.open("a", encoding="utf-8") as file:
        file.write("\nimport dataclasses\nW = WRONG['l2_penalty']\n")
        file.write("W[0] = dataclasses.replace(W[0], word='no such word')\n")
    assert "lacks the word 'no such word'" in refusal_of(lab)


def test_a_right_answer_that_loses_its_points_is_refused(lab):
    code = "def l2_penalty(w, *, weight_decay):\n    return 0.0, w"
    append_variant(lab, "RIGHT", f"Right('not_right', code={code!r})")
    assert "the right answer 'not_right' loses its points" in refusal_of(lab)


def test_a_solution_that_fails_its_own_tests_is_refused(lab):
    edit(
        lab.lesson,
        "    ### BEGIN SOLUTION",
        "    weight_decay = 2 * weight_decay\n    ### BEGIN SOLUTION",
    )
    assert "the right answer 'solution' loses its points" in refusal_of(lab)


def test_too_few_variants_are_refused(lab):
    with lab.variants.open("a", encoding="utf-8") as file:
        file.write("\nRIGHT['l2_penalty'] = RIGHT['l2_penalty'][:2]\n")
    assert "2 right variants, expected at least 3" in refusal_of(lab)


def test_a_variant_that_is_there_twice_is_refused(lab):
    with lab.variants.open("a", encoding="utf-8") as file:
        file.write("\nRIGHT['l2_penalty'] *= 2\n")
    assert "is there twice" in refusal_of(lab)


def test_an_edit_that_finds_nothing_is_refused(lab):
    append_variant(lab, "WRONG", "Wrong('lost', word='x', edit=('not in the solution', ''))")
    assert "expected its text 'not in the solution' once" in refusal_of(lab)


def test_variants_of_no_exercise_are_refused(lab):
    with lab.variants.open("a", encoding="utf-8") as file:
        file.write("\nRIGHT['l3_penalty'] = []\n")
    assert "'l3_penalty', which is no exercise" in refusal_of(lab)


def test_tests_that_pass_untouched_are_refused(lab):
    edit(lab.lesson, "check.l2_penalty(l2_penalty)\n", "assert l2_penalty\n")
    text = lab.lesson.read_text(encoding="utf-8")
    start, end = text.index("check.l2_penalty.hidden"), text.index("### END HIDDEN")
    lab.lesson.write_text(
        text[:start] + "assert callable(l2_penalty)\n" + text[end:], encoding="utf-8"
    )
    assert "an untouched cell gets the points" in refusal_of(lab)


def test_tests_that_write_to_stderr_are_refused(lab):
    edit(
        lab.lesson,
        "### BEGIN HIDDEN TESTS",
        "import sys\nprint('!', file=sys.stderr)\n### BEGIN HIDDEN TESTS",
    )
    assert "writes to stderr, which costs the mark" in refusal_of(lab)


def test_a_lesson_without_variants_is_refused(lab):
    lab.variants.unlink()
    assert "has no variants.py" in refusal_of(lab)


def test_a_free_cell_may_show_a_value_and_write_to_stderr(lab):
    with lab.lesson.open("a", encoding="utf-8") as file:
        file.write("\n# %%\nimport sys\n\nprint('hm', file=sys.stderr)\n1 + 1\n")
    assert verify(lab, read_lesson(lab.lesson)) > 0


def test_a_free_cell_that_fails_is_refused(lab):
    with lab.lesson.open("a", encoding="utf-8") as file:
        file.write("\n# %%\n1 / 0\n")
    assert "A cell of the lesson fails: ZeroDivisionError" in refusal_of(lab)


def test_an_answer_sees_no_name_of_another_answer(lab):
    helper = "_secret = 1\n"
    right = "def l2_penalty(w, *, weight_decay):\n    _secret\n    return 0.0, w"
    append_variant(lab, "RIGHT", f"Right('first', code={helper + read_solution(lab)!r})")
    append_variant(lab, "RIGHT", f"Right('second', code={right!r})")
    assert "NameError: name '_secret' is not defined" in refusal_of(lab)


@pytest.mark.parametrize("text", ["def", "1 / 0", "WRONG['l2_penalty'] = None", "RIGHT = []"])
def test_variants_that_do_not_run_or_are_no_variants_are_refused(lab, text):
    with lab.variants.open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    assert str(lab.variants) in refusal_of(lab)


def read_solution(lab) -> str:
    return answers(read_lesson(lab.lesson))["l2_penalty"]
