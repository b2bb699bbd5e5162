"""Make text harmless: what is written, shown or rendered here can run nothing and load nothing."""

import base64
import binascii
import re

import nh3
from pygments.token import STANDARD_TYPES

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_OVERWRITTEN = re.compile(r"(?m)^[^\n]*\r(?=[^\n\r])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_ACTIVE_SVG = re.compile(r"<!ENTITY|<script|<foreignObject|<iframe|\bon\w+\s*=|javascript:", re.I)
_SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}

_MATHML = {
    *("math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded"),
    *("mphantom", "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub"),
    *("msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover"),
}
_HTML = {
    *("a", "b", "blockquote", "br", "caption", "code", "dd", "del", "div", "dl", "dt", "em"),
    *("h3", "h4", "h5", "h6", "hr", "i", "kbd", "li", "ol", "p", "pre", "s", "span", "strong"),
    *("sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
_CELL = {"style", "colspan", "rowspan"}
_POLICY = nh3.Cleaner(
    tags=_HTML | _MATHML,
    clean_content_tags={"script", "style", "svg", "template", "title", "iframe", "noscript"},
    attributes={
        "a": {"href"},
        "td": _CELL,
        "th": _CELL,
        "ol": {"start"},
        "math": {"display"},
        "mfrac": {"linethickness"},
        "mi": {"mathvariant"},
        "mo": {"stretchy", "lspace", "rspace", "fence", "separator", "form", "symmetric"}
        | {"largeop", "movablelimits", "minsize", "maxsize"},
        "mspace": {"width"},
        "mstyle": {"displaystyle", "scriptlevel"},
        "mtable": {"displaystyle", "scriptlevel"},
        "mtd": {"style"},
        "mover": {"accent"},
        "munder": {"accentunder"},
        "munderover": {"accent", "accentunder"},
        "menclose": {"notation"},
    },
    allowed_classes={"span": set(STANDARD_TYPES.values()) - {""}},
    filter_style_properties={"text-align", "padding-left", "padding-right"},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)


def inert_html(html: str) -> str:
    """Balanced HTML and MathML of a few tags: no script, picture, style, form, frame or id."""
    return _POLICY.clean(html)


def untagged(markup: str) -> str:
    """Markdown, TeX or raw text without tags, pictures and links: a space parts what makes one."""
    parted = _TAG_START.sub("< ", markup).replace("![", "! [")
    return parted.replace("](", "] (").replace("]:", "] :").replace("][", "] [")


def unicode_text(text: str) -> str:
    """The text, which can be written as UTF-8: half a surrogate pair becomes `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def as_on_a_terminal(text: str) -> str:
    """Without escape sequences and control characters; a line rewritten shows its last state."""
    text = _ANSI.sub("", text.replace("\r\n", "\n"))
    return _CONTROL.sub("", _OVERWRITTEN.sub("", text))


def image_data(mime: str, data: str) -> str | None:
    """A picture's base64 without spaces, or None where it is not what its type says."""
    joined = "".join(data.split())
    try:
        content = base64.b64decode(joined, validate=True)
    except (binascii.Error, ValueError):
        return None
    return joined if content.startswith(_SIGNATURES[mime]) else None


def inert_svg(svg: str) -> str | None:
    """The drawing, to be shown as a picture; None where anything in it could act."""
    is_drawing = "<svg" in svg and "http://www.w3.org/2000/svg" in svg
    return svg if is_drawing and not _ACTIVE_SVG.search(svg) else None
