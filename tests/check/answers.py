"""The lab's answers as functions: its solution, and the variants that must be told apart."""

import functools
import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np

from autograder.lesson import read_lesson, solution_cells
from autograder.variants import Right, Wrong
from coursekit import check
from coursekit.check import Check

LAB = Path(__file__).parents[2] / "notebooks" / "09_regularization"


@functools.cache
def solutions() -> dict[str, str]:
    """The source of each solution cell, by exercise."""
    return {n: c.source for n, c in solution_cells(read_lesson(LAB / "lesson.py")).items()}


def variants(kind: str) -> list[tuple[str, Wrong | Right]]:
    """All (exercise, variant) of WRONG or RIGHT."""
    spec = importlib.util.spec_from_file_location("variants_of_09", LAB / "variants.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [(name, v) for name, found in getattr(module, kind).items() for v in found]


def answer(exercise: str, code: str) -> Callable:
    """The function that `code` defines, in a notebook whose other exercises are solved."""
    names: dict = {"np": np}
    for source in (*solutions().values(), code):
        exec(source, names)
    return names[exercise]


def given(exercise: str) -> list[Callable]:
    """What the exercise's check is handed besides the answer."""
    if exercise != "dropout_backward":
        return []
    return [answer("dropout_forward", solutions()["dropout_forward"])]


def check_of(exercise: str) -> Check:
    """The check of an exercise."""
    return getattr(check, exercise)
