"""Trains, and is killed, again and again: `python -m tests.training.lives CASE FOLDER`.

Each life is a fork of this process. It dies by SIGKILL at a moment drawn by chance, and the next
one starts from the checkpoint that it finds. The last one is left alone, and so is a run that
nobody disturbs; both write what they came to, as FOLDER/killed.npz and FOLDER/whole.npz.
"""

import functools
import itertools
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from coursekit.data import Dataset, digits
from coursekit.numpy_ref import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    ReLU,
    Sequential,
    adam,
    cosine,
    ema,
    global_magnitude_masks,
    l2_penalty,
    mixup,
    momentum,
    pad_and_crop,
    swa,
)
from coursekit.training import Checkpoint, DivergenceGuard, EarlyStopping, Trainer, save_state
from coursekit.training.callbacks import (
    ActivationStats,
    Callback,
    DeadUnits,
    GradientStats,
    PruningMasks,
    Snapshots,
    UpdateRatio,
    WeightAveraging,
)
from coursekit.training.model import as_model, copies
from coursekit.training.run import Run


def train_set() -> Dataset:
    return digits("train", n=110)


def augment(x, y, *, rng):
    return mixup(pad_and_crop(x, pad=1, rng=rng), y, alpha=0.4, num_classes=10, rng=rng)


def watchers(net: Any, folder: Path | None, rule: Callable) -> list[Callback]:
    """One of every kind that remembers something."""
    weights = {name: w for name, w in as_model(net).params.items() if w.ndim >= 2}
    return [
        PruningMasks(global_magnitude_masks(weights, sparsity=0.3)),
        DivergenceGuard(),
        EarlyStopping("validation_accuracy", patience=50),
        UpdateRatio(every=2),
        GradientStats(every=3),
        ActivationStats(train_set().x[:20]),
        DeadUnits(train_set().x[:20]),
        WeightAveraging(rule, validate=True),
        Snapshots(steps=4, folder=folder),
    ]


def of_numpy(folder: Path) -> tuple[Any, dict[str, Any]]:
    rng = np.random.default_rng(0)
    conv = (Conv2d(1, 3, 3, padding=1, rng=rng), BatchNorm2d(3), ReLU(), Flatten())
    net = Sequential(*conv, Dropout(0.3), Linear(192, 10, rng=rng))
    penalty = partial(l2_penalty, weight_decay=1e-3)
    schedule = partial(cosine, total=48, lr_max=0.01)
    extra = watchers(net, None, partial(ema, decay=0.8))
    return net, {"update": adam, "penalty": penalty, "lr": schedule, "callbacks": extra}


def torch_net() -> Any:
    import torch
    from torch import nn

    torch.manual_seed(0)
    conv = (nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten())
    return nn.Sequential(*conv, nn.Dropout(0.3), nn.Linear(192, 10))


def of_torch(folder: Path) -> tuple[Any, dict[str, Any]]:
    import torch

    net = torch_net()
    extra = watchers(net, folder / "snapshots", partial(swa, start=3, every=2))
    return net, {"update": torch.optim.AdamW, "lr": 0.01, "callbacks": extra}


def of_both(folder: Path) -> tuple[Any, dict[str, Any]]:
    net = torch_net()
    net[0].bias.requires_grad_(False)
    halves = {"5.weight": 0.5}
    settings = {"update": momentum, "lr": 0.05, "lr_scale": lambda name: halves.get(name, 1.0)}
    return net, {**settings, "callbacks": watchers(net, None, ema)}


CASES = {"numpy": of_numpy, "torch": of_torch, "both": of_both}


def live(case: str, folder: Path, result: Path) -> None:
    """Train to the end, and write down all there is."""
    folder.mkdir(parents=True, exist_ok=True)
    net, settings = CASES[case](folder)
    callbacks = settings.pop("callbacks")
    checkpoint = Checkpoint(folder / "run.npz", every_steps=3)
    trainer = Trainer(
        net,
        **settings,
        augment=augment,
        batch_size=20,
        epochs=8,
        seed=5,
        callbacks=[*callbacks, checkpoint],
    )
    history = trainer.fit(train_set(), digits("validation", n=50))
    _, _, stopping, *_, average, snapshots = callbacks
    came_to = {
        **copies(as_model(net)),
        "records": history.records,
        "average": average.params,
        "snapshots": snapshots.snapshots,
        "snapshot_steps": snapshots.steps,
        "best": (stopping.best_epoch, stopping.best),
    }
    save_state(result, came_to)


def die(*, leaving: Any = None) -> None:
    if leaving is not None:  # half a file
        leaving.write(b"PK\x03\x04 and then nothing")
        leaving.flush()
    os.kill(os.getpid(), signal.SIGKILL)


# Where a life can end: in a step, between steps, after an epoch, before, while and after saving.
PLACES = {
    "step": (Run, "_update"),
    "watching": (WeightAveraging, "on_step"),
    "measuring": (Run, "_measured"),
    "epoch's end": (Snapshots, "on_epoch"),
    "saving": (Checkpoint, "_save"),
    "writing": (np, "savez"),
    "written": (os, "fsync"),
    "renaming": (Path, "replace"),
}


def doom(place: str, count: int) -> None:
    """Make this process die when it comes to the place for the count-th time."""
    owner, name = PLACES[place]
    original, calls = getattr(owner, name), itertools.count(1)

    @functools.wraps(original)
    def fatal(*args: Any, **named: Any) -> Any:
        if next(calls) == count:
            die(leaving=args[0] if place == "writing" else None)
        return original(*args, **named)

    setattr(owner, name, fatal)


def fork(task: Callable[[], None]) -> int:
    """Run the task in a process of its own; return its exit status, negative for a signal."""
    if (child := os.fork()) == 0:
        try:
            task()
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(case: str, folder: Path) -> None:
    """Live undisturbed, then die as often as it takes; print where."""
    if case != "numpy":  # PyTorch is slow to load: once, for all lives
        import torch

        torch.optim.AdamW(torch_net().parameters())
    rng = np.random.default_rng(0)
    assert fork(lambda: live(case, folder / "a", folder / "whole.npz")) == 0
    for place in rng.permutation([*PLACES]):
        count = int(rng.integers(1, 5 if place in ("step", "watching") else 3))

        def short_life(place: str = str(place), count: int = count) -> None:
            doom(place, count)
            live(case, folder / "b", folder / "killed.npz")

        status = fork(short_life)
        assert status in (0, -signal.SIGKILL), status
        if status < 0:
            print(place)
    assert fork(lambda: live(case, folder / "b", folder / "killed.npz")) == 0


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
