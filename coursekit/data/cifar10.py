"""CIFAR-10: 60,000 small photographs of ten kinds of things, fetched once and kept."""

import os
import shutil
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from coursekit.data.dataset import Dataset, check_n, check_split

NAMES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
FOLDER = "cifar-10-batches-bin"
TRAINING = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
TEST = "test_batch.bin"
UNFINISHED = "unfinished-"  # begins the names of folders with half a download
RECORD = 1 + 3 * 32 * 32  # a label, then the planes of red, green and blue


@dataclass(frozen=True)
class Source:
    """Where the archive is, what its MD5 sum is, and how many pictures each of its files holds."""

    url: str
    md5: str
    per_file: int


OFFICIAL = Source(
    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    "c32a1d4ab5d03f1284b67883e8d87530",
    10_000,
)


def cifar10(split: str = "train", *, n: int | None = None) -> Dataset:
    """CIFAR-10, 32 × 32 pixels in color, ten classes.

    Of the 50,000 training pictures the first 45,000 are "train" and the last 5,000 "validation";
    the 10,000 test pictures are "test". All come in the order of the files, which is random.

    It looks for the folder `cifar-10-batches-bin`, the "binary version", in the folder that the
    environment variable COURSEKIT_DATA names, else in your cache. If it is in neither, it is
    downloaded (170 MB, with a progress bar), checked against its MD5 sum and unpacked; what breaks
    off is thrown away.

    split: "train", "validation" or "test"; n: only the first n examples of it.
    Returns a Dataset with x: (N, 3, 32, 32) in [0, 1] and y: (N,); all of "train" takes 553 MB.
    Raises ValueError for an unknown split, an n out of range, or files that are not CIFAR-10;
    TypeError unless n is a whole number; ConnectionError if it must be downloaded and cannot, and
    ImportError if pooch is missing then.

    References: krizhevsky2009
    """
    return load(OFFICIAL, split, n)


def load(source: Source, split: str, n: int | None) -> Dataset:
    """The split of CIFAR-10 from this source."""
    check_split("cifar10", split)
    held_out = source.per_file // 2
    total = {
        "train": 5 * source.per_file - held_out,
        "validation": held_out,
        "test": source.per_file,
    }[split]
    if n is not None:
        check_n("cifar10", n, total, of=f" for '{split}'")
    first = 5 * source.per_file - held_out if split == "validation" else 0
    files = (TEST,) if split == "test" else TRAINING
    records = _read(_folder(source), files, first, n or total, source.per_file)
    pictures = records[:, 1:].reshape(-1, 3, 32, 32)
    x = np.divide(pictures, 255, dtype=np.float32)
    return Dataset(x, records[:, 0].astype(np.int64), NAMES, split)


def _read(folder: Path, files: tuple[str, ...], first: int, n: int, per_file: int) -> np.ndarray:
    """Read n records, beginning with number `first` of all in these files."""
    parts = []
    for number, name in enumerate(files):
        start, stop = (np.array([first, first + n]) - number * per_file).clip(0, per_file)
        if start < stop:
            parts.append(_records(folder / name, per_file)[start:stop])
    records = np.concatenate(parts)
    if records[:, 0].max() >= len(NAMES):
        got = f"label {records[:, 0].max()}"
        raise ValueError(f"cifar10: {folder} is damaged. Expected labels 0 to 9, got {got}.")
    return records


def _records(path: Path, per_file: int) -> np.ndarray:
    """See a file as (per_file, RECORD) bytes, without reading it yet."""
    size = path.stat().st_size if path.is_file() else "no file"
    if size != per_file * RECORD:
        raise ValueError(
            f"cifar10: {path} is not a file of CIFAR-10's binary version. "
            f"Expected {per_file * RECORD} bytes, got {size}. "
            "Try deleting its folder: it will be made again."
        )
    return np.memmap(path, np.uint8, "r", shape=(per_file, RECORD))


def _folder(source: Source) -> Path:
    """Return the unpacked folder, downloading it if it is nowhere."""
    given = os.environ.get("COURSEKIT_DATA")
    home = Path(given).expanduser() if given else Path(_pooch().os_cache("coursekit"))
    if home.name == FOLDER:  # the folder itself was named, which is as clear
        home = home.parent
    folder = home / FOLDER
    return folder if folder.is_dir() else _fetched(source, folder)


def _pooch() -> ModuleType:
    """Import pooch: late, since it takes a while, and those who have the files do not need it."""
    try:
        import pooch
    except ImportError as error:
        raise ImportError(
            f"cifar10: pooch is missing, which downloads the data set. "
            f"Expected it to be installed, got: {error}. Try `pip install 'training-cnns[lab]'`, "
            f"or set COURSEKIT_DATA to the folder that holds {FOLDER}."
        ) from error
    return pooch


def _fetched(source: Source, folder: Path) -> Path:
    """Download and unpack beside the folder, then rename: whoever finds it finds all of it."""
    pooch = _pooch()
    from requests import RequestException

    home, name = folder.parent, source.url.rsplit("/", 1)[-1]
    try:
        home.mkdir(parents=True, exist_ok=True)
        _discard_leftovers(home)
        with tempfile.TemporaryDirectory(dir=home, prefix=UNFINISHED) as place:
            show: Any = pooch.HTTPDownloader(progressbar=True)
            # pooch hands the archive over only if its checksum is right.
            archive = pooch.retrieve(source.url, f"md5:{source.md5}", name, place, downloader=show)
            with tarfile.open(archive) as tar:
                tar.extractall(place, filter="data")
            _rename(Path(place) / FOLDER, folder)
    except (RequestException, ValueError, OSError) as error:
        raise ConnectionError(
            f"cifar10: the data set is neither here nor can it be downloaded. Expected the folder "
            f"{folder}, or {source.url} to answer; got: {error} "
            f"Try again, or unpack {name} on another machine and set COURSEKIT_DATA to the folder "
            f"that holds {FOLDER}."
        ) from error
    return folder


def _discard_leftovers(home: Path) -> None:
    """Delete what a download that was killed left behind, once it is a day old.

    A younger one may be somebody's who is still at it.
    """
    for place in home.glob(f"{UNFINISHED}*"):
        if time.time() - place.stat().st_mtime > 24 * 60 * 60:
            shutil.rmtree(place)


def _rename(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():  # else somebody else was faster
            raise
