"""What is read of a folder, and what is left alone?"""

import json
import os
import pickle
import tracemalloc
from pathlib import Path

import pytest

from autograder.intake import IntakeStatus, basket, collect, files
from tests.autograder.intake.labs import ANSWERS, TEMPLATE, answers, solved, take_in

NB = b'{"cells": []}'


def write(path: Path, content: bytes = NB) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def said(path: Path, **kwargs) -> list[str]:
    return [trouble.said for trouble in collect(path, **kwargs).troubles]


def test_notebooks_are_found_in_folders_of_any_name_and_other_files_are_named(tmp_path):
    names = ["a b/Übung 1.ipynb", "lab.ipynb", "ends.py", "noname", "deep/er/x.IPYNB.txt"]
    for name in names:
        write(tmp_path / name)
    write(tmp_path / "photo.jpg", b"\xff\xd8")
    found = collect(tmp_path)
    assert sorted(f.name for f in found.files) == sorted(names)
    assert {f.content for f in found.files} == {NB}
    assert found.others == ("photo.jpg",) and found.troubles == ()
    assert found == collect(tmp_path)
    assert pickle.loads(pickle.dumps(found)) == found
    assert str(tmp_path) not in repr(found)


def test_a_single_file_is_a_submission(tmp_path):
    assert collect(write(tmp_path / "lab.ipynb")).files[0].content == NB


def test_what_computers_add_is_no_submission(tmp_path):
    for name in (".ipynb_checkpoints/lab.ipynb", "__MACOSX/lab.ipynb", "._lab.ipynb"):
        write(tmp_path / name)
    assert collect(tmp_path) == collect(tmp_path / ".ipynb_checkpoints" / "..")
    assert collect(tmp_path).files == ()


def test_links_are_refused_wherever_they_are(tmp_path):
    secret = write(tmp_path / "secret" / "key.ipynb", b'{"secret"')
    student = tmp_path / "submitted" / "ada" / "lab"
    student.mkdir(parents=True)
    (student / "lab.ipynb").symlink_to(secret)
    (student / "folder").symlink_to(secret.parent)
    (student / "nowhere.ipynb").symlink_to("/nonexistent")
    (student / "self.ipynb").symlink_to("self.ipynb")
    found = collect(student)
    assert found.files == () and len(found.troubles) == 4
    assert all("is a link" in t.said and t.status is IntakeStatus.REFUSED for t in found.troubles)
    (tmp_path / "submitted" / "bob").symlink_to(student.parent)
    assert said(tmp_path / "submitted" / "bob" / "lab", within=tmp_path / "submitted") == [
        "bob is a link. Hand in the file itself."
    ]
    assert said(student / "lab.ipynb") == ["lab.ipynb is a link. Hand in the file itself."]


@pytest.mark.timeout(10)
def test_pipes_and_devices_are_neither_opened_nor_waited_for(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "lab.ipynb")
    assert said(tmp_path) == ["lab.ipynb is no ordinary file. Hand in a notebook."]
    monkeypatch.setattr(os, "open", None)
    assert said(Path("/dev/zero")) == ["zero is no ordinary file. Hand in a notebook."]


@pytest.mark.timeout(10)
def test_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "lab.ipynb")
    asked = iter([write(tmp_path / "other.txt", b"").stat().st_mode])
    checked = files._refuse_what_is_no_file
    monkeypatch.setattr(
        files, "_refuse_what_is_no_file", lambda mode, name: checked(next(asked, mode), name)
    )
    assert said(tmp_path / "lab.ipynb") == ["lab.ipynb is no ordinary file. Hand in a notebook."]


@pytest.mark.parametrize(("function", "part"), [("open", "a.i"), ("scandir", "b")])
def test_what_may_not_be_read_is_no_fault_of_the_student(tmp_path, monkeypatch, function, part):
    write(tmp_path / "a.ipynb")
    write(tmp_path / "b" / "c.ipynb")
    real = getattr(os, function)

    def refuse(path, *args):
        if Path(path).name.startswith(part):
            raise PermissionError(13, "no", str(path))
        return real(path, *args)

    monkeypatch.setattr(os, function, refuse)
    with pytest.raises(PermissionError):
        collect(tmp_path)


def test_a_disk_that_fails_is_no_fault_of_the_student(tmp_path, monkeypatch):
    write(tmp_path / "lab.ipynb")

    def fail(*args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(OSError, match="Input/output"):
        collect(tmp_path)


def test_large_files_are_refused_before_they_are_read(tmp_path):
    with (tmp_path / "hole.ipynb").open("wb") as file:
        file.truncate(10**12)
    with (tmp_path / "weights.pt").open("wb") as file:
        file.truncate(10**12)
    tracemalloc.start()
    found = collect(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert [t.said for t in found.troubles] == [
        "hole.ipynb is larger than 64 MiB. Clear its outputs."
    ]
    assert found.others == ("weights.pt",)


def test_all_files_together_have_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(basket, "MAX_TOTAL", 2 * len(NB))
    for name in "abc":
        write(tmp_path / f"{name}.ipynb")
    found = collect(tmp_path)
    assert len(found.files) == 2 and "beyond the 50 notebooks" in found.troubles[0].said
    monkeypatch.undo()
    monkeypatch.setattr(basket, "MAX_NOTEBOOKS", 1)
    assert len(collect(tmp_path).files) == 1


def test_folders_without_end_are_refused(tmp_path, monkeypatch):
    write(tmp_path / ("d/" * files.MAX_DEPTH + "ok.ipynb"))
    assert len(collect(tmp_path).files) == 1
    write(tmp_path / ("e/" * 30) / "no.ipynb")
    found = collect(tmp_path)
    assert len(found.files) == 1 and "more than 8 folders deep" in found.troubles[0].said


def test_a_folder_with_too_many_files_is_refused(tmp_path):
    for number in range(basket.MAX_ENTRIES - 1):
        (tmp_path / f"{number}.txt").touch()
    (tmp_path / "d").mkdir()
    assert said(tmp_path) == []
    (tmp_path / "d" / "one more").touch()
    assert said(tmp_path) == ["d has too many files. The limit is 1000."]


def test_hostile_names_do_no_harm(tmp_path):
    for name in (b"\xff\xfe.ipynb", b"a\nb\x1b[31m.ipynb", b"x" * 240 + b".ipynb", b"*?[].ipynb"):
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_bytes(NB)
    found = collect(tmp_path)
    assert len(found.files) == 4
    for file in found.files:
        assert file.name.isprintable() and len(file.name) <= 81
        file.name.encode()


def test_nothing_is_written(tmp_path):
    write(tmp_path / "lab.ipynb", b"{")
    before = sorted((p, p.stat().st_mtime_ns) for p in tmp_path.rglob("*"))
    take_in(collect(tmp_path), TEMPLATE)
    assert sorted((p, p.stat().st_mtime_ns) for p in tmp_path.rglob("*")) == before


def test_from_a_folder_to_the_answers(tmp_path):
    write(tmp_path / "ada" / "my lab.ipynb", json.dumps(solved()).encode())
    assert answers(take_in(collect(tmp_path), TEMPLATE)) == ANSWERS
