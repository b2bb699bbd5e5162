"""Which names a text defines at its top level, and where: without parsing it as Python.

Python's own parser is not for texts that were handed in: one cell can make it use up the stack or
the time of the grader, and it says nothing of a cell with a mistake in it. A scan of the lines
takes a time that grows with the text and no faster, and reads broken cells as well.
"""

import re

_OPAQUE = re.compile(
    r"(?P<long>\"\"\"|''')(?:[^\\\"']++|\\.|(?!(?P=long)).)*+(?:(?P=long)|\\?\Z)"
    r"|\"(?:[^\\\"\n]++|\\.)*+\"?"
    r"|'(?:[^\\'\n]++|\\.)*+'?"
    r"|\#[^\n]*+",
    re.DOTALL,
)
_BLOCK = re.compile(r"(?:async[ \t]++)?def\b|class\b|@")
_INSIDE = ("", " ", "\t", ")", "]", "}")  # begin lines that belong to the statement above
_START = re.compile(
    r"(?:async[ \t]++)?def[ \t]++(\w++)|class[ \t]++(\w++)|(\w++)[ \t]*+(?::[^=\n]*+)?=(?!=)"
)


def statements(text: str) -> list[tuple[str, str]]:
    """The name that each top-level statement defines, or "", and its text with its decorators.

    >>> statements("x = 1\\n@cache\\ndef f(\\n    y\\n):\\n    return 0\\n\\nf(x)  # 2\\n# 3")
    [('x', 'x = 1'), ('f', '@cache\\ndef f(\\n    y\\n):\\n    return 0'), ('', 'f(x)  # 2\\n# 3')]
    """
    lines, plain = text.split("\n"), _OPAQUE.sub(_blank, text).split("\n")
    starts = _starts(plain)
    found, decorators = [], None
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        first = start if decorators is None else decorators
        if plain[start].startswith("@"):
            decorators = first
            continue
        match = _START.match(plain[start])
        name = next((n for n in match.groups() if n), "") if match else ""
        found.append((name, "\n".join(lines[first:end]).rstrip()))
        decorators = None
    return found


def definition(text: str, names: frozenset[str]) -> str:
    """The top-level statements that define one of the names; "" where there is none."""
    return "\n".join(part for name, part in statements(text) if name in names)


def _starts(plain: list[str]) -> list[int]:
    """The lines where statements begin: a `def` does so even where a bracket was left open."""
    found, depth = [], 0
    for number, line in enumerate(plain):
        if line[:1] not in _INSIDE and (depth <= 0 or _BLOCK.match(line)):
            found.append(number)
            depth = 0
        depth += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
    return found


def _blank(opaque: re.Match[str]) -> str:
    """Spaces for strings and comments, on as many lines."""
    return re.sub(r"[^\n]+", " ", opaque[0])
