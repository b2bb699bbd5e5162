"""A progress bar, in the terminal and in notebooks."""

from typing import TYPE_CHECKING, Any

from coursekit.training.callbacks.base import Callback, Record

if TYPE_CHECKING:
    from coursekit.training.run import Run


class ProgressBar(Callback):
    """A tqdm bar over the steps, with loss and accuracies after each epoch. Needs tqdm."""

    def on_start(self, run: "Run") -> None:
        """Open the bar."""
        from tqdm.auto import tqdm

        self.bar: Any = tqdm(total=run.total_steps, unit="step")

    def on_step(self, record: Record) -> None:
        """Move the bar."""
        self.bar.update()

    def on_epoch(self, record: Record) -> None:
        """Show how well it goes."""
        shown = ("loss", "train_accuracy", "validation_accuracy")
        self.bar.set_postfix({name: f"{record[name]:.3f}" for name in shown if name in record})

    def on_end(self) -> None:
        """Close the bar."""
        self.bar.close()

    def state(self) -> Any:
        """The steps done."""
        return self.bar.n

    def load_state(self, state: Any) -> None:
        """Go on from this step."""
        self.bar.n = self.bar.initial = state
        self.bar.refresh()
