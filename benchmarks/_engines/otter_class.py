"""Run by Otter's own Python in the folder of an assignment: mark all that was handed in."""

import contextlib
import io
import json
from pathlib import Path

from otter.run import main  # pyright: ignore[reportMissingImports]

for submission in sorted(Path("handed-in").iterdir()):
    folder = Path("marked", submission.stem)
    folder.mkdir()
    with contextlib.redirect_stdout(io.StringIO()):
        main(str(submission), output_dir=str(folder), no_logo=True)
    tests = json.loads((folder / "results.json").read_text(encoding="utf-8"))["tests"]
    lost = [test["name"] for test in tests if test.get("score") != test.get("max_score")]
    if lost:
        raise SystemExit(f"Otter: a perfect answer lost points: {submission.stem}: {lost}")
