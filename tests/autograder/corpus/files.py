"""Files that are not as they should be: by accident, or made to be a bomb."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from autograder.intake import Handed
from autograder.results import Status
from tests.autograder.corpus.case import (
    L2,
    SMALL,
    WRONG,
    Case,
    Make,
    Notebook,
    changed,
    code,
    of_bytes,
    of_exercise,
    on_disk,
)

LOST = (L2,)
_BAD, _NO = Status.UNREADABLE, Status.REFUSED
_REPAIRED = Status.REPAIRED
_SOURCE = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def raw(change: Callable[[bytes], bytes]) -> Make:
    """The bytes of the notebook after a change."""
    return lambda nb, folder: of_bytes(change(json.dumps(nb).encode()))


def zipped(*names: str, content: bytes | None = None, times: int = 1) -> Make:
    """A zip archive of the notebook under these names."""

    def make(nb: Notebook, folder: Path) -> Handed:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, (content or json.dumps(nb).encode()) * times)
        return on_disk(lambda f, _: (f / "lab.zip").write_bytes(data.getvalue()))(nb, folder)

    return make


def _tests(nb: Notebook) -> Notebook:
    return next(c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade"))


def _solution(nb: Notebook) -> Notebook:
    return next(filter(of_exercise, nb["cells"]))


def _write(folder: Path, nb: Notebook, name: str = "lab.ipynb") -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(nb), encoding="utf-8")


def _edited_tests(nb: Notebook) -> None:
    _tests(nb)["source"] = "2"


def _more_points(nb: Notebook) -> None:
    _tests(nb)["metadata"]["nbgrader"]["points"] = 1000


def _unlocked(nb: Notebook) -> None:
    _tests(nb)["metadata"]["nbgrader"].update(locked=False, solution=True, grade=False)


def _tests_are_text(nb: Notebook) -> None:
    _tests(nb)["cell_type"] = "markdown"


def _without_tests(nb: Notebook) -> None:
    nb["cells"].remove(_tests(nb))


def _tests_twice(nb: Notebook) -> None:
    nb["cells"].append({**_tests(nb), "source": "2"})


def _own_tests(nb: Notebook) -> None:
    extra = {**_tests(nb), "id": "mine", "source": "100"}
    extra["metadata"] = {"nbgrader": {**extra["metadata"]["nbgrader"], "grade_id": "mine"}}
    nb["cells"].append(extra)


def _out_of_order(nb: Notebook) -> None:
    nb["cells"].reverse()


def _answer_twice(nb: Notebook) -> None:
    nb["cells"].insert(0, {**_solution(nb), "source": WRONG})


def _no_metadata(nb: Notebook) -> None:
    for cell in nb["cells"]:
        cell["metadata"] = {}


def _no_ids(nb: Notebook) -> None:
    for cell in nb["cells"]:
        cell.pop("id", None)
    nb["nbformat_minor"] = 4


def _another_kernel(nb: Notebook) -> None:
    nb["metadata"] = {"kernelspec": {"name": "../../evil", "language": "R", "display_name": "x"}}


def _schema(version: object) -> Make:
    def change(nb: Notebook) -> None:
        for cell in nb["cells"]:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"]["schema_version"] = version

    return changed(change)


def _source(value: object) -> Make:
    return changed(lambda nb: _solution(nb).update(source=value))


def _merged(nb: Notebook, folder: Path) -> Handed:
    text = json.dumps(nb, indent=1)
    line = next(x for x in text.splitlines() if "weight_decay * np.sum" in x)
    both = f"<<<<<<< HEAD\n{line}\n=======\n{line}\n>>>>>>> main"
    return of_bytes(text.replace(line, both).encode())


def _version_3(nb: Notebook) -> None:
    cells = nb.pop("cells")
    for cell in cells:
        if cell["cell_type"] == "code":
            cell.update(input=cell.pop("source"), language="python", prompt_number=1)
            cell.pop("execution_count", None)
    nb.update(worksheets=[{"cells": cells, "metadata": {}}], nbformat=3, nbformat_minor=0)


def _many(count: int, text: str = "pass") -> Make:
    return changed(lambda nb: nb["cells"].extend(code(text) for _ in range(count)))


def _outputs(text: str, times: int) -> Make:
    output = {"output_type": "stream", "name": "stdout", "text": text}
    return changed(lambda nb: nb["cells"][-1].update(outputs=[output] * times))


def _deep(levels: int) -> Make:
    deep = b'{"cells":' + b"[" * levels + b"]" * levels + b"}"
    return raw(lambda _: deep)


def _link(folder: Path, nb: Notebook) -> None:
    _write(folder.parent, nb, "elsewhere.ipynb")
    (folder / "lab.ipynb").symlink_to(folder.parent / "elsewhere.ipynb")


def _pipe(folder: Path, nb: Notebook) -> None:
    os.mkfifo(folder / "lab.ipynb")


def _folders(folder: Path, nb: Notebook) -> None:
    _write(folder, nb, "a b/ünï cödé/my lab (1) FINAL.ipynb")


def _both(folder: Path, nb: Notebook) -> None:
    _write(folder, nb, f"{SMALL} (2).ipynb")
    _solution(nb)["source"] = WRONG
    _write(folder, nb, f"{SMALL}.ipynb")


def _nested_zip(folder: Path, nb: Notebook) -> None:
    inner = b""
    for _ in range(5):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("lab.zip" if inner else "lab.ipynb", inner or json.dumps(nb))
        inner = data.getvalue()
    (folder / "lab.zip").write_bytes(inner)


def case(name: str, make: Make, status: Status = _REPAIRED, lost: tuple[str, ...] = ()) -> Case:
    """A case that is about its file."""
    return Case(f"file: {name}", status=status, lost=lost, make=make)


CASES = [
    case("an edited test cell", changed(_edited_tests)),
    case("more points for the test cell", changed(_more_points)),
    case("an unlocked test cell", changed(_unlocked)),
    case("a test cell that is text now", changed(_tests_are_text)),
    case("no test cell", changed(_without_tests)),
    case("two test cells", changed(_tests_twice)),
    case("a test cell of its own", changed(_own_tests), _NO, LOST),
    case("cells in reverse order", changed(_out_of_order)),
    case("an answer that is there twice", changed(_answer_twice)),
    case("no metadata", changed(_no_metadata)),
    case("no cell ids", changed(_no_ids), Status.GRADED),
    case("another kernel", changed(_another_kernel)),
    case("no schema version", _schema(None)),
    case("a schema version of the future", _schema(99)),
    case("a schema version that is none", _schema([{}])),
    case("merge markers", _merged),
    case("a notebook of version 3", changed(_version_3), Status.GRADED),
    case("a byte order mark", raw(lambda b: b"\xef\xbb\xbf" + b), Status.GRADED),
    case("UTF-16", raw(lambda b: b.decode().encode("utf-16"))),
    case("Windows lines", raw(lambda b: b.replace(b"\\n", b"\\r\\n")), Status.GRADED),
    case("cut off", raw(lambda b: b[: len(b) // 2]), _BAD, LOST),
    case("empty", raw(lambda b: b""), _BAD, LOST),
    case("no notebook", raw(lambda b: b"My homework"), _BAD, LOST),
    case("a PDF", raw(lambda b: b"%PDF-1.7\n" + b), _BAD, LOST),
    case("zeros", raw(lambda b: bytes(10**6)), _BAD, LOST),
    case("JSON that is a list", raw(lambda b: b"[]"), _BAD, LOST),
    case("JSON that is a number", raw(lambda b: b"1e999"), _BAD, LOST),
    case("nothing at all", lambda nb, folder: Handed(()), _BAD, LOST),
    case("no cells", raw(lambda b: _SOURCE.encode()), Status.NOT_ATTEMPTED, LOST),
    case("deep JSON", _deep(100_000), _NO, LOST),
    case(
        "deep JSON in metadata",
        raw(
            lambda b: b.replace(
                b'"metadata":', b'"x": ' + b"[" * 900 + b"]" * 900 + b', "metadata":', 1
            )
        ),
        Status.GRADED,
    ),
    case(
        "a huge number",
        raw(
            lambda b: b.replace(
                b'"nbformat_minor":', b'"n": ' + b"9" * 10**5 + b', "nbformat_minor":', 1
            )
        ),
        Status.GRADED,
    ),
    case("50 MB of outputs", _outputs("x" * 1_000_000, 50), Status.GRADED),
    case("many small outputs", _outputs("x", 100_000), Status.GRADED),
    case("too many cells", _many(20_000), _NO, LOST),
    case(
        "2,000 cells of text",
        changed(
            lambda nb: nb["cells"].extend(
                {
                    "cell_type": "markdown",
                    "metadata": {},
                    "source": f"# {i} <script>alert(1)</script>",
                }
                for i in range(2000)
            )
        ),
        Status.GRADED,
    ),
    case("a cell of a million lines", _many(1, "\n" * 2_000_000), _NO, LOST),
    case("a source that is a number", _source(5), Status.NOT_ATTEMPTED, LOST),
    case("a source of lists", _source([["a"], 5, None]), Status.NOT_ATTEMPTED, LOST),
    case(
        "half a surrogate",
        raw(
            lambda b: b.replace(b"weight_decay * np.sum", b"weight_decay * np.sum", 1).replace(
                b'"source": "', b'"source": "# \\ud800\\n', 1
            )
        ),
        Status.GRADED,
    ),
    case(
        "a name of a path",
        lambda nb, folder: of_bytes(json.dumps(nb).encode(), name="../../../etc/lab.ipynb"),
        Status.GRADED,
    ),
    case(
        "a name with an escape",
        lambda nb, folder: of_bytes(
            json.dumps(nb).encode(), name="\x1b[31m\x00<script>alert(1)</script>.ipynb"
        ),
        Status.GRADED,
    ),
    case("a link", on_disk(_link), _NO, LOST),
    case("a pipe", on_disk(_pipe), _NO, LOST),
    case("folders with odd names", on_disk(_folders), Status.GRADED),
    case("an older one beside it", on_disk(_both)),
    case("a zip archive", zipped("lab.ipynb"), Status.GRADED),
    case("a zip archive with a way out", zipped("../../../tmp/lab.ipynb"), _NO, LOST),
    case("a zip archive with a root", zipped("/tmp/lab.ipynb"), _NO, LOST),
    case("a zip bomb", zipped("lab.ipynb", content=bytes(10**6), times=200), _NO, LOST),
    case(
        "many files in a zip archive",
        zipped(*(f"{i}.ipynb" for i in range(2000)), content=b"{}"),
        _NO,
        LOST,
    ),
    case("zip archives in each other", on_disk(_nested_zip), _NO, LOST),
]
