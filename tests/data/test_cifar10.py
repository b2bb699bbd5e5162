"""Is CIFAR-10 fetched once, checked, kept whole, and read right?"""

import hashlib
import http.server
import io
import os
import sys
import tarfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from coursekit.data import cifar10 as module_function
from coursekit.data.cifar10 import FOLDER, OFFICIAL, RECORD, TEST, TRAINING, Source, load

PER_FILE = 20  # instead of 10,000


def records(file: int) -> np.ndarray:
    """The records of a file: label, then bytes that tell file, record and place apart."""
    rng = np.random.default_rng(file)
    made = rng.integers(0, 256, (PER_FILE, RECORD), dtype=np.uint8)
    made[:, 0] = rng.integers(0, 10, PER_FILE)
    return made


def write(folder: Path) -> None:
    folder.mkdir(parents=True)
    for number, name in enumerate((*TRAINING, TEST)):
        (folder / name).write_bytes(records(number).tobytes())


@pytest.fixture
def archive(tmp_path) -> bytes:
    write(tmp_path / "original" / FOLDER)
    with io.BytesIO() as stream:
        with tarfile.open(fileobj=stream, mode="w:gz") as tar:
            tar.add(tmp_path / "original" / FOLDER, FOLDER)
        return stream.getvalue()


class Server:
    """Answers on loopback with `body`, and counts how often it was asked."""

    def __init__(self, body: bytes):
        self.body, self.asked = body, 0
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked += 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(server.promised)))
                self.end_headers()
                self.wfile.write(server.body)

            def log_message(self, format, *args):
                """Say nothing."""

        self.promised = body
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def source(self) -> Source:
        url = f"http://127.0.0.1:{self.http.server_port}/cifar-10-binary.tar.gz"
        return Source(url, hashlib.md5(self.promised).hexdigest(), PER_FILE)


@pytest.fixture
def server(archive, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "data"))
    running = Server(archive)
    yield running
    running.http.shutdown()
    running.http.server_close()


def test_cifar10_is_downloaded_once_and_kept(server, tmp_path, capfd):
    first = load(server.source(), "train", None)
    assert server.asked == 1
    assert "%" in capfd.readouterr().err  # the progress bar
    again = load(server.source(), "train", None)
    assert server.asked == 1
    assert again.fingerprint == first.fingerprint
    assert [path.name for path in (tmp_path / "data").iterdir()] == [FOLDER]


def test_cifar10_has_the_pictures_of_the_files_in_order(server):
    everything = np.concatenate([records(number) for number in range(5)])
    expected = {
        "train": everything[:90],
        "validation": everything[90:],
        "test": records(5),
    }
    for split, rows in expected.items():
        data = load(server.source(), split, None)
        np.testing.assert_array_equal(data.y, rows[:, 0])
        pixels = rows[:, 1:].reshape(-1, 3, 32, 32)
        np.testing.assert_allclose(data.x, pixels / 255, rtol=1e-6)
        assert (data.x.dtype, data.y.dtype, data.split) == (np.float32, np.int64, split)
        assert data.class_names[3] == "cat"


def test_cifar10_of_the_first_n_are_the_first_n(server):
    whole = load(server.source(), "train", None)
    for n in (1, 20, 21, 90):
        np.testing.assert_array_equal(load(server.source(), "train", n).x, whole.x[:n])


def test_cifar10_is_found_without_a_network(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    write(tmp_path / FOLDER)
    assert len(load(Source("http://127.0.0.1:9/none.tar.gz", "", PER_FILE), "test", None)) == 20


def test_cifar10_says_what_to_do_without_files_and_network(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    source = Source("http://127.0.0.1:9/cifar-10-binary.tar.gz", "", PER_FILE)
    with pytest.raises(ConnectionError, match=r"Expected the folder .* got: .* COURSEKIT_DATA"):
        load(source, "train", None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("broken", ["short", "other"])
def test_cifar10_that_breaks_off_or_is_another_file_is_thrown_away(server, tmp_path, broken):
    source = server.source()
    server.body = server.body[:1000] if broken == "short" else b"x" * len(server.body)
    with pytest.raises(ConnectionError, match="Try again"):
        load(source, "train", None)
    assert list((tmp_path / "data").glob("*")) == []
    server.body = server.promised
    assert len(load(source, "train", None)) == 90


def test_cifar10_half_unpacked_is_never_read(server, tmp_path, monkeypatch):
    def killed(tar, path, **settings):
        (Path(path) / FOLDER).mkdir()
        (Path(path) / FOLDER / TRAINING[0]).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tarfile.TarFile, "extractall", killed)
        with pytest.raises(KeyboardInterrupt):
            load(server.source(), "train", None)
    assert list((tmp_path / "data").iterdir()) == []
    assert len(load(server.source(), "train", None)) == 90


def test_cifar10_leftovers_of_a_killed_download_are_discarded_after_a_day(server, tmp_path):
    old, young = tmp_path / "data" / "unfinished-old", tmp_path / "data" / "unfinished-young"
    for place in (old, young):
        place.mkdir(parents=True)
        (place / "half.tar.gz").write_bytes(b"half")
    yesterday = time.time() - 25 * 60 * 60
    os.utime(old, (yesterday, yesterday))
    load(server.source(), "train", None)
    assert not old.exists()
    assert young.exists()


def test_cifar10_of_somebody_faster_is_taken(server, tmp_path, monkeypatch):
    unpack = tarfile.TarFile.extractall

    def slowly(tar, path, **settings):
        unpack(tar, path, **settings)
        write(tmp_path / "data" / FOLDER)  # meanwhile

    monkeypatch.setattr(tarfile.TarFile, "extractall", slowly)
    assert len(load(server.source(), "train", None)) == 90
    assert [path.name for path in (tmp_path / "data").iterdir()] == [FOLDER]


def test_cifar10_that_cannot_be_written_says_what_to_do(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "file"))
    with pytest.raises(ConnectionError, match="set COURSEKIT_DATA"):
        load(server.source(), "train", None)
    assert server.asked == 0


@pytest.mark.parametrize("given", ["~", f"~/{FOLDER}"])
def test_cifar10_is_found_at_home_and_by_the_folder_itself(tmp_path, monkeypatch, given):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSEKIT_DATA", given)
    write(tmp_path / FOLDER)
    assert len(load(Source("http://127.0.0.1:9/none.tar.gz", "", PER_FILE), "test", None)) == 20


def test_cifar10_without_pooch_is_found_or_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    source = Source("http://127.0.0.1:9/none.tar.gz", "", PER_FILE)
    with pytest.raises(ImportError, match=r"cifar10: pooch is missing.*training-cnns\[lab\]"):
        load(source, "test", None)
    write(tmp_path / FOLDER)
    assert len(load(source, "test", None)) == 20


@pytest.mark.parametrize("damage", ["missing", "short", "label"])
def test_cifar10_refuses_damaged_files(tmp_path, monkeypatch, damage):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    write(tmp_path / FOLDER)
    path = tmp_path / FOLDER / TRAINING[1]
    if damage == "missing":
        path.unlink()
    elif damage == "short":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.write_bytes(b"\x0a" + path.read_bytes()[1:])
    words = "Expected labels 0 to 9, got label 10" if damage == "label" else "Expected 61460 bytes"
    with pytest.raises(ValueError, match=words):
        load(Source("", "", PER_FILE), "train", None)


def test_cifar10_refuses_wrong_arguments():
    for n in (0, -1, 45_001):
        with pytest.raises(ValueError, match="Expected n from 1 to 45000 for 'train', got"):
            module_function("train", n=n)
    with pytest.raises(TypeError, match="cifar10: n is not a whole number"):
        module_function("train", n=2.5)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="cifar10: unknown split"):
        module_function("training")


def test_cifar10_official_source_is_the_binary_version():
    assert OFFICIAL.url.endswith("/cifar-10-binary.tar.gz")
    assert (len(OFFICIAL.md5), OFFICIAL.per_file) == (32, 10_000)
