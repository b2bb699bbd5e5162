"""A zip archive, read in memory: nothing is unpacked to disk, so its paths lead nowhere.

An archive in an archive is not opened. The limits hold for what really comes out, whatever the
archive declares.
"""

import re
import stat
import zipfile
from io import BytesIO

from autograder.intake.basket import (
    MAX_FILE,
    SNIFF,
    Basket,
    is_noise,
    is_zip,
    may_be_notebook,
)
from autograder.intake.outcome import NotTakenError, refused, shown, unreadable

_ENTRY = b"PK\x01\x02"  # begins each line of an archive's table of contents
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others cannot be stopped while unpacking
_ENCRYPTED = 0x1


def unzip(name: str, content: bytes, basket: Basket) -> None:
    """Put what may be a notebook into the basket; NotTakenError for what is no archive."""
    basket.count(name, content.count(_ENTRY))  # before zipfile makes an object of each
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except Exception:  # zipfile raises what its parts trip over: struct, codecs, arithmetic
        raise unreadable(
            f"{shown(name)} is no zip archive that can be opened. Hand in the notebook itself."
        ) from None
    for member in archive.infolist():
        path = member.filename.replace("\\", "/")
        if not member.is_dir() and not _is_noise(path):
            with basket.trying(path):
                _take(archive, member, f"{name}/{path}", basket)


def _is_noise(path: str) -> bool:
    return any(is_noise(part) for part in path.split("/") if part not in (".", ".."))


def _take(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, basket: Basket) -> None:
    _refuse_tricks(member)
    try:
        with archive.open(member) as file:
            head = file.read(SNIFF)
            if not may_be_notebook(member.filename, head):
                return basket.leave(name, head, file)
            basket.check_size(name, member.file_size)
            return basket.add(name, head + file.read(MAX_FILE))
    except NotTakenError:
        raise
    except Exception:  # as above
        raise unreadable(f"{shown(name)} is damaged. Hand in the notebook itself.") from None


def _refuse_tricks(member: zipfile.ZipInfo) -> None:
    name, path = shown(member.filename), member.filename.replace("\\", "/")
    if path.startswith("/") or ".." in path.split("/") or re.match("[A-Za-z]:", path):
        raise refused(f"{name} names a place outside of its archive. Zip it again.")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise refused(f"{name} is a link. Hand in the file itself.")
    if member.flag_bits & _ENCRYPTED:
        raise refused(f"{name} has a password. Zip it without one.")
    if member.compress_type not in _METHODS:
        raise refused(f"{name} is packed in an unusual way. Zip it again.")
    if is_zip(path):
        raise refused(f"{name} is an archive in an archive. Hand in the notebook itself.")
