"""CIFAR-10: 60,000 small photographs of ten kinds of things, fetched once and kept."""

import os
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coursekit.data.dataset import Dataset, check_split

NAMES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
FOLDER = "cifar-10-batches-bin"
TRAINING = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
TEST = "test_batch.bin"
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
    downloaded (162 MB), checked against its MD5 sum and unpacked; what breaks off is thrown away.

    split: "train", "validation" or "test"; n: only the first n examples of it.
    Returns a Dataset with x: (N, 3, 32, 32) in [0, 1] and y: (N,); all of "train" takes 553 MB.
    Raises ValueError for an unknown split, an n out of range, or files that are not CIFAR-10;
    ConnectionError if it must be downloaded and cannot.

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
    if n is not None and not 1 <= n <= total:
        raise ValueError(
            f"cifar10: n is out of range. Expected n from 1 to {total} for '{split}', got {n}."
        )
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
    import pooch  # takes a while, and those who have the files do not need it

    given = os.environ.get("COURSEKIT_DATA")
    home = Path(given) if given else Path(pooch.os_cache("coursekit"))
    folder = home / FOLDER
    return folder if folder.is_dir() else _unpacked(_downloaded(source, home), folder)


def _downloaded(source: Source, home: Path) -> Path:
    """Fetch the archive with a progress bar; pooch keeps it only if its checksum is right."""
    import pooch
    from requests import RequestException

    name = source.url.rsplit("/", 1)[-1]
    try:
        show: Any = pooch.HTTPDownloader(progressbar=True)
        return Path(pooch.retrieve(source.url, f"md5:{source.md5}", name, home, downloader=show))
    except (RequestException, ValueError, OSError) as error:
        raise ConnectionError(
            f"cifar10: the data set is neither here nor can it be downloaded. Expected the folder "
            f"{home / FOLDER}, or {source.url} to answer; got: {error} "
            f"Try again, or unpack {name} on another machine and set COURSEKIT_DATA to the folder "
            f"that holds {FOLDER}."
        ) from error


def _unpacked(archive: Path, folder: Path) -> Path:
    """Unpack beside the folder, then rename: whoever finds the folder finds all of it."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="unpacking-") as temporary:
        with tarfile.open(archive) as tar:
            tar.extractall(temporary, filter="data")
        try:
            (Path(temporary) / FOLDER).rename(folder)
        except OSError:
            if not folder.is_dir():  # else somebody else was faster
                raise
    archive.unlink(missing_ok=True)
    return folder
