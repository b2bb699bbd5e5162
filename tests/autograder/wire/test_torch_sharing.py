"""Can a candidate's words about PyTorch's objects do more than it could with them itself?"""

import time
from contextlib import suppress
from typing import Any

import pytest

from autograder.wire.terms import Ref, WireError

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from autograder.wire.pytorch.sharing import Sharing  # noqa: E402


def told(kind: str, state: object, *, owner: str = "candidate", number: int = 1) -> Ref:
    return Ref(owner, number, kind, "", state)


@pytest.fixture
def asked():
    """What the examiner asked the candidate for."""
    return []


@pytest.fixture
def sharing(asked):
    """The examiner's end, that is answered with nothing."""
    return Sharing("examiner", lambda *content: asked.append(content))


def named(sharing: Sharing, thing: object) -> int:
    """Its number, when the candidate was told of it."""
    ref = sharing.refer(thing)
    assert ref is not None
    return ref.number


def leaf(**changes: object) -> tuple:
    fields = {
        "data": torch.ones(2),
        "gradient": None,
        "wants": True,
        "parameter": True,
        "seen": True,
    }
    return tuple((fields | changes).values())


NODE = {
    "standard": True,
    "name": "Linear",
    "training": True,
    "plain": {},
    "parameters": {},
    "buffers": {},
    "parts": {},
    "own": (),
}


def module(entries: list | None = None, **changes: object) -> tuple:
    return [("candidate", 1, tuple((NODE | changes).values()))], entries or []


ENTRY = ("candidate", 7, leaf(parameter=False))
FORGED = {
    "no state of a leaf": told("leaf", None),
    "half a state": told("leaf", (1, 2)),
    "a leaf of text": told("leaf", leaf(data="a")),
    "a leaf with a history": told("leaf", leaf(data=torch.ones(2, requires_grad=True))),
    "a leaf of integers with gradients": told("leaf", leaf(data=torch.ones(2, dtype=torch.int32))),
    "a gradient of another shape": told("leaf", leaf(gradient=torch.ones(3))),
    "a gradient of another dtype": told("leaf", leaf(gradient=torch.ones(2).double())),
    "a gradient that is a number": told("leaf", leaf(gradient=1.0)),
    "gradients perhaps": told("leaf", leaf(wants="yes")),
    "an unknown leaf of the examiner's": told("leaf", leaf(), owner="examiner", number=5),
    "a generator as a leaf": told("leaf", leaf(), owner="examiner", number=0),
    "a history of what was never sent": told("computed", (torch.ones(2), [3], [])),
    "a history of an unknown leaf": told("computed", (torch.ones(2), [], [("candidate", 3, None)])),
    "a history of text": told("computed", (torch.ones(2), ["a"], [])),
    "a history without values": told("computed", (None, [], [])),
    "a module that is a list": told("module", [1]),
    "an unknown module": told("module", None),
    "a module without fields": told("module", ([("candidate", 1, ())], [])),
    "a module of a strange owner": told("module", ([("me", 1, tuple(NODE.values()))], [])),
    "a module of the examiner's, which is none": told(
        "module", ([("examiner", 9, tuple(NODE.values()))], []), owner="examiner", number=9
    ),
    "a parameter that is none": told(
        "module", module([ENTRY], parameters={"weight": ("candidate", 7)})
    ),
    "a part that is a tensor": told("module", module([ENTRY], parts={"a": ("candidate", 7)})),
    "a part that is not there": told("module", module(parts={"a": ("candidate", 8)})),
    "a part with a dot": told("module", module(parts={"a.b": None})),
    "a part with a number": told("module", module(parts={1: None})),
    "parts in a list": told("module", module(parts=[1])),
    "an unknown optimizer": told("optimizer", ("Magic", [({}, 0)], [], [])),
    "an optimizer of a list": told("optimizer", ([], [({}, 0)], [], [])),
    "an optimizer of nothing": told("optimizer", ("SGD", [], [], [])),
    "memory of no parameter": told("optimizer", ("SGD", [({}, 1)], [ENTRY], [])),
    "a generator of text": told("generator", "a" * 5056),
    "half a generator": told("generator", b"1234"),
    "a name that is none of PyTorch's": told("torch", None),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_words_are_refused_in_a_sentence(sharing, name):
    with pytest.raises(WireError, match=r"Expected .*\S"):
        sharing.resolve(FORGED[name])


def test_what_pytorch_has_is_named_and_nothing_else(sharing):
    for name in ("load", "nn.Module.apply", "hub", "F.torch", "F.Callable", "ops"):
        with pytest.raises(WireError, match="name of PyTorch"):
            sharing.resolve(Ref("candidate", 0, "torch", name))
    assert sharing.resolve(Ref("candidate", 0, "torch", "nn.ReLU")) is nn.ReLU


@pytest.mark.parametrize("news", [1, (1, [], []), (True, [], ()), (True, []), [True, [], []]])
def test_news_that_are_none_are_refused(sharing, news):
    with pytest.raises(WireError, match="Expected news"):
        sharing.heard(news)


def test_numbers_to_drop_are_looked_at(sharing):
    x = torch.ones(2, requires_grad=True)
    number = named(sharing, x * 2)
    sharing.heard((True, ["a", None, 10**30, [number]], []))
    with pytest.raises(WireError, match="gradient of shape"):
        sharing.verbs["backward"](number, torch.ones(3))
    sharing.heard((True, [number, number], []))
    sharing.heard((True, [number], []))
    with pytest.raises(WireError, match="number of a tensor"):
        sharing.verbs["backward"](number, torch.ones(2))


def test_what_a_tensor_of_the_examiners_comes_from_is_not_told(sharing):
    secret, given = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    sharing.refer(given)
    ref = sharing.refer((secret * given).sum())
    assert [entry[:2] for entry in ref.state[2]] == [("examiner", named(sharing, given))]


ANSWERS = {
    "no list": torch.ones(2),
    "too few": [],
    "too many": [torch.ones(2)] * 2,
    "of another shape": [torch.ones(3)],
    "that would be spread": [torch.ones(5, 2)],
    "with a history": [torch.ones(2, requires_grad=True)],
    "of text": ["a"],
}


@pytest.mark.parametrize("name", ANSWERS)
def test_gradients_that_are_none_are_refused(name):
    sharing = Sharing("examiner", lambda *content: ANSWERS[name])
    x = torch.ones(2, requires_grad=True)
    place = ("examiner", named(sharing, x), None)
    out = sharing.resolve(told("computed", (torch.ones(3), [], [place])))
    with pytest.raises(WireError, match="gradient"):
        out.sum().backward()
    assert x.grad is None


def test_the_examiner_computes_with_no_layer_that_a_candidate_describes(sharing, asked):
    entries = [("candidate", 2, leaf(data=torch.ones(1, 2)))]
    state = module(entries, parameters={"weight": ("candidate", 2), "bias": None})
    layer = sharing.resolve(told("module", state))
    assert type(layer) is nn.Linear
    layer(torch.ones(1, 2))
    assert [content[:2] for content in asked] == [("forward", layer)]


def test_of_the_examiners_modules_only_settings_of_their_kind_are_changed(sharing):
    layer = nn.Dropout(0.5)
    ref = sharing.refer(layer)
    plain = {"p": 0.25, "inplace": "yes", "forward": 1, "new": 1.0, "__class__": 1}
    state = ([(ref.owner, ref.number, tuple((NODE | {"plain": plain}).values()))], [])
    assert sharing.resolve(Ref(ref.owner, ref.number, "module", "", state)) is layer
    assert layer.p == 0.25 and layer.inplace is False
    assert not {"forward", "new"} & vars(layer).keys()


def state_of(generator: Any) -> bytes:
    return generator.get_state().numpy().tobytes()


def test_a_generator_that_gives_only_zeros_is_not_taken_over(sharing):
    words = bytearray(state_of(torch.default_generator))
    words[24 : 24 + 8 * 624] = bytes(8 * 624)
    sharing.resolve(told("generator", bytes(words), owner="examiner", number=0))
    assert torch.rand(1000).std() > 0.2


def test_generators_that_nobody_finds_are_not_looked_for_without_end(sharing):
    words, begun = bytearray(state_of(torch.default_generator)), time.process_time()
    words[24 : 24 + 8 * 624] = b"\5" * (8 * 624)
    for number in range(2000):
        sharing.resolve(told("generator", bytes(words), number=number))
    assert time.process_time() - begun < 10


def test_a_long_name_of_a_class_is_refused(sharing):
    with pytest.raises(WireError):
        sharing.resolve(told("module", module(name="M" * 1000)))


@pytest.mark.parametrize("left", [0, -5, 625, 2**30])
def test_a_place_outside_of_its_numbers_is_not_taken_over(sharing, left):
    words = bytearray(state_of(torch.default_generator))
    words[8:12] = left.to_bytes(4, "little", signed=True)
    with suppress(WireError):
        sharing.resolve(told("generator", bytes(words), owner="examiner", number=0))
    assert torch.rand(1000).std() > 0.2


@pytest.mark.parametrize("count", [0, 1, 623, 624, 625, 5000])
def test_what_was_drawn_over_there_is_drawn_here(sharing, count):
    torch.manual_seed(5)
    there = torch.Generator().manual_seed(5)
    torch.rand(count, generator=there)
    torch.randn(3, generator=there)
    sharing.resolve(told("generator", state_of(there), owner="examiner", number=0))
    assert torch.equal(torch.randn(5), torch.randn(5, generator=there))


def test_a_seed_that_was_set_over_there_is_set_here(sharing):
    there = torch.Generator().manual_seed(77)
    torch.rand(9, generator=there)
    sharing.resolve(told("generator", state_of(there), owner="examiner", number=0))
    assert torch.equal(torch.rand(5), torch.rand(5, generator=there))


def test_no_more_is_shared_than_the_limit(sharing, monkeypatch):
    monkeypatch.setattr("autograder.wire.pytorch.places._MOST", 10)
    with pytest.raises(WireError, match="at most 10"):
        for number in range(20):
            sharing.resolve(told("leaf", leaf(), number=number))
