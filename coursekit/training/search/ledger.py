"""The trials of a running search: finished ones are counted, shown and kept."""

from pathlib import Path
from typing import Any

from coursekit.training.search.journal import Journal
from coursekit.training.search.results import Results, Trial
from coursekit.training.search.spaces import Params, Space


class Ledger:
    """Finished trials by number, in memory, on a progress bar, and in a file if there is a path.

    identity: which search it is, see `identity` in journal.py; total: how many trials it has.
    Use it with `with`, which closes the bar and the file.
    """

    def __init__(
        self,
        identity: dict[str, Any],
        total: int,
        *,
        path: str | Path | None = None,
        retry_failed: bool = False,
        progress: bool = True,
    ) -> None:
        self.journal = Journal(path, identity) if path is not None else None
        self.retry_failed = retry_failed
        self.total, self.progress = total, progress
        self.trials: dict[int, Trial] = {}
        self.reused = 0

    def __enter__(self) -> "Ledger":
        from tqdm.auto import tqdm

        self.bar = tqdm(total=self.total, unit="trial", disable=not self.progress)
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.close()
        if self.journal:
            self.journal.close()

    def knows(self, number: int, params: Params) -> bool:
        """Whether the file has this trial: then it counts as finished."""
        if self.journal is None:
            return False
        trial = self.journal.finished(number, params)
        if trial is None or (trial.failed is not None and self.retry_failed):
            return False
        self.trials[number] = trial
        self.reused += 1
        self.bar.n = self.bar.initial = self.reused  # they do not count for the speed
        self.bar.set_description(f"{self.reused} found in {self.journal.path.name}")
        return True

    def add(self, trial: Trial) -> None:
        """Keep a trial that has just finished."""
        if self.journal:
            self.journal.add(trial)
        self.trials[trial.number] = trial
        failed = sum(trial.failed is not None for trial in self.trials.values())
        best = max(trial.score for trial in self.trials.values())
        self.bar.update()
        self.bar.set_postfix(best=f"{best:.4g}", failed=failed)

    def results(self, space: Space) -> Results:
        """All trials, in order."""
        return Results(space, [self.trials[n] for n in sorted(self.trials)], self.reused)
