"""Does a summary count what a network costs, and leave the network as it was?"""

import copy
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from coursekit import numpy_ref as ref
from coursekit._torchvision import import_torchvision
from coursekit.training import models
from coursekit.training.summary import Row, Summary, summary

# Layer: weights in thousands, FLOPs in millions, as the decks show them.
DECK = {
    "conv1": (35, 211),
    "conv2": (307, 448),
    "conv3": (885, 299),
    "conv4": (663, 224),
    "conv5": (442, 150),
    "fc6": (38_000, 75),
    "fc7": (17_000, 34),
    "fc8": (4_000, 8),
}


def rng(seed=0):
    return np.random.default_rng(seed)


def on_meta(build, *args, **settings):
    with torch.device("meta"):
        return build(*args, **settings)


def torchvision_model(name, **settings):
    return on_meta(getattr(import_torchvision().models, name), **settings)


@pytest.fixture(scope="module")
def alexnet():
    return summary(on_meta(models.alexnet, rng=rng()))


@pytest.mark.parametrize("layer", DECK)
def test_alexnet_flops_are_the_decks_at_two_a_multiply_add(alexnet, layer):
    assert round(alexnet[layer].flops / 1e6) == DECK[layer][1]


def test_alexnet_flops_of_the_deck_leave_out_the_biases(alexnet):
    assert round((alexnet["fc6"].flops + 2 * 4096) / 1e6) == 76 != DECK["fc6"][1]


@pytest.mark.parametrize("layer", DECK)
def test_alexnet_weights_are_the_decks_up_to_rounding(alexnet, layer):
    """The deck rounds 34,848 up and 663,552 down: so one unit of the last digit is allowed."""
    weights, unit = DECK[layer][0] * 1000, 1_000_000 if DECK[layer][0] >= 1000 else 1000
    assert abs(alexnet[layer].parameters - weights) < unit


def test_alexnet_totals(alexnet):
    assert round(alexnet.parameters / 1e6) == 61
    assert alexnet.flops == 1_448_813_632
    assert sum(flops for _, flops in DECK.values()) == 1449  # the deck says 1.5 billion


PAPER_NETS = {
    "alexnet": (195, "pool5"),
    "vgg16": (212, "features.30"),
    "vgg19": (268, "features.36"),
    "resnet18": (435, "layer4.1.relu2"),
    "resnet50": (427, "layer4.2.relu3"),
}


@pytest.mark.parametrize("name", [*PAPER_NETS, "resnet34", "lenet_300_100", "lenet5"])
def test_summary_agrees_with_the_flop_counter_of_torch(name):
    net = on_meta(getattr(models, name), rng=rng())
    counted = summary(net)
    assert counted.parameters == sum(p.numel() for p in net.parameters())
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net.eval()(torch.zeros(1, *counted.input_shape, device="meta"))
    assert counted.flops == counter.get_total_flops() == 2 * counted.multiply_adds


@pytest.mark.parametrize(
    ("name", "billions"), [("resnet18", 1.8), ("resnet34", 3.6), ("vgg16", 15.5), ("vgg19", 19.6)]
)
def test_summary_has_the_multiply_adds_that_papers_call_flops(name, billions):
    counted = summary(on_meta(getattr(models, name), rng=rng()))
    assert counted.multiply_adds / 1e9 == pytest.approx(billions, abs=0.07)


@pytest.mark.parametrize("name", PAPER_NETS)
def test_summary_finds_known_receptive_fields(name):
    field, layer = PAPER_NETS[name]
    counted = summary(on_meta(getattr(models, name), rng=rng()))
    assert counted[layer].receptive_field == field
    after = counted.rows[[row.name for row in counted.rows].index(layer) + 1 :]
    expected = field if name.startswith("vgg") else None  # its avgpool does nothing at 224
    assert after[0].receptive_field == expected
    assert {row.receptive_field for row in after[1:]} <= {None}


@pytest.mark.parametrize(
    ("name", "field", "settings"),
    [
        ("densenet121", 2071, {}),
        ("inception_v3", 1311, {"init_weights": False}),
        ("mobilenet_v2", 491, {}),
    ],
)
def test_summary_finds_the_receptive_fields_of_the_literature(name, field, settings):
    net = torchvision_model(name, **settings)
    counted = summary(net, (3, 299, 299))
    assert max(row.receptive_field or 0 for row in counted.rows) == field
    assert counted.parameters == sum(p.numel() for p in net.parameters())


def measured_field(net, side):
    """How many pixels change a unit in the middle: with positive weights, all that it sees."""
    with torch.no_grad():
        for p in net.parameters():
            p.uniform_(0.1, 0.2, generator=torch.Generator().manual_seed(0))
    x = torch.ones(1, 1, side, side, requires_grad=True)
    out = net.eval()(x)
    middle = [size // 2 for size in out.shape[2:]]
    out[0, :, middle[0], middle[1]].sum().backward()
    assert x.grad is not None
    places = x.grad[0, 0].nonzero()
    return int((places.amax(dim=0) - places.amin(dim=0)).max()) + 1


class Branches(nn.Module):
    """Two ways of different length, joined along the channels, and functional calls."""

    def __init__(self):
        super().__init__()
        self.short, self.long = nn.Conv2d(1, 2, 1), nn.Conv2d(1, 2, 5, padding=2)

    def forward(self, x):
        x = F.avg_pool2d(F.pad(x, (1, 1, 1, 1)), 3, 1)
        return F.relu(torch.cat([self.short(x), self.long(x)], dim=1))


class EverySecondRow(nn.Module):
    def forward(self, x):
        return x[:, :, 1::2, ::3]


FIELDS = {
    "slices": (nn.Sequential(EverySecondRow(), nn.Conv2d(1, 2, (3, 1))), 5),
    "stack": (nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 2, 3)), 5),
    "strides": (nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(1, 2, 3, stride=2), nn.AvgPool2d(2)), 10),
    "pooling that overlaps": (nn.Sequential(nn.AvgPool2d(3, 2), nn.AvgPool2d(3, 2)), 7),
    "dilated": (nn.Conv2d(1, 2, 3, dilation=4), 9),
    "not square": (nn.Sequential(nn.Conv2d(1, 2, (1, 7)), nn.Conv2d(2, 2, (3, 1))), 7),
    "residual": (models.ResidualBlock(1, 3, stride=2), 7),
    "branches": (nn.Sequential(Branches(), nn.Conv2d(4, 1, 3)), 9),
    "mirrored frame": (nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), 3),
    "crop": (nn.Sequential(nn.Conv2d(1, 1, 3), nn.ZeroPad2d(-2), nn.Conv2d(1, 1, 3)), 5),
}


@pytest.mark.parametrize("name", FIELDS)
def test_receptive_field_is_what_gradients_show(name):
    net, field = FIELDS[name]
    counted = summary(net, (1, 48, 48))
    last = counted.rows[-1].receptive_field
    assert last == measured_field(copy.deepcopy(net), 48) == field


def test_receptive_field_of_max_pooling_counts_its_window():
    net = nn.Sequential(nn.MaxPool2d(3, 2), nn.MaxPool2d((2, 2)), nn.MaxPool2d(2, stride=1))
    assert [row.receptive_field for row in summary(net, (1, 32, 32)).rows] == [3, 5, 9]


def test_receptive_field_of_a_residual_block_follows_the_body():
    counted = summary(models.BasicBlock(4, 8, stride=2), (4, 16, 16))
    fields = {row.name: row.receptive_field for row in counted.rows}
    assert (fields["conv1"], fields["conv2"], fields["downsample.0"], fields["relu2"]) == (
        3,
        7,
        1,
        7,
    )


@pytest.mark.parametrize(
    "layer",
    [
        nn.Flatten(),
        nn.AdaptiveAvgPool2d(1),
        nn.ConvTranspose2d(4, 4, 2),
        nn.Upsample(scale_factor=2),
    ],
)
def test_receptive_field_is_none_where_there_is_no_telling(layer):
    rows = summary(nn.Sequential(nn.Conv2d(3, 4, 3), layer, nn.ReLU()), (3, 8, 8)).rows
    assert [row.receptive_field for row in rows] == [3, None, None]


def test_gate_of_the_whole_picture_makes_every_unit_see_it():
    class Gate(nn.Module):
        def forward(self, x):
            return x * x.mean(dim=(2, 3), keepdim=True)

    rows = summary(nn.Sequential(nn.Conv2d(3, 4, 3), Gate(), nn.Conv2d(4, 4, 3)), (3, 8, 8)).rows
    assert [row.receptive_field for row in rows] == [3, None, None]


def numpy_net(dtype: Any = np.float64):
    r = rng()
    body = ref.Sequential(
        ref.Conv2d(6, 6, 3, padding=1, groups=2, bias=False, rng=r, dtype=dtype),
        ref.BatchNorm2d(6, dtype=dtype),
        ref.ReLU(),
        ref.Conv2d(6, 8, 3, padding=1, stride=2, rng=r, dtype=dtype),
    )
    shortcut = ref.Conv2d(6, 8, 1, stride=2, rng=r, dtype=dtype)
    return ref.Sequential(
        ref.Conv2d(3, 6, (5, 3), rng=r, dtype=dtype),
        ref.LocalResponseNorm(5),
        ref.MaxPool2d(3, 2),
        ref.Residual(body, shortcut),
        ref.AvgPool2d(2, padding=1),
        ref.Residual(ref.ReLU()),
        ref.Dropout(0.5),
        ref.Flatten(),
        ref.Linear(8 * 12, 10, rng=r, dtype=dtype),
    )


class TorchResidual(nn.Module):
    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = body
        if shortcut is not None:
            self.shortcut = shortcut

    def forward(self, x):
        return self.body(x) + (self.shortcut(x) if hasattr(self, "shortcut") else x)


def torch_net():
    body = nn.Sequential(
        nn.Conv2d(6, 6, 3, padding=1, groups=2, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Conv2d(6, 8, 3, padding=1, stride=2),
    )
    return nn.Sequential(
        nn.Conv2d(3, 6, (5, 3)),
        nn.LocalResponseNorm(5),
        nn.MaxPool2d(3, 2),
        TorchResidual(body, nn.Conv2d(6, 8, 1, stride=2)),
        nn.AvgPool2d(2, padding=1),
        TorchResidual(nn.ReLU()),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(8 * 12, 10),
    )


def test_numpy_and_torch_have_equal_summaries():
    ours, theirs = summary(numpy_net(np.float32), (3, 28, 24)), summary(torch_net(), (3, 28, 24))
    assert ours == theirs
    assert [row.receptive_field for row in ours.rows] == [
        5,
        5,
        7,
        11,
        11,
        11,
        15,
        7,
        19,
        19,
        19,
        None,
        None,
    ]
    assert ours["3.body.0"] == Row("3.body.0", "Conv2d", (6, 11, 10), 162, 660 * 27, 660, 2640, 11)


def test_numpy_memory_follows_the_float_type():
    double, single = summary(numpy_net(), (3, 28, 24)), summary(numpy_net(np.float32), (3, 28, 24))
    assert double.activation_bytes == 2 * single.activation_bytes == 8 * double.activations
    half = torch_net().half()
    assert summary(half, (3, 28, 24)).activation_bytes == 2 * single.activations


def test_numpy_layers_alone_have_a_summary():
    layers = [
        (ref.Linear(5, 3, rng=rng()), (5,), 18, 15),
        (ref.Linear(20, 3, rng=rng()), (5, 2, 2), 63, 60),
        (ref.Maxout(5, 3, 4, rng=rng()), (5,), 72, 60),
        (ref.LayerNorm((4, 2, 2)), (4, 2, 2), 32, 0),
        (ref.PReLU(), (7,), 1, 0),
    ]
    for layer, shape, count, multiply_adds in layers:
        (row,) = summary(layer, shape).rows
        assert (row.parameters, row.multiply_adds) == (count, multiply_adds), row
        assert row.name == row.kind == type(layer).__name__


def test_numpy_container_of_ones_own_counts_what_runs_and_what_does_not():
    class Twice(ref.Container):
        def __init__(self):
            super().__init__(
                a=ref.Conv2d(2, 2, 3, padding=1, rng=rng()), spare=ref.Linear(2, 2, rng=rng())
            )

        def forward(self, x, *, training, rng):
            out = self.children["a"].forward(x, training=training, rng=rng)
            return out * 2 + x

    rows = summary(ref.Sequential(Twice(), ref.ReLU()), (2, 6, 6)).rows
    assert [(row.name, row.parameters, row.receptive_field) for row in rows] == [
        ("0.a", 38, 3),
        ("1", 0, 3),
        ("(elsewhere)", 6, None),
    ]


def test_numpy_layer_of_ones_own_is_refused_if_its_arithmetic_is_unknown():
    class Scale(ref.Layer):
        def __init__(self, shape):
            super().__init__()
            self.params = {"scale": np.ones(shape)}

        def forward(self, x, *, training, rng):
            return x * self.params["scale"]

    assert summary(Scale((3,)), (3,)).parameters == 3
    with pytest.raises(TypeError, match=r"cannot count the multiply-adds.*got Scale"):
        summary(ref.Sequential(Scale((1, 3))), (3,))


def test_numpy_net_is_left_as_it_was():
    net = numpy_net()
    x, dout = rng().normal(size=(2, 3, 28, 24)), rng().normal(size=(2, 10))
    net.forward(x, training=True, rng=rng())
    untouched = copy.deepcopy(net)
    summary(net, (3, 28, 24))
    np.testing.assert_array_equal(net.backward(dout), untouched.backward(dout))
    for name, array in untouched.buffers.items():
        np.testing.assert_array_equal(net.buffers[name], array)
    assert all("forward" not in vars(layer) for layer in net.layers)


def test_module_is_left_as_it_was():
    net = torch_net().train()
    net.get_submodule("3.body.1").eval()
    modes = [module.training for module in net.modules()]
    assert len(set(modes)) == 2
    before = copy.deepcopy(net.state_dict())
    tensors = [id(t) for t in (*net.parameters(), *net.buffers())]
    state = torch.get_rng_state()
    for shape in [(3, 28, 24), (3, 2, 2)]:  # the second does not fit
        try:
            summary(net, shape)
        except ValueError:
            assert shape == (3, 2, 2)
        assert [module.training for module in net.modules()] == modes
        assert [id(t) for t in (*net.parameters(), *net.buffers())] == tensors
        for name, tensor in net.state_dict().items():
            assert torch.equal(tensor, before[name])
        assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
        assert all(p.grad is None and p.requires_grad for p in net.parameters())
    assert torch.equal(torch.get_rng_state(), state)


def test_module_runs_in_evaluation_mode_where_training_could_not():
    """BatchNorm of one sample and one place has no variance."""
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).train()
    assert summary(net, (3,)).parameters == 24


def test_shared_layers_run_twice_and_are_counted_once():
    shared = nn.Linear(4, 4)
    counted = summary(nn.Sequential(shared, nn.ReLU(), shared), (4,))
    assert [(row.name, row.parameters, row.multiply_adds) for row in counted.rows] == [
        ("0", 20, 16),
        ("1", 0, 0),
        ("0", 0, 16),
    ]


def test_tied_weights_are_counted_once():
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    net[1].weight = net[0].weight
    counted = summary(net, (4,))
    assert [row.parameters for row in counted.rows] == [20, 4]
    assert counted.parameters == sum(p.numel() for p in net.parameters()) == 24


def test_frozen_parameters_count_too():
    net = nn.Linear(4, 4).requires_grad_(False)
    assert summary(net, (4,)).parameters == 20


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(5, 3, 3, 3))
        self.fc = nn.Linear(5, 4)

    def forward(self, x):
        x = F.conv2d(x, self.w, padding=1)
        return F.linear(x.mean(dim=(2, 3)), self.fc.weight, self.fc.bias)


def test_functional_calls_are_counted_where_they_are_made():
    counted = summary(nn.Sequential(nn.Identity(), Functional()), (3, 8, 8))
    assert [(r.name, r.kind, r.parameters, r.multiply_adds) for r in counted.rows] == [
        ("0", "Identity", 0, 0),
        ("1", "Functional", 135, 64 * 135 + 20),
        ("(elsewhere)", "", 24, 0),
    ]


@pytest.mark.parametrize(
    ("net", "shape", "multiply_adds"),
    [
        (nn.ConvTranspose2d(3, 5, 3, stride=2), (3, 8, 8), 64 * 3 * 5 * 9),
        (nn.ConvTranspose2d(4, 6, 3, groups=2), (4, 8, 8), 64 * 4 * 3 * 9),
        (nn.Conv1d(3, 4, 3), (3, 9), 7 * 4 * 9),
        (nn.Conv3d(3, 4, 3), (3, 5, 5, 5), 27 * 4 * 81),
        (nn.Linear(3, 4, bias=False), (7, 3), 7 * 12),
        (nn.Conv2d(4, 4, 3, groups=4), (4, 8, 8), 36 * 4 * 9),
    ],
)
def test_multiply_adds_by_hand(net, shape, multiply_adds):
    assert summary(net, shape).multiply_adds == multiply_adds


def test_outputs_may_be_tuples():
    counted = summary(nn.LSTM(4, 5, batch_first=True), (7, 4))
    assert (counted.rows[0].output_shape, counted.rows[0].activations) == ((7, 5), 45)
    assert counted.rows[0].receptive_field is None


def test_rows_are_for_one_sample_without_a_batch_axis():
    assert summary(nn.Conv2d(3, 6, 5), (3, 32, 32)).rows == (
        Row("Conv2d", "Conv2d", (6, 28, 28), 456, 4704 * 75, 4704, 4 * 4704, 5),
    )


def test_networks_know_their_own_pictures():
    net = models.lenet5(rng=rng())
    assert summary(net) == summary(net, (1, 28, 28)) == summary(net, [1, 28, 28])  # type: ignore
    with pytest.raises(TypeError, match=r"input_shape is missing.*Try summary\(model, "):
        summary(nn.Linear(3, 4))


def test_table_shows_every_row_and_the_sums():
    lines = str(summary(models.lenet5(rng=rng()))).splitlines()
    assert lines[0].split() == [
        "layer", "kind", "output", "parameters", "multiply-adds", "FLOPs", "activations", "field"
    ]  # fmt: skip
    assert lines[1].split() == ["input", "1×28×28"]
    assert lines[2].split() == [
        "conv1", "Conv2d", "20×24×24", "520", "288,000", "576,000", "11,520", "5"
    ]  # fmt: skip
    assert lines[-2].split()[-1] == "-"
    assert lines[-1].split() == ["total", "431,080", "2,293,000", "4,586,000", "20,210"]
    assert len(lines) == 2 + 8 + 1


def test_html_table_has_the_same_cells_escaped():
    row = Row("a<b", "Linear", (10,), 650, 640, 10, 40, 7)
    text = Summary((64,), (row,))._repr_html_()
    assert "<td>a&lt;b</td><td>Linear</td><td>10</td><td>650</td><td>640</td><td>1,280</td>" in text
    assert text.count("<tr>") == text.count("</tr>") == 4
    assert "<th>field</th>" in text


def test_summary_names_its_rows_when_one_is_missing():
    with pytest.raises(KeyError, match=r"no layer 'conv9'.*'conv1', 'pool1'"):
        summary(models.lenet5(rng=rng()))["conv9"]


@pytest.mark.parametrize(
    ("model", "shape", "error", "wrong"),
    [
        ("a net", (3,), TypeError, "this is no network.*got str"),
        (nn.Linear, (3,), TypeError, "this is no network.*got type"),
        (nn.Linear(3, 4), 3, TypeError, "input_shape is not a tuple"),
        (nn.Linear(3, 4), (), ValueError, "input_shape is empty"),
        (nn.Linear(3, 4), (3.0,), TypeError, r"input_shape\[0\] is not a whole number"),
        (nn.Linear(3, 4), (0,), ValueError, r"input_shape\[0\] is too small"),
        (nn.Linear(3, 4), (5,), ValueError, r"Linear does not run.*got \(5,\) and RuntimeError"),
        (ref.Linear(3, 4, rng=rng()), (5,), ValueError, r"Linear does not run.*and ValueError"),
        (nn.Bilinear(3, 3, 3), (3,), ValueError, "Bilinear does not run.*and TypeError"),
    ],
)
def test_summary_refuses_what_makes_no_sense(model: Any, shape: Any, error, wrong):
    with pytest.raises(error, match=f"summary: {wrong}"):
        summary(model, shape)


def test_summary_of_a_numpy_net_needs_no_torch():
    program = (
        "import sys, numpy as np\n"
        "from coursekit.numpy_ref import Linear\n"
        "from coursekit.training.summary import summary\n"
        "assert summary(Linear(3, 4, rng=np.random.default_rng(0)), (3,)).parameters == 16\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
