"""The state of a run in one file: NumPy's .npz, with JSON for what is not an array; no pickle."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

TREE = "tree"


def save_state(path: str | Path, state: Any) -> None:
    """Write dicts, lists, tuples, numbers, strings, None and arrays, nested, to one file.

    The file appears whole or not at all: it is written under another name, then renamed.
    Raises TypeError for anything else, OSError if the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_state(f"{folder}/a.npz", {"w": np.ones(2), 3: (None, 0.5)})
    ...     load_state(f"{folder}/a.npz")
    {'w': array([1., 1.]), 3: (None, 0.5)}
    """
    path, arrays = Path(path), []
    tree = np.frombuffer(json.dumps(_pack(state, arrays)).encode(), np.uint8)
    part = path.with_name(f"{path.name}.part")  # left by a kill, it is overwritten next time
    try:
        with part.open("wb") as file:
            named = {str(i): array for i, array in enumerate(arrays)}
            np.savez(file, allow_pickle=False, **{TREE: tree}, **named)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_state(path: str | Path) -> Any:
    """Read what `save_state` wrote. Raises ValueError if the file is damaged or something else."""
    with Path(path).open("rb") as stream:
        try:
            with np.load(stream, allow_pickle=False) as file:
                return _unpack(json.loads(bytes(file[TREE])), file)
        except Exception as error:  # one wrong byte in a zip file can raise nearly anything
            raise ValueError(
                f"load_state: {path} cannot be read. Expected a file that save_state wrote, got "
                f"{type(error).__name__}. Delete it to start anew."
            ) from error


def _pack(node: Any, arrays: list[np.ndarray]) -> Any:
    """The node in JSON; arrays go into the list, their places into the JSON."""
    if isinstance(node, np.ndarray) and not node.dtype.hasobject:
        arrays.append(node)
        return {"array": len(arrays) - 1}
    if isinstance(node, dict):
        return {"dict": [[_pack(k, arrays), _pack(v, arrays)] for k, v in node.items()]}
    if isinstance(node, list | tuple):
        kind = "tuple" if isinstance(node, tuple) else "list"
        return {kind: [_pack(child, arrays) for child in node]}
    if isinstance(node, np.generic) and not isinstance(node.item(), np.generic):
        return _pack(node.item(), arrays)
    if node is None or isinstance(node, bool | int | float | str):
        return node
    raise TypeError(
        "save_state: this cannot be saved. Expected numbers, strings, arrays, None, lists and "
        f"dicts of them, got {type(node).__name__}."
    )


def _unpack(node: Any, file: Any) -> Any:
    if not isinstance(node, dict):
        return node
    ((kind, content),) = node.items()
    if kind == "array":
        return file[str(content)]
    if kind == "dict":
        return {_unpack(k, file): _unpack(v, file) for k, v in content}
    children = [_unpack(child, file) for child in content]
    return tuple(children) if kind == "tuple" else children
