"""Is a class marked to its end when workers fail in ways that nobody tells of?"""

from concurrent.futures import Future

from autograder.examiner.marked import Marked
from autograder.intake import Handed
from autograder.results import Status
from autograder.run.pool import mark_all

RIGHT = Marked(Status.GRADED, "")
TASKS = [(name, Handed((), ())) for name in ("ada", "bob", "cem", "dan")]


class Silent:
    """Workers of which some generations never answer."""

    room, patience = 2, 0.02

    def __init__(self, silent: int) -> None:
        self.silent, self.generation = silent, 0

    def start(self, student: str, handed: Handed) -> Future:
        future = Future()
        if self.generation >= self.silent:
            future.set_result(RIGHT)
        return future

    def start_anew(self) -> None:
        self.generation += 1

    def outcome(self, future: Future) -> Marked:
        return future.result(timeout=0)


def test_workers_that_never_answer_are_replaced_and_their_tasks_done_by_others():
    for silent in (0, 1, 2):
        workers = Silent(silent)
        assert dict(mark_all(workers, TASKS)) == dict.fromkeys([s for s, _ in TASKS], RIGHT)
        assert workers.generation == silent


def test_what_no_generation_answers_is_a_failure_of_the_machine_and_the_run_ends():
    marked = dict(mark_all(Silent(10**6), TASKS))
    assert {m.status for m in marked.values()} == {Status.INFRASTRUCTURE_FAILURE}
    assert marked.keys() == {student for student, _ in TASKS}
