"""What nbgrader_config.py says of grading."""

import ast
from pathlib import Path
from typing import Any

from autograder.errors import CourseError

CONFIG = "nbgrader_config.py"
LONGEST_CELL = 86_400  # seconds that a cell may be let run


def setting(root: Path, section: str, name: str) -> Any:
    """The value of `c.SECTION.NAME` in the configuration of the course, or None without one.

    To run that file takes seconds, since it imports nbgrader. Where it is nothing but imports and
    assignments, and this one is of a literal, it is only read. CourseError where it cannot be run.
    """
    path = root / CONFIG
    try:
        found = _assigned(ast.parse(path.read_bytes())).get(f"c.{section}.{name}")
        return ast.literal_eval(found) if found else None
    except (SyntaxError, ValueError):
        return _run(path).get(section, {}).get(name)


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    """What each `c.SECTION.NAME` is set to; ValueError where more happens than that."""
    found: dict[str, ast.expr] = {}
    for statement in tree.body:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant()):
                pass
            case ast.Assign([ast.Name("c")], _):
                pass  # it is get_config()
            case ast.Assign([ast.Attribute(ast.Attribute(ast.Name("c"))) as target], value):
                found[ast.unparse(target)] = value
            case _:
                raise ValueError(ast.unparse(statement))
    return found


def _run(path: Path) -> dict[str, Any]:
    from traitlets.config.loader import PyFileConfigLoader

    try:
        return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
    except Exception as error:
        raise CourseError(
            f"{path} cannot be run: {type(error).__name__}: {error}. Mend it and try again."
        ) from error
