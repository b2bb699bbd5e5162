"""A lesson is refused unless its tests tell right from wrong."""

import psutil
import pytest

from autograder.errors import CourseError
from autograder.lesson import answers, read_lesson
from autograder.variants import Right
from autograder.verify import load_variants, really_lost, together, verify
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


def test_right_answers_that_lose_points_only_where_they_are_marked_are_refused(lab):
    edit(
        lab.lesson,
        "check.l2_penalty(l2_penalty)\n",
        "check.l2_penalty(l2_penalty)\nassert l2_penalty.__globals__ is globals()\n",
    )
    said = refusal_of(lab)
    assert said.count("\n") == 1  # one sentence for all answers to an exercise
    assert "l2_penalty: the right answer 'solution' has full marks in a notebook" in said
    assert "in another process: AttributeError" in said


def test_a_variant_that_loses_points_only_where_it_is_marked_is_named(lab):
    elsewhere = "if type(get_ipython()).__name__ == 'Shell':\n    del l2_penalty"
    code = f"{read_solution(lab)}\n{elsewhere}"
    append_variant(lab, "RIGHT", f"Right('elsewhere', code={code!r})")
    assert "the right answer 'elsewhere' has full marks in a notebook" in refusal_of(lab)


def test_nothing_runs_on_after_the_answers_were_marked(lab, source):
    before = {*psutil.Process().children()}
    verify(lab, source)
    assert {*psutil.Process().children()} == before


class Marking:
    """Marks in which the answers `apart` lose points when they stand in one notebook."""

    def __init__(self, *apart: str) -> None:
        self.apart = {*apart}

    def lost(self, given):
        return dict.fromkeys(self.apart, "no") if self.apart <= {*given} else {}


def test_answers_that_only_disturb_each_other_are_right():
    given = {"a": ("first", ""), "b": ("second", "")}
    assert really_lost(Marking("a", "b"), given) == {}  # pyright: ignore
    assert really_lost(Marking("a"), given) == {"a": "no"}  # pyright: ignore
    assert really_lost(Marking(), {}) == {}  # pyright: ignore


def test_each_notebook_has_one_answer_to_each_exercise():
    right = {"a": [Right("a1", code="1"), Right("a2", code="2")], "b": [Right("b1", code="3")]}
    assert [*together({"a": "", "b": ""}, right)] == [
        {}, {"a": ("a1", "1"), "b": ("b1", "3")}, {"a": ("a2", "2")},
    ]  # fmt: skip
