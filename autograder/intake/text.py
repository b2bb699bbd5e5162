"""Bytes to text: encodings, the markers of an unfinished merge, characters not worth keeping."""

import json
import re

_CONFLICT = re.compile(rb"^(<{7}|\|{7}|={7}|>{7})(?:[ \r][^\n]*+)?(?:\n|\Z)", re.MULTILINE)
_NEXT_SIDE = {b"<": "ours", b"|": "base", b"=": "theirs", b">": "both"}
_MAX_CONFLICTS = 10_000
_UNFIT = re.compile("[\x00\ud800-\udfff]")  # NUL and halves of characters


def as_utf8(content: bytes) -> tuple[bytes, str]:
    """The same text in UTF-8 without a byte order mark, and a note where it was in another code.

    ValueError where the bytes are no text: they begin as UTF-16 or UTF-32 and do not go on so.

    >>> as_utf8("{}".encode("utf-16"))
    (b'{}', 'the file was in UTF-16')
    """
    found = json.detect_encoding(content)
    if found.startswith("utf-8"):
        content = content.removeprefix(b"\xef\xbb\xbf")
        if content.isascii() or _is_utf8(content):
            return content, ""
        return content.decode("cp1252", "replace").encode(), "the file was not in UTF-8"
    return content.decode(found).encode(), f"the file was in {found[:6].upper()}"


def sides(content: bytes) -> list[bytes]:
    """Both sides of a text with git's merge markers, one's own first; else the text alone.

    >>> sides(b"a\\n<<<<<<< HEAD\\nmine\\n=======\\ntheirs\\n>>>>>>> main\\nb")
    [b'a\\nmine\\nb', b'a\\ntheirs\\nb']
    """
    if not 1 <= content.count(b"<<<<<<<") <= _MAX_CONFLICTS:
        return [content]
    parts: dict[str, list[bytes]] = {"ours": [], "theirs": []}
    side, start = "both", 0
    for marker in _CONFLICT.finditer(content):
        opens = marker[1].startswith(b"<")
        if opens != (side == "both"):
            continue  # the line under a heading, for one
        for name in parts:
            if side in (name, "both"):
                parts[name].append(content[start : marker.start()])
        side, start = _NEXT_SIDE[marker[1][:1]], marker.end()
    if not start or side != "both":
        return [content]
    return [b"".join([*part, content[start:]]) for part in parts.values()]


def clean(text: str) -> str:
    """Text with \\n at its line ends, and � for what can be neither run nor kept.

    >>> clean("a\\r\\nb\\x00")
    'a\\nb�'
    """
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def same(one: str, other: str) -> bool:
    """True for texts that differ in nothing but space at the ends of lines and around them."""
    return one == other or essence(one) == essence(other)


def essence(text: str) -> str:
    """The text without space at the ends of lines and around it."""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
