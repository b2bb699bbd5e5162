"""Runs of minutes or hours: made part by part, resumable, their results in one small file.

An experiment is a script `experiments/NAME.py`:

    '''Do more hidden units fit the digits better?'''

    import functools
    from functools import partial

    import numpy as np

    from coursekit.data import Dataset, digits
    from coursekit.numpy_ref import Linear, ReLU, Sequential
    from coursekit.training import Trainer
    from experiments._run import Experiment

    @functools.cache
    def data() -> dict[str, Dataset]:
        return {"train": digits("train"), "validation": digits("validation")}

    def train(*, hidden: int, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        net = Sequential(Linear(64, hidden, rng=rng), ReLU(), Linear(hidden, 10, rng=rng))
        history = Trainer(net, lr=0.1, epochs=10, batch_size=20, seed=seed).fit(*data().values())
        return {"accuracy": history.best("validation_accuracy")}

    def summary(results: dict[str, dict]) -> dict[str, float]:
        return {"mean": float(np.mean([result["accuracy"] for result in results.values()]))}

    EXPERIMENT = Experiment(
        "width",
        {
            f"{hidden} units, seed {seed}": partial(train, hidden=hidden, seed=seed)
            for hidden in (10, 100)
            for seed in range(5)
        },
        data=data,
        summary=summary,
    )

    if __name__ == "__main__":
        EXPERIMENT.main()

`python -m experiments.width` runs the parts that are not done yet. Each is kept in `build/` as soon
as it is done, so a killed run goes on with the rest; a part is done again when its arguments, the
code that it uses in its file, the data or the versions have changed. With all parts done,
`experiments/results/width.json` is written, from which the book draws:

    load("width")["summary"]["mean"]

and of which a test makes one small part again:

    def test_a_part_gives_what_is_recorded():
        part = "10 units, seed 0"
        assert EXPERIMENT.redo(part) == pytest.approx(EXPERIMENT.recorded(part), abs=0.01)
"""

import hashlib
import json
import platform
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from tqdm.auto import tqdm

from autograder.files import write_text
from coursekit.data import Dataset
from experiments._code import code_hash

ROOT = Path(__file__).resolve().parents[1]


def load(name: str, *, root: Path = ROOT) -> dict[str, Any]:
    """The record of an experiment: data, versions, summary, and its parts by name.

    Each part has `arguments`, `code` (a hash), `seconds` and `result`.
    Raises FileNotFoundError if the experiment has not been run.
    """
    path = root / "experiments" / "results" / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"load: no results of {name!r}. Expected the file experiments/results/{name}.json, "
            f"got none. Try `python -m experiments.{name}`."
        )
    return json.loads(path.read_text(encoding="utf-8"))


def folder(name: str, *, root: Path = ROOT) -> Path:
    """The git-ignored folder of an experiment: finished parts, and checkpoints of your own."""
    path = root / "build" / "experiments" / name
    path.mkdir(parents=True, exist_ok=True)
    return path


@dataclass(frozen=True)
class Experiment:
    """Named parts, run one after the other, and what comes out of them.

    name: that of the script; parts: name -> `partial(function, **arguments)`, where the function
    stands in the script, depends on nothing but its arguments and the data, and returns what JSON
    can hold (NumPy numbers and arrays are converted; no NaN: say None). data: returns the data sets
    by name, whose fingerprints are recorded. summary: results by part -> what follows from them.
    """

    name: str
    parts: Mapping[str, partial]
    data: Callable[[], Mapping[str, Dataset]] = dict
    summary: Callable[[dict[str, Any]], Any] = lambda results: None
    root: Path = ROOT

    def run(self, *, only: Collection[str] = (), fresh: bool = False) -> bool:
        """Run the parts that are not done, or those of `only`; with `fresh`, done ones as well.

        Returns whether all parts are done, and so the results written.
        Raises KeyError for a part that does not exist, and whatever a part raises.
        """
        chosen = [self._known(part) for part in only] or list(self.parts)
        if fresh and not only:
            shutil.rmtree(folder(self.name, root=self.root))
        fingerprints = {name: data.fingerprint for name, data in self.data().items()}
        kept = {part: self._kept(part, fingerprints) for part in self.parts}
        todo = [part for part in chosen if fresh or not kept[part].is_file()]
        for part in (bar := tqdm(todo, desc=self.name, unit="part", disable=not todo)):
            bar.set_postfix_str(part)
            write_text(kept[part], _json(self._run_part(part)))
        complete = all(path.is_file() for path in kept.values())
        if complete:
            self._write(kept, fingerprints)
        return complete

    def redo(self, part: str) -> Any:
        """Run one part again and return its result; nothing is kept."""
        return _plain(part, self.parts[self._known(part)]())

    def recorded(self, part: str) -> Any:
        """The result of a part in the file of results."""
        return load(self.name, root=self.root)["parts"][self._known(part)]["result"]

    def outdated(self) -> list[str]:
        """The parts that the file of results does not have as they stand in the script now."""
        there = load(self.name, root=self.root)["parts"]
        now = {part: self._identity(part) for part in self.parts}
        return [
            part
            for part in {*there, *now}
            if now.get(part) != {key: there.get(part, {}).get(key) for key in ("arguments", "code")}
        ]

    def summarized(self) -> Any:
        """The summary of the recorded results, made anew."""
        return _plain("summary", self.summary({part: self.recorded(part) for part in self.parts}))

    def main(self) -> None:
        """Run from the command line: `python -m experiments.NAME --help`."""

        @click.command(help=f"Run what is not done yet of {self.name}.")
        @click.option("--only", multiple=True, type=click.Choice([*self.parts]), metavar="PART")
        @click.option("--fresh", is_flag=True, help="Also what is done, from the beginning.")
        def command(only: tuple[str, ...], fresh: bool) -> None:
            try:
                complete = self.run(only=only, fresh=fresh)
            except ConnectionError as error:  # the data set is nowhere
                raise click.ClickException(str(error)) from error
            results = f"experiments/results/{self.name}.json"
            click.echo(f"Wrote {results}." if complete else "Not all parts are done yet.")

        command(prog_name=f"python -m experiments.{self.name}")

    def _known(self, part: str) -> str:
        if part not in self.parts:
            raise KeyError(
                f"{self.name}: no part {part!r}. Expected one of {', '.join(self.parts)}."
            )
        return part

    def _identity(self, part: str) -> dict[str, Any]:
        call = self.parts[part]
        if call.args:
            raise TypeError(
                f"{part}: arguments without names do not tell parts apart. "
                f"Expected partial(function, name=value), got {call.args}."
            )
        return {"arguments": _plain(part, call.keywords), "code": code_hash(call.func)}

    def _kept(self, part: str, fingerprints: dict[str, str]) -> Path:
        """The file of a finished part: another one when anything that matters has changed."""
        name = self.parts[part].func.__name__
        key = _json([name, self._identity(part), fingerprints, _versions()])
        digest = hashlib.sha256(key.encode()).hexdigest()[:16]
        return folder(self.name, root=self.root) / f"{digest}.json"

    def _run_part(self, part: str) -> dict[str, Any]:
        identity, start = self._identity(part), time.perf_counter()
        result = self.redo(part)
        return {**identity, "result": result, "seconds": round(time.perf_counter() - start, 1)}

    def _write(self, kept: dict[str, Path], fingerprints: dict[str, str]) -> None:
        parts = {part: json.loads(path.read_text("utf-8")) for part, path in kept.items()}
        record = {
            "experiment": self.name,
            "data": fingerprints,
            "versions": _versions(),
            "parts": parts,
            "summary": self.summary({part: done["result"] for part, done in parts.items()}),
        }
        path = self.root / "experiments" / "results" / f"{self.name}.json"
        write_text(path, _json(_plain("summary", record), indent=1) + "\n")


def _versions() -> dict[str, str]:
    packages = {name: version(name).split("+")[0] for name in ("numpy", "torch")}
    return {"python": platform.python_version(), **packages}


def _json(value: Any, *, indent: int | None = None) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent)


def _plain(part: str, value: Any) -> Any:
    """The value as JSON gives it back: NumPy's numbers and arrays become Python's."""
    try:
        text = json.dumps(value, allow_nan=False, default=lambda array: array.tolist())
    except (AttributeError, TypeError, ValueError) as error:
        raise TypeError(
            f"{part}: this is not for JSON. "
            f"Expected finite numbers, strings, lists and dicts, got: {error}."
        ) from error
    return json.loads(text)
