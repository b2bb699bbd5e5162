"""Keep hidden tests hidden: their regions, and whatever quotes them."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

MARKER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS)")
MIN_SECRET = 16  # characters without spaces; shorter lines, as `return out`, stand in any code
_UNTOLD = re.compile(r"[\s\"'\\]+")


def without_hidden(source: str) -> str:
    """A cell's lines outside of its regions; a region without an end hides all that follows."""
    return "\n".join(line for line, hidden in _lines(source) if not hidden)


@lru_cache(maxsize=64)
def hidden_lines(sources: tuple[str, ...]) -> frozenset[str]:
    """The lines in the regions of some cells, squeezed, that only those can hold."""
    lines = [line for source in sources for line, hidden in _lines(source) if hidden]
    squeezed = {squeeze(line) for line in lines if not MARKER.search(line)}
    return frozenset(line for line in squeezed if len(line) >= MIN_SECRET)


def quotes_hidden(texts: Iterable[str], secrets: frozenset[str]) -> bool:
    """True where a text holds a secret line or a marker, whatever its spaces and quotes."""
    for text in texts:
        squeezed = squeeze(text)
        if MARKER.search(text) or any(line in squeezed for line in secrets):
            return True
    return False


def squeeze(text: str) -> str:
    """Without spaces, quotes and backslashes, which differ between a notebook, JSON and HTML."""
    return _UNTOLD.sub("", text)


def _lines(source: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is a marker or stands between two."""
    inside = False
    for line in source.split("\n"):
        marker = MARKER.search(line)
        if marker:
            inside = marker.group(1) == "BEGIN"
        yield line, inside or marker is not None
