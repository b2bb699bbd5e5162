"""Drop what grading never looks at from a notebook's JSON, before it is made into objects.

Outputs and attached pictures can have 50 MB; and 64 MB of `[[],[],` would become more than a
gigabyte of lists. So they are cut out of the text, and what is left is small or refused.
"""

import re

_DROPPED = re.compile(rb'"(?:outputs|attachments)"\s*+:\s*+(?=[\[{])')
# A string without an end counts up to the end, or each quote in it would be tried as a beginning.
_TOKEN = re.compile(
    rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
    rb'|\[[^\[\]{}"]*+\]'  # a list of numbers
    rb"|(?P<opens>[\[{])|(?P<closes>[\]}])",
    re.DOTALL,
)

MAX_DROPPED = 20_000
MAX_TOKENS = 3_000_000  # a second or so
MAX_SLIM = 16 * 2**20
MAX_VALUES = 500_000


class TooLargeError(Exception):
    """There is more in the notebook than one can write."""


def slim(content: bytes) -> bytes:
    """UTF-8 JSON with null for outputs and attachments; TooLargeError beyond the limits.

    Inside of a JSON string every quote has a backslash before it, so no text of a cell is cut.

    >>> slim(b'{"outputs": [{"text": "]"}], "source": "\\\\"outputs\\\\": []"}')
    b'{"outputs": null, "source": "\\\\"outputs\\\\": []"}'
    """
    parts, start, tokens = [], 0, 0
    while found := _DROPPED.search(content, start):
        end, used = _end(content, found.end(), MAX_TOKENS - tokens)
        parts += [content[start : found.end()], b"null"]
        start, tokens = end, tokens + used
        if len(parts) > 2 * MAX_DROPPED:
            raise TooLargeError
    parts.append(content[start:])
    left = b"".join(parts)
    values = sum(left.count(sign) for sign in (b",", b"[", b"{"))
    if len(left) > MAX_SLIM or values > MAX_VALUES:
        raise TooLargeError
    return left


def _end(content: bytes, start: int, tokens: int) -> tuple[int, int]:
    """Where the list or object that begins at `start` ends, and how many tokens it took."""
    depth = 0
    for used, token in enumerate(_TOKEN.finditer(content, start)):
        if used == tokens:
            raise TooLargeError
        depth += (token.lastgroup == "opens") - (token.lastgroup == "closes")
        if depth == 0:
            return token.end(), used
    return len(content), 0  # cut off in the middle; the JSON parser will say so
