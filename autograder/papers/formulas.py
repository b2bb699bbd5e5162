"""Formulas that need no script: TeX becomes MathML while the page is made."""

from functools import lru_cache
from html import escape

from math_core import LatexError, LatexToMathML

# The converter recurses in C for each of these, and a full stack would end the grader.
_NESTING = "{\\^_[&"
_DEEPEST = 100
_LONGEST = 1_000
# A student's macros are refused: a few of them make a formula of any size and depth.
_CONVERTER = LatexToMathML(max_expansions=0, fancy_error=False)


@lru_cache(maxsize=512)
def formula(tex: str, *, display: bool) -> str:
    r"""MathML, or the TeX itself where it is no formula, or one too large.

    >>> formula("x^2", display=False)
    '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
    >>> formula(r"\oops", display=False)
    '<code>$\\oops$</code>'
    """
    if len(tex) <= _LONGEST and sum(map(tex.count, _NESTING)) <= _DEEPEST:
        try:
            return _CONVERTER.convert_with_local_state(tex, displaystyle=display)
        except LatexError:
            pass  # shown as it was typed
    dollars = "$$" if display else "$"
    return f"<code>{escape(dollars + tex + dollars)}</code>"
