"""Does a file of state give back what was put in, and nothing when it is damaged?"""

import collections
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursekit.training import load_state, save_state

PLAIN = (
    st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats() | st.text(max_size=5)
)
ARRAYS = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_, "<U3", ">f8"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
TREES = st.recursive(
    PLAIN | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(PLAIN | st.tuples(PLAIN, PLAIN), inner, max_size=3)
    ),
    max_leaves=8,
)


def same(a, b) -> bool:
    """Whether two trees are equal, NaN to NaN and to the type."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        numbers = a.dtype.kind == "f"
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=numbers)
    return a == b or (a != a and b != b)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("state") / "state.npz"


@settings(deadline=None, max_examples=60)
@given(tree=TREES)
def test_state_comes_back_as_it_was(path, tree):
    save_state(path, tree)
    assert same(load_state(path), tree)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_state_of_a_generator_comes_back(path):
    rng = np.random.default_rng(3)
    save_state(path, rng.bit_generator.state)
    other = np.random.default_rng(0)
    other.bit_generator.state = load_state(path)
    assert rng.random() == other.random()


def test_arrays_in_odd_memory_come_back(path):
    grid = np.arange(24.0).reshape(2, 3, 4)
    odd = [
        grid.T,
        grid[:, ::2],
        grid[::-1],
        np.asfortranarray(grid),
        np.broadcast_to(grid[0], (2, 3, 4)),
    ]
    save_state(path, odd)
    assert same(load_state(path), odd)


def test_numpy_numbers_become_pythons(path):
    save_state(path, {"a": np.float32(0.5), "b": np.int64(3), "c": np.bool_(True)})
    assert same(load_state(path), {"a": 0.5, "b": 3, "c": True})


def test_kinds_of_dicts_and_tuples_become_plain_ones(path):
    point = collections.namedtuple("Point", "x y")
    save_state(path, [collections.OrderedDict(a=1), point(1, 2)])
    assert same(load_state(path), [{"a": 1}, (1, 2)])


@pytest.mark.parametrize(
    "tree",
    [object(), {1, 2}, b"bytes", len, {"a": [1, object()]}, 1j, np.array([None]), range(3)],
    ids=lambda odd: type(odd).__name__,
)
def test_what_is_not_plain_is_refused(tree, path):
    save_state(path, "before")
    with pytest.raises(TypeError, match=r"^save_state: .*Expected numbers, strings, arrays"):
        save_state(path, tree)
    assert load_state(path) == "before"
    assert len(list(path.parent.iterdir())) == 1


class Trap:
    """Whoever unpickles it has run somebody else's code."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


def test_pickles_are_never_opened(path):
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="cannot be read"):
        load_state(path)
    np.savez(path, tree=np.array([Trap()], dtype=object))
    with pytest.raises(ValueError, match="cannot be read"):
        load_state(path)


def test_file_that_is_cut_off_anywhere_is_refused(path):
    save_state(path, {"w": np.ones(50), "epoch": 3})
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(
            ValueError, match=r"^load_state: .*state\.npz cannot be read.*Delete it"
        ):
            load_state(path)


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_file_with_a_wrong_byte_is_refused_or_right(path, data):
    state = {"w": np.arange(20.0), "epoch": 3}
    save_state(path, state)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        loaded = load_state(path)
    except ValueError as error:
        assert str(error).startswith("load_state: ")
    else:
        assert same(loaded, state)


@pytest.mark.parametrize("entry", ["{", '{"array": 5}', '{"dict": [1]}', "{}", '{"a": 1, "b": 2}'])
def test_tree_that_makes_no_sense_is_refused(entry, path):
    np.savez(path, tree=np.array(entry))
    with pytest.raises(ValueError, match="cannot be read"):
        load_state(path)


def test_zip_of_something_else_is_refused(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("tree.npy", "no array")
    with pytest.raises(ValueError, match="cannot be read"):
        load_state(path)


def test_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_state(tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError):
        save_state(tmp_path / "none" / "state.npz", 1)


def test_failed_saving_leaves_the_file_of_before(path, monkeypatch):
    save_state(path, "before")

    def full(descriptor):
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_state(path, "after")
    assert load_state(path) == "before"
    assert len(list(path.parent.iterdir())) == 1
