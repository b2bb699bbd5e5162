"""book/references.bib: complete, and holding every key that pages and docstrings cite."""

import re
from pathlib import Path

import pytest
from bibtexparser.entrypoint import parse_file

ROOT = Path(__file__).parents[2]
LIBRARY = parse_file(str(ROOT / "book" / "references.bib"), encoding="utf-8")
PAGES = sorted((ROOT / "book").glob("*.md"))
MODULES = sorted((ROOT / "coursekit").rglob("*.py"))
LESSONS = sorted((ROOT / "notebooks").glob("*/lesson.py"))
WHERE = {"article": "journal", "inproceedings": "booktitle", "book": "publisher"}

ROLE = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
DOCSTRING = re.compile(r"^\s*References: ([\w, ]+?)\s*$", re.MULTILINE)


def cited(path: Path, pattern: re.Pattern) -> set[str]:
    found = pattern.findall(path.read_text(encoding="utf-8"))
    return {key.strip() for keys in found for key in keys.split(",")}


def test_the_bibliography_parses():
    assert LIBRARY.failed_blocks == []
    assert LIBRARY.entries


def test_keys_are_unique_and_sorted():
    keys = [entry.key for entry in LIBRARY.entries]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("entry", LIBRARY.entries, ids=lambda entry: entry.key)
def test_an_entry_is_complete(entry):
    needed = {"author", "title", "year", WHERE.get(entry.entry_type, "howpublished")}
    assert {name for name in needed if not entry.get(name)} == set()
    assert entry.key.endswith(str(entry["year"]))


@pytest.mark.parametrize(
    "path", PAGES + LESSONS, ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_what_a_page_cites_is_in_the_bibliography(path):
    assert cited(path, ROLE) - set(LIBRARY.entries_dict) == set()


def test_chapters_cite():
    for path in (ROOT / "book").glob("[0-9]*.md"):
        assert cited(path, ROLE), f"{path.name} cites nothing."


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_docstring_cites_is_in_the_bibliography(path):
    assert cited(path, DOCSTRING) - set(LIBRARY.entries_dict) == set()


def test_docstrings_cite():
    keys = set().union(*(cited(path, DOCSTRING) for path in MODULES))
    assert "srivastava2014" in keys


def test_nothing_in_the_bibliography_is_left_over():
    used = set().union(*(cited(path, ROLE) for path in PAGES + LESSONS))
    used |= set().union(*(cited(path, DOCSTRING) for path in MODULES))
    assert sorted(set(LIBRARY.entries_dict) - used) == []
