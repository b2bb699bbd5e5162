"""What is read of an archive, and what does a hostile one get?"""

import stat
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest

from autograder.intake import Handed, IntakeStatus, basket, collect

NB = b'{"cells": []}'


def archive(*members: tuple, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of (name, content) pairs, or of (ZipInfo, content) pairs."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


@pytest.fixture
def handed(tmp_path: Path):
    """A function that hands in an archive."""

    def hand_in(content: bytes) -> Handed:
        (tmp_path / "my lab.zip").write_bytes(content)
        return collect(tmp_path)

    return hand_in


def said(found: Handed) -> str:
    (trouble,) = found.troubles
    assert found.files == ()
    return trouble.said


def test_notebooks_in_an_archive_are_found(handed):
    found = handed(
        archive(
            ("a b/Übung.ipynb", NB), ("win\\dows.ipynb", NB), ("x/", b""), ("photo.jpg", b"\xff"),
            ("__MACOSX/._lab.ipynb", NB), ("x/.ipynb_checkpoints/lab.ipynb", NB),
        )
    )  # fmt: skip
    names = [f.name for f in found.files]
    assert names == ["my lab.zip/a b/Übung.ipynb", "my lab.zip/win/dows.ipynb"]
    assert found.others == ("my lab.zip/photo.jpg",) and found.troubles == ()


def test_two_files_of_one_name_are_both_looked_at(handed):
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = archive(("lab.ipynb", NB), ("lab.ipynb", b"{}"))
    assert [f.content for f in handed(content).files] == [NB, b"{}"]


@pytest.mark.parametrize(
    "name", ["../lab.ipynb", "/etc/lab.ipynb", "a/../../lab.ipynb", "..\\lab.ipynb", "C:\\a.ipynb"]
)
def test_paths_that_lead_outside_are_refused(handed, name, tmp_path):
    assert "names a place outside" in said(handed(archive((name, NB))))
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["my lab.zip"]


def test_links_are_refused(handed):
    link = zipfile.ZipInfo("lab.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "is a link" in said(handed(archive((link, "/etc/passwd"))))


def test_archives_in_archives_are_not_opened(handed):
    assert "an archive in an archive" in said(handed(archive(("in.zip", archive(("a", NB))))))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_stopped_are_refused(handed, method):
    assert "unusual way" in said(handed(archive(("lab.ipynb", NB), method=method)))


def test_passwords_are_refused(handed):
    content = bytearray(archive(("lab.ipynb", NB)))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "has a password" in said(handed(bytes(content)))


def test_a_declared_bomb_is_refused(handed):
    found = handed(archive(("lab.ipynb", b" " * (basket.MAX_FILE + 1))))
    assert "is larger than 64 MiB" in said(found)


def test_a_bomb_that_lies_about_its_size_is_stopped(handed):
    content = bytearray(archive(("lab.ipynb", b"{" + b" " * 10_000_000)))
    entry = content.index(b"PK\x01\x02")
    for place in (22, entry + 24):  # the sizes in both headers
        content[place : place + 4] = struct.pack("<I", 10)
    assert "is damaged" in said(handed(bytes(content)))


def test_many_files_that_share_their_bytes_count_each(handed, monkeypatch):
    monkeypatch.setattr(basket, "MAX_TOTAL", 100_000)
    content = archive(*((f"{n}.ipynb", b"{" + b" " * 30_000) for n in range(9)))
    found = handed(content)
    assert len(found.files) == 3 and len(found.troubles) == 6


def test_a_table_of_contents_without_end_is_refused(handed):
    content = archive(*((f"{n}.txt", b"") for n in range(basket.MAX_ENTRIES)))
    assert "too many files" in said(handed(content))


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + b"\0" * 50, b"\xff" * 99])
def test_what_is_no_archive_gets_a_sentence(handed, content):
    found = handed(content)
    assert "no zip archive that can be opened" in said(found)
    assert found.troubles[0].status is IntakeStatus.UNREADABLE


def test_a_damaged_archive_never_raises(handed):
    whole = archive(("lab.ipynb", NB * 20), ("b.ipynb", NB))
    sums = {zlib.crc32(NB * 20), zlib.crc32(NB)}
    for place in range(len(whole)):
        found = handed(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        assert {zlib.crc32(f.content) for f in found.files} <= sums
