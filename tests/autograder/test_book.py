"""Building the book: only when something changed, never with an answer in it."""

import shutil

import pytest

from autograder.book import build_book, html_folder
from autograder.course import Course
from autograder.errors import CourseError
from autograder.leaks import secrets
from autograder.lesson import read_lesson

CONFIG = """
title: A small book
only_build_toc_files: true
execute: {execute_notebooks: cache, exclude_patterns: [labs/*]}
sphinx: {config: {html_copy_source: false}}
"""
TOC = """
format: jb-book
root: index
chapters: [{file: labs/01_small}]
"""
INDEX = """---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3}
---
# A small book

```{code-cell}
print(6 * 7)
```
"""


@pytest.fixture
def course(released, tmp_path) -> Course:
    """A copy of the released lab's course with a book of one page and the lab."""
    root = tmp_path / "course"
    shutil.copytree(released.course.root, root)
    (root / "_config.yml").write_text(CONFIG, encoding="utf-8")
    (root / "book").mkdir()
    (root / "book" / "_toc.yml").write_text(TOC, encoding="utf-8")
    (root / "book" / "index.md").write_text(INDEX, encoding="utf-8")
    return Course(root)


def write_index(course: Course, more: str) -> None:
    (course.root / "book" / "index.md").write_text(INDEX + more, encoding="utf-8")


def test_the_book_is_built_executed_and_built_again_only_when_it_changed(course):
    assert "scanned for answers" in build_book(course)
    page = html_folder(course) / "index.html"
    assert "42" in page.read_text(encoding="utf-8")
    assert (html_folder(course) / "labs" / "01_small.html").is_file()
    assert build_book(course) == "up to date"
    write_index(course, "\nOne more line.\n")
    assert "scanned for answers" in build_book(course)
    assert "One more line." in page.read_text(encoding="utf-8")


def test_a_chapter_that_shows_an_answer_is_refused_every_time(course):
    lesson = read_lesson(course.lab("01_small").lesson)
    secret = next(s for s in sorted(secrets(lesson)) if "hidden" in s)
    write_index(course, f"\n```python\n{secret}\n```\n")
    for _ in range(2):
        with pytest.raises(CourseError, match=r"index\.html shows `check"):
            build_book(course)
        assert not html_folder(course).exists()


def test_a_chapter_that_fails_is_named_with_its_error(course):
    write_index(course, "\n```{code-cell}\n1 / 0\n```\n")
    with pytest.raises(CourseError) as failure:
        build_book(course)
    assert "ZeroDivisionError" in str(failure.value)
    assert "index" in str(failure.value)


def test_a_lab_that_is_not_built_says_what_to_run(course):
    course.lab("01_small").page.unlink()
    with pytest.raises(CourseError, match="Run `autograder build 01_small` first"):
        build_book(course)
