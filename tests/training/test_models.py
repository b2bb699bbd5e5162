"""Are the famous networks what their papers say, and what torchvision has?"""

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from coursekit._torchvision import import_torchvision
from coursekit.numpy_ref import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential
from coursekit.numpy_ref import local_response_norm_forward as local_response_norm
from coursekit.training import models

RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
VGGS = ("vgg16", "vgg19")
OTHERS = {
    "alexnet": 60_965_224,
    "lenet_300_100": 266_610,
    "lenet5": 431_080,
}
NAMES = (*RESNETS, *VGGS, *OTHERS)


def rng(seed=0):
    return np.random.default_rng(seed)


def on_meta(name, **settings):
    """The network without memory: shapes only."""
    with torch.device("meta"):
        return getattr(models, name)(rng=rng(), **settings)


def on_meta_theirs(name, **settings):
    """The network of torchvision."""
    with torch.device("meta"):
        return getattr(import_torchvision().models, name)(**settings)


def shapes(net):
    return {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}


def parameters(net):
    return sum(p.numel() for p in net.parameters())


def randomize(net):
    """Values for everything, running averages and scales too, so that no mistake cancels."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if name.endswith("num_batches_tracked"):
                tensor.zero_()
                continue
            std = 1 / math.sqrt(math.prod(tensor.shape[1:])) if tensor.ndim > 1 else 0.2
            tensor.normal_(0.0, std, generator=generator)
            if name.endswith("running_var"):
                tensor.abs_().add_(0.5)


@pytest.mark.parametrize("name", [*RESNETS, *VGGS])
def test_networks_have_the_parameters_of_torchvision(name):
    assert shapes(on_meta(name)) == shapes(on_meta_theirs(name))


@pytest.mark.parametrize("name", OTHERS)
def test_networks_have_the_parameters_of_the_papers(name):
    assert parameters(on_meta(name)) == OTHERS[name]


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_resnet_computes_what_torchvision_does(name):
    theirs = on_meta_theirs(name, num_classes=7).to_empty(device="cpu")
    randomize(theirs)
    ours = on_meta(name, num_classes=7)
    ours.load_state_dict(copy.deepcopy(theirs.state_dict()), assign=True)
    x = torch.randn(2, 3, 65, 47, generator=torch.Generator().manual_seed(1))
    for training in (False, True):
        ours.train(training)
        theirs.train(training)
        with torch.no_grad():
            torch.testing.assert_close(ours(x), theirs(x))
    for name, tensor in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], tensor)


@pytest.mark.parametrize("name", VGGS)
def test_vgg_computes_what_torchvision_does(name):
    """The affine layers, half a gigabyte, are compared by kind and shape only."""
    ours, theirs = on_meta(name), on_meta_theirs(name)
    kinds = [[type(layer) for layer in net.classifier] for net in (ours, theirs)]
    assert kinds[0] == kinds[1]
    assert [d.p for d in ours.classifier if isinstance(d, nn.Dropout)] == [0.5, 0.5]
    theirs.features.to_empty(device="cpu")
    randomize(theirs.features)
    ours.features.load_state_dict(theirs.features.state_dict(), assign=True)
    x = torch.randn(1, 3, 40, 33, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        ours_out = ours.avgpool(ours.features(x))
        torch.testing.assert_close(ours_out, theirs.avgpool(theirs.features(x)))


def test_vgg_averages_nothing_at_its_own_size():
    net = on_meta("vgg16")
    assert net.features(torch.zeros(1, 3, 224, 224, device="meta")).shape[2:] == (7, 7)


def test_vgg_has_nine_tenths_of_its_parameters_in_affine_layers():
    net = on_meta("vgg16")
    assert round(parameters(net.classifier) / parameters(net), 1) == 0.9


@pytest.mark.parametrize(
    ("name", "depth"), [(name, int(name.removeprefix("resnet"))) for name in RESNETS]
)
def test_resnet_depth_counts_the_layers_of_the_longest_way(name, depth):
    layers = [
        part
        for part_name, part in on_meta(name).named_modules()
        if isinstance(part, nn.Conv2d | nn.Linear) and "downsample" not in part_name
    ]
    assert len(layers) == depth


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110])
@pytest.mark.parametrize("name", ["plain_net", "residual_net"])
def test_small_nets_have_depth_and_parameters_of_the_paper(name, depth):
    millions = {20: 0.27, 32: 0.46, 44: 0.66, 56: 0.85, 110: 1.7}
    with torch.device("meta"):
        net = getattr(models, name)(depth, rng=rng())
    assert sum(isinstance(part, nn.Conv2d | nn.Linear) for part in net.modules()) == depth
    assert float(f"{parameters(net) / 1e6:.2g}") == millions[depth]


def test_plain_and_residual_nets_start_from_the_same_weights():
    plain, residual = models.plain_net(14, rng=rng()), models.residual_net(14, rng=rng())
    assert shapes(plain) == shapes(residual)
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, residual.state_dict()[name])


@pytest.mark.parametrize(("channels", "width", "stride"), [(4, 4, 1), (4, 6, 2), (4, 6, 1)])
def test_residual_block_adds_every_second_pixel_and_empty_channels(channels, width, stride):
    residual = models.ResidualBlock(channels, width, stride=stride)
    plain = models.PlainBlock(channels, width, stride=stride)
    plain.load_state_dict(residual.state_dict())
    x = torch.randn(2, channels, 7, 8, generator=torch.Generator().manual_seed(0))
    added = torch.zeros_like(plain(x))
    added[:, :channels] = x[:, :, ::stride, ::stride]
    torch.testing.assert_close(residual(x), torch.relu(plain.body(x) + added))
    torch.testing.assert_close(plain(x), torch.relu(plain.body(x)))


@pytest.mark.parametrize("block", [models.BasicBlock, models.Bottleneck])
def test_block_with_zero_gamma_passes_on_what_is_positive(block):
    layer = block(16, 16 // block.expansion)
    nn.init.zeros_(layer.last_norm.weight)
    x = torch.rand(2, 16, 5, 5)
    assert torch.equal(layer(x), x)
    nn.init.ones_(layer.last_norm.weight)
    assert not torch.equal(layer(x), x)


@pytest.mark.parametrize(
    ("build", "last"),
    [
        (lambda **s: models.residual_net(14, **s), ".bn2.weight"),
        (lambda **s: models.resnet18(num_classes=2, **s), ".bn2.weight"),
        (lambda **s: models.resnet50(num_classes=2, **s), ".bn3.weight"),
    ],
)
def test_zero_gamma_is_set_at_the_end_of_each_block_and_nowhere_else(build, last):
    for zero_gamma in (False, True):
        net = build(zero_gamma=zero_gamma, rng=rng())
        for name, scale in net.state_dict().items():
            if scale.ndim == 1 and name.endswith("weight"):
                expected = 0.0 if zero_gamma and name.endswith(last) else 1.0
                assert bool((scale == expected).all()), name


def test_weights_follow_he_and_the_last_layer_is_small():
    net = models.resnet18(num_classes=1000, rng=rng())
    for name, parameter in net.named_parameters():
        if name.startswith("fc."):
            expected = 0.01 if parameter.ndim > 1 else 0.0
        elif parameter.ndim > 1:
            expected = math.sqrt(2 / math.prod(parameter.shape[1:]))
        else:
            continue
        assert parameter.std().item() == pytest.approx(expected, rel=0.05), name


@pytest.mark.parametrize("seed", range(5))
def test_first_loss_is_near_that_of_a_guess(seed):
    net = models.residual_net(20, rng=rng(seed))
    x = torch.rand(32, 3, 32, 32, generator=torch.Generator().manual_seed(seed))
    scores = net(x)
    loss = nn.functional.cross_entropy(scores, torch.arange(32) % 10)
    assert loss.item() == pytest.approx(math.log(10), abs=0.1)


@pytest.fixture(scope="module")
def alexnet():
    return models.alexnet(num_classes=20, rng=rng())


def test_alexnet_has_the_layers_of_2012():
    net, x = on_meta("alexnet").eval(), torch.zeros(1, 3, 227, 227, device="meta")
    seen = {}
    for name, layer in net.named_children():
        x = layer(x)
        seen[name] = tuple(x.shape[1:])
    first = ["conv1", "relu1", "norm1", "pool1", "conv2", "relu2", "norm2", "pool2"]
    second = ["conv3", "relu3", "conv4", "relu4", "conv5", "relu5", "pool5", "flatten"]
    third = ["fc6", "relu6", "drop6", "fc7", "relu7", "drop7", "fc8"]
    assert list(seen) == [*first, *second, *third]
    sides = {name: shape[1] for name, shape in seen.items() if len(shape) == 3}
    assert [sides[f"conv{i}"] for i in range(1, 6)] == [55, 27, 13, 13, 13]
    assert [sides[f"pool{i}"] for i in (1, 2, 5)] == [27, 13, 6]
    weights = {name: tuple(p.shape) for name, p in net.named_parameters() if "weight" in name}
    assert weights == {
        "conv1.weight": (96, 3, 11, 11),
        "conv2.weight": (256, 48, 5, 5),
        "conv3.weight": (384, 256, 3, 3),
        "conv4.weight": (384, 192, 3, 3),
        "conv5.weight": (256, 192, 3, 3),
        "fc6.weight": (4096, 9216),
        "fc7.weight": (4096, 4096),
        "fc8.weight": (1000, 4096),
    }
    assert (net.drop6.p, net.drop7.p) == (0.5, 0.5)


def test_alexnet_normalizes_with_the_constants_of_the_paper():
    x = rng().normal(size=(2, 7, 3, 3)) * 30
    expected, _ = local_response_norm(x, n=5, k=2.0, alpha=1e-4, beta=0.75)
    for name in ("norm1", "norm2"):
        out = getattr(on_meta("alexnet"), name)(torch.from_numpy(x))
        np.testing.assert_allclose(out.numpy(), expected)


def test_alexnet_starts_from_small_weights_and_some_biases_of_one(alexnet):
    ones = {"conv2", "conv4", "conv5", "fc6", "fc7"}
    for name, parameter in alexnet.named_parameters():
        layer, kind = name.split(".")
        if kind == "weight":
            assert parameter.std().item() == pytest.approx(0.01, rel=0.03)
        else:
            assert bool((parameter == float(layer in ones)).all()), name


def test_alexnet_is_in_two_groups(alexnet):
    """The second half of the channels changes nothing in the first half of conv2, 4, 5."""
    for layer in (alexnet.conv2, alexnet.conv4, alexnet.conv5):
        x = torch.rand(1, 2 * layer.weight.shape[1], 3, 3)
        half, changed = x.shape[1] // 2, x.clone()
        changed[:, half:] += 1
        out, other = layer(x), layer(changed)
        first = layer.out_channels // 2
        assert torch.equal(out[:, :first], other[:, :first])
        assert not torch.equal(out[:, first:], other[:, first:])


def test_alexnet_gives_scores(alexnet):
    with torch.no_grad():
        assert alexnet(torch.rand(1, 3, 227, 227)).shape == (1, 20)


def numpy_twin(net, shape):
    """A NumPy net with the weights of a LeNet."""
    kinds = {nn.ReLU: ReLU, nn.Flatten: Flatten}
    layers = []
    for layer in net:
        if isinstance(layer, nn.Linear):
            layers.append(Linear(layer.in_features, layer.out_features, rng=rng()))
        elif isinstance(layer, nn.Conv2d):
            layers.append(Conv2d(layer.in_channels, layer.out_channels, 5, rng=rng()))
        else:
            layers.append(MaxPool2d(2) if isinstance(layer, nn.MaxPool2d) else kinds[type(layer)]())
    twin = Sequential(*layers)
    values = [p.detach().double().numpy() for p in net.parameters()]
    names = list(twin.params)
    twin.params = {
        name: value.T if value.ndim == 2 else value
        for name, value in zip(names, values, strict=True)
    }
    return twin.forward(rng(1).normal(size=shape), training=False, rng=None)


@pytest.mark.parametrize("name", ["lenet_300_100", "lenet5"])
@pytest.mark.parametrize("shape", [(1, 28, 28), (2, 16, 21)])
def test_lenet_computes_what_layers_in_numpy_do(name, shape):
    net = getattr(models, name)(input_shape=shape, num_classes=4, rng=rng())
    x = rng(1).normal(size=(3, *shape))
    with torch.no_grad():
        out = net(torch.from_numpy(x).float())
    np.testing.assert_allclose(out, numpy_twin(net, (3, *shape)), rtol=1e-3, atol=1e-5)


def test_lenets_have_the_layers_of_caffe():
    def kinds(net):
        return " ".join(type(layer).__name__ for layer in net)

    assert kinds(on_meta("lenet5")) == (
        "Conv2d MaxPool2d Conv2d MaxPool2d Flatten Linear ReLU Linear"
    )
    assert kinds(on_meta("lenet_300_100")) == "Flatten Linear ReLU Linear ReLU Linear"


@pytest.mark.parametrize("name", NAMES)
def test_networks_take_other_classes_and_channels(name):
    channels = {"input_shape": (2, 28, 28)} if name.startswith("lenet") else {"in_channels": 2}
    net = on_meta(name, num_classes=3, **channels).eval()
    x = torch.zeros(1, *net.input_shape, device="meta")
    assert x.shape[1] == 2
    assert net(x).shape == (1, 3)


BUILDERS = {
    "lenet5": lambda rng: models.lenet5(rng=rng),
    "lenet_300_100": lambda rng: models.lenet_300_100(rng=rng),
    "resnet18": lambda rng: models.resnet18(num_classes=2, rng=rng),
    "plain_net": lambda rng: models.plain_net(8, rng=rng),
    "residual_net": lambda rng: models.residual_net(8, rng=rng),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_equal_rngs_give_equal_networks_and_touch_no_other_chance(name):
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    source = rng(0)
    first, second, third = (BUILDERS[name](source) for source in (source, rng(0), source))
    assert torch.equal(torch.rand(4), expected)
    weights = [next(p for p in net.parameters() if p.ndim > 1) for net in (first, second, third)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_network_keeps_its_pictures_in_copies_and_not_in_slices():
    net = models.residual_net(8, rng=rng())
    assert copy.deepcopy(net).input_shape == (3, 32, 32)
    features = net[:-1]
    assert features.input_shape is None
    assert features(torch.zeros(2, 3, 20, 20)).shape == (2, 64)


@pytest.mark.parametrize(
    ("name", "shape", "expected"),
    [
        ("alexnet", (1, 3, 224, 224), r"\(N, 3, 227, 227\), got \(1, 3, 224, 224\)"),
        ("lenet5", (1, 28, 28), r"\(N, 1, 28, 28\), got \(1, 28, 28\)"),
        ("vgg16", (1, 3, 31, 32), "H and W at least 32"),
        ("resnet18", (1, 1, 64, 64), r"\(N, 3, H, W\)"),
        ("resnet18", (3, 64, 64), r"\(N, 3, H, W\)"),
    ],
)
def test_networks_refuse_pictures_that_do_not_fit(name, shape, expected):
    with pytest.raises(ValueError, match=f"{name}: x has the wrong shape. Expected .*{expected}"):
        on_meta(name)(torch.zeros(shape, device="meta"))


@pytest.mark.parametrize("name", NAMES)
def test_networks_refuse_what_is_no_generator_or_no_count(name):
    build = getattr(models, name)
    with torch.device("meta"):
        with pytest.raises(TypeError, match=f"{name}: rng is not a generator"):
            build(rng=0)
        with pytest.raises(ValueError, match=f"{name}: num_classes is too small"):
            build(num_classes=0, rng=rng())


@pytest.mark.parametrize("depth", [2, 18, 21, 51])
def test_small_nets_refuse_other_depths(depth):
    for build in (models.plain_net, models.residual_net):
        with pytest.raises(ValueError, match=f"depth does not fit. Expected 6n.*got {depth}"):
            build(depth, rng=rng())


@pytest.mark.parametrize(
    ("settings", "error", "wrong"),
    [
        ({"input_shape": 28}, TypeError, "input_shape is not a tuple"),
        ({"input_shape": (28, 28)}, ValueError, "input_shape has not three numbers"),
        ({"input_shape": (1, 28, 28.0)}, TypeError, r"input_shape\[2\] is not a whole number"),
        ({"input_shape": (1, 15, 28)}, ValueError, r"input_shape\[1\] is too small.*at least 16"),
    ],
)
def test_lenet_refuses_shapes_that_make_no_sense(settings, error, wrong):
    with pytest.raises(error, match=f"lenet5: {wrong}"):
        models.lenet5(**settings, rng=rng())


def test_zero_gamma_must_be_a_bool():
    wrong: Any = 0
    with pytest.raises(TypeError, match="resnet18: zero_gamma is not a bool"):
        models.resnet18(zero_gamma=wrong, rng=rng())
    with pytest.raises(TypeError, match="residual_net: zero_gamma is not a bool"):
        models.residual_net(8, zero_gamma=wrong, rng=rng())


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"widths": (8, 8, 8)}, "small_resnet: widths are not four"),
        ({"widths": 8}, "small_resnet: widths are not four"),
        ({"mean": (0.5,), "std": (0.2, 0.2, 0.2)}, "Standardize: mean and std do not fit"),
        ({"mean": 0.5, "std": 0.2}, "Standardize: mean and std do not fit"),
        ({"mean": (), "std": ()}, "Standardize: mean and std do not fit"),
        ({"std": (0.2, 0.0, 0.2)}, "Standardize: one of the std is out of range"),
    ],
)
def test_small_resnet_refuses_numbers_that_do_not_fit(settings, wrong):
    with pytest.raises(ValueError, match=f"{wrong}. Expected "):
        models.small_resnet(rng=rng(), **settings)
