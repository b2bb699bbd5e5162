"""What counts as a change."""

import os

import pytest

from autograder.stamps import Stamp, fingerprint


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "package"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "a.py").write_text("1", encoding="utf-8")
    return folder


def test_a_fingerprint_follows_content_and_names(folder):
    before = fingerprint([folder])
    (folder / "a.py").write_text("2", encoding="utf-8")
    changed = fingerprint([folder])
    (folder / "a.py").rename(folder / "b.py")
    assert len({before, changed, fingerprint([folder])}) == 3


def test_compiled_files_do_not_count(folder):
    before = fingerprint([folder])
    (folder / "__pycache__" / "a.pyc").write_text("x", encoding="utf-8")
    assert fingerprint([folder]) == before


def test_a_step_is_current_until_its_inputs_or_outputs_change(tmp_path):
    output = tmp_path / "out"
    stamp = Stamp(tmp_path / "stamps" / "step", "key", [output])
    assert not stamp.is_current()
    output.write_text("1", encoding="utf-8")
    stamp.write()
    assert stamp.is_current()
    assert not Stamp(tmp_path / "stamps" / "step", "other key", [output]).is_current()
    output.write_text("2", encoding="utf-8")
    assert not stamp.is_current()
    output.unlink()
    assert not stamp.is_current()


def test_names_that_are_not_utf8_and_links_do_no_harm(folder):
    before = fingerprint([folder])
    (folder / os.fsdecode(b"\xff.txt")).write_text("1", encoding="utf-8")
    changed = fingerprint([folder])
    assert changed != before
    (folder / "link").symlink_to("/nowhere")
    assert fingerprint([folder]) == changed
