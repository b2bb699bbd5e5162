"""Outputs that a candidate sent, taken only in the form that a notebook may have."""

from typing import Any

_MOST, _LONGEST = 1000, 300_000  # outputs and characters of a cell: more than honest ones have
LONGEST_IN_ALL = 10_000_000  # characters of a notebook
_STREAMS = ("stdout", "stderr")


def outputs_in(sent: list[Any], room: int) -> tuple[list[dict[str, Any]], int]:
    """The outputs that are well formed, up to a sensible length; the others are left out.

    room: how many characters of outputs the notebook may still have; what is left comes back, too.
    """
    made = (_output(item) for item in sent[:_MOST] if isinstance(item, dict))
    kept, size, most = [], 0, min(_LONGEST, room)
    for output in filter(None, made):
        size += len(repr(output))
        if size > most:
            break
        kept.append(output)
    return kept, room - min(size, most)


def _output(item: dict[Any, Any]) -> dict[str, Any] | None:
    kind, name = _text(item.get("output_type")), _text(item.get("name"))
    if kind == "stream" and name in _STREAMS:
        return {"output_type": kind, "name": name, "text": _text(item.get("text"))}
    if kind == "error":
        lines = item.get("traceback")
        trace = [_text(line) for line in lines[:_MOST]] if isinstance(lines, list) else []
        name, value = _text(item.get("ename")), _text(item.get("evalue"))
        return {"output_type": kind, "ename": name, "evalue": value, "traceback": trace}
    if kind in ("display_data", "execute_result") and isinstance(item.get("data"), dict):
        data = {_text(mime): _text(value) for mime, value in item["data"].items()}
        number = item.get("execution_count")
        count = {"execution_count": number if isinstance(number, int) else None}
        more = count if kind == "execute_result" else {}
        return {"output_type": kind, "data": data, "metadata": {}, **more}
    return None


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""
