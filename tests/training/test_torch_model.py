"""Does a PyTorch module train as PyTorch trains it, and as its NumPy twin trains?"""

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from coursekit.data import digits, moons
from coursekit.numpy_ref import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    adam,
    l2_penalty,
    max_norm,
    momentum,
    sgd,
)
from coursekit.training import Callback, Trainer, as_model, evaluate, predict
from coursekit.training.model import activations, copies
from coursekit.training.torch_model import TorchModel

TRAIN, VALIDATION = digits("train", n=90), digits("validation", n=40)


class Watch(Callback):
    """Keeps the parameters of every step."""

    def __init__(self):
        self.seen = []

    def on_start(self, run):
        self.model = run.model

    def on_step(self, record):
        self.seen.append(copies(self.model)["params"])


def module(*, p=0.0, seed=0, dtype=torch.float64) -> Any:
    torch.manual_seed(seed)
    conv = (nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))
    return nn.Sequential(*conv, nn.Flatten(), nn.Dropout(p), nn.Linear(64, 10)).to(dtype)


def twin(net):
    """The NumPy network with the weights of `module`, which has a dropout layer in place 5."""
    rng = np.random.default_rng(0)
    conv = (Conv2d(1, 4, 3, padding=1, rng=rng), BatchNorm2d(4), ReLU(), MaxPool2d(2))
    made = Sequential(*conv, Flatten(), Linear(64, 10, rng=rng))
    params = {n.replace("6.", "5."): w for n, w in copies(as_model(net))["params"].items()}
    made.load({name: w.T if name == "5.weight" else w for name, w in params.items()})
    return made


def train(net, *callbacks, **settings):
    settings = {"lr": 0.05, "epochs": 3, "batch_size": 20, **settings}
    trainer = Trainer(net, **settings, callbacks=callbacks)
    return trainer.fit(TRAIN, VALIDATION)


def test_params_are_views_of_the_module():
    net = module()
    model = TorchModel(net)
    assert list(model.params) == [name for name, _ in net.named_parameters()]
    model.params["6.bias"][3] = 7.0
    assert net[6].bias[3] == 7.0
    model.load({name: w + 1 for name, w in model.params.items()})
    assert net[6].bias[3] == 8.0
    assert model.params["6.bias"][3] == 8.0


def test_load_takes_back_what_copies_gave():
    net = module()
    model, x = TorchModel(net), TRAIN.x[:5]
    kept, before = copies(model), predict(net, x)
    train(net)
    assert not np.array_equal(predict(net, x), before)
    model.load(**kept)
    np.testing.assert_array_equal(predict(net, x), before)
    assert net[1].num_batches_tracked == 0


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda params: params.pop("6.bias"), "not the names of its parameters"),
        (lambda params: params.update(more=np.ones(1)), "not the names of its parameters"),
        (lambda params: params.update({"6.bias": np.ones(9)}), "6.bias has the wrong shape"),
    ],
)
def test_load_refuses_what_does_not_fit_and_changes_nothing(change, wrong):
    model = TorchModel(module())
    before, other = copies(model), {n: w + 1 for n, w in model.params.items()}
    change(other)
    with pytest.raises(ValueError, match=f"TorchModel: .*{wrong}"):
        model.load(other)
    with pytest.raises(ValueError, match="not the names of its buffers"):
        model.load(before["params"], {})
    for name, w in model.params.items():
        np.testing.assert_array_equal(w, before["params"][name])


def test_backward_needs_a_forward_pass_in_training():
    model = TorchModel(module())
    dout = np.ones((2, 10))
    with pytest.raises(ValueError, match="backward has nothing to go back from"):
        model.backward_params(dout)
    model.forward(TRAIN.x[:2], training=True, rng=None)
    model.backward_params(dout)
    with pytest.raises(ValueError, match="Expected a forward pass"):
        model.backward_params(dout)
    model.forward(TRAIN.x[:2], training=False, rng=None)
    with pytest.raises(ValueError, match="Expected a forward pass"):
        model.backward_params(dout)


def test_gradient_of_an_unused_parameter_is_zero():
    net = module()
    net.register_parameter("unused", nn.Parameter(torch.ones(3).double()))
    model = TorchModel(net)
    scores = model.forward(TRAIN.x[:2], training=True, rng=None)
    model.backward_params(np.ones_like(scores))
    assert model.grads["unused"].tolist() == [0, 0, 0]
    assert np.abs(model.grads["0.weight"]).max() > 0


@pytest.mark.parametrize("size", [20, 90])
def test_training_is_a_loop_of_pytorch_step_by_step(size):
    net, reference, watch, rate = (
        module(p=0.0),
        module(p=0.0),
        Watch(),
        lambda step: 0.1 / (1 + step),
    )
    update = partial(torch.optim.SGD, momentum=0.9, weight_decay=0.01)
    history = train(net, watch, update=update, lr=rate, batch_size=size, epochs=2, seed=7)
    optimizer = torch.optim.SGD(reference.parameters(), lr=1.0, momentum=0.9, weight_decay=0.01)
    shuffling = np.random.default_rng(7).spawn(3)[0]
    losses, step = [], 0
    for _ in range(2):
        reference.train()
        order = shuffling.permutation(len(TRAIN))
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            optimizer.param_groups[0]["lr"] = rate(step)
            optimizer.zero_grad()
            scores = reference(torch.tensor(TRAIN.x[batch]).double())
            loss = nn.functional.cross_entropy(scores, torch.tensor(TRAIN.y[batch]))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            for name, p in reference.named_parameters():
                np.testing.assert_allclose(
                    watch.seen[step][name], p.detach(), rtol=1e-9, atol=1e-12
                )
            step += 1
    assert len(watch.seen) == step
    np.testing.assert_allclose(history.column("loss"), np.reshape(losses, (2, -1)).mean(axis=1))
    for (name, ours), (_, theirs) in zip(
        net.named_buffers(), reference.named_buffers(), strict=True
    ):
        torch.testing.assert_close(ours, theirs, msg=name)


SETTINGS = {
    "sgd": {"update": sgd},
    "momentum": {"update": momentum, "lr": 0.02},
    "adam": {"update": adam, "lr": 0.003},
    "penalty": {"penalty": partial(l2_penalty, weight_decay=0.1)},
    "scaled": {"lr_scale": lambda name: 0.5 if name.startswith("0") else 1.0},
    "frozen": {"lr_scale": lambda name: 0.0 if name.startswith("1") else 1.0},
    "augmented": {"augment": lambda x, y, *, rng: (x + rng.normal(size=x.shape), y)},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=list(SETTINGS))
def test_numpy_and_torch_nets_of_equal_weights_train_alike(settings):
    net = module()
    other = twin(net)
    ours, theirs = train(other, **settings), train(net, **settings)
    for name in ours.names():
        np.testing.assert_allclose(ours.column(name), theirs.column(name), rtol=1e-10)
    assert ours.column("loss")[-1] < ours.column("loss")[0]
    np.testing.assert_allclose(other.params["5.weight"].T, net[6].weight.detach(), atol=1e-10)
    for name in ("running_mean", "running_var"):
        np.testing.assert_allclose(other.buffers[f"1.{name}"], getattr(net[1], name), atol=1e-10)


@pytest.mark.parametrize("numpy_rule", [True, False])
def test_torch_optimizer_and_numpy_rule_agree(numpy_rule):
    penalty = partial(l2_penalty, weight_decay=0.1)
    nets = [module(), module()]
    updates = (torch.optim.Adam, adam) if numpy_rule else (torch.optim.SGD, sgd)
    scale = {"0.weight": 0.1, "0.bias": 0.0}
    settings = {"penalty": penalty, "lr": 0.01, "lr_scale": lambda name: scale.get(name, 1.0)}
    first, second = (train(n, update=u, **settings) for n, u in zip(nets, updates, strict=True))
    np.testing.assert_allclose(first.column("loss"), second.column("loss"), rtol=1e-8)
    for one, other in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-8)
    assert torch.equal(nets[0][0].bias, module()[0].bias)
    assert not torch.equal(nets[0][0].weight, module()[0].weight)


def test_constraint_holds_for_a_module():
    net = module()

    def constraint(w):  # PyTorch's weight of a linear layer is the transpose of ours
        return max_norm(w.T, c=0.01).T if w.ndim == 2 else w

    train(net, constraint=constraint, lr=0.5)
    norms = net[6].weight.detach().norm(dim=1)
    assert 0.099 < norms.max() <= 0.1 + 1e-9
    assert module()[6].weight.norm(dim=1).min() > 0.1


@pytest.mark.parametrize("update", [sgd, torch.optim.AdamW])
def test_frozen_parts_do_not_move(update):
    net = module()
    for part in net[:2]:
        part.requires_grad_(False)
    before = {name: t.clone() for name, t in net.state_dict().items()}
    train(net, update=update)
    after = net.state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"6.weight", "6.bias"}  # not even the averages of the frozen BatchNorm


def test_frozen_parameters_are_buffers():
    net = module()
    net[0].weight.requires_grad_(False)
    model = TorchModel(net)
    assert "0.weight" not in model.params
    assert model.buffers["0.weight"].shape == (4, 1, 3, 3)
    model.load(**copies(model))


def test_batchnorm_that_learns_its_shift_only_still_measures():
    net = module()
    net[1].weight.requires_grad_(False)
    train(net, epochs=1)
    assert net[1].running_mean.abs().max() > 0
    assert net[1].num_batches_tracked == 5


def test_dropout_follows_the_seed():
    def records(seed, interfere=False):
        class Interfere(Callback):
            def on_step(self, record):
                if interfere:
                    torch.rand(3)

        return train(module(p=0.5), Interfere(), seed=seed).records

    assert records(1) == records(1) == records(1, interfere=True)
    assert records(1) != records(2)


def test_dropout_masks_differ_from_step_to_step():
    net = nn.Sequential(nn.Dropout(0.5), nn.Linear(50, 2))
    model, rng = TorchModel(net), np.random.default_rng(0)
    x = np.ones((1, 50), np.float32)
    scores = [model.forward(x, training=True, rng=rng) for _ in range(2)]
    assert not np.array_equal(scores[0], scores[1])


def test_training_leaves_the_generator_of_pytorch_alone():
    net = module(p=0.5)
    torch.manual_seed(11)
    expected = torch.rand(2)
    torch.manual_seed(11)
    train(net, epochs=1)
    assert torch.equal(torch.rand(2), expected)


def test_evaluation_is_evaluation_and_leaves_no_trace():
    net = module(p=0.5)
    net.train()
    before = copies(TorchModel(net))
    first, second = (predict(net, VALIDATION.x) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    for name, array in copies(TorchModel(net))["buffers"].items():
        np.testing.assert_array_equal(array, before["buffers"][name])
    with torch.no_grad():
        reference = net.eval()(torch.from_numpy(VALIDATION.x.copy()).double())
    np.testing.assert_allclose(first, reference.numpy(), rtol=1e-12)


def test_module_in_float32_and_bfloat16_trains():
    for dtype in (torch.float32, torch.bfloat16):
        net = module(dtype=dtype)
        history = train(net, update=torch.optim.SGD)
        assert history.column("loss")[-1] < history.column("loss")[0]
        assert net[6].weight.dtype is dtype


def test_activations_of_the_two_kinds_of_network_agree():
    net = module()
    train(net, epochs=1)
    seen, twins = activations(net, TRAIN.x[:6]), twin(net)
    twins.load(
        twins.params, {f"1.{n}": getattr(net[1], n).numpy() for n in twins.layers[1].buffers}
    )
    theirs = activations(twins, TRAIN.x[:6].astype(float))
    assert list(seen) == ["0", "1", "2", "3", "4", "5", "6"]
    for ours, name in enumerate(("0", "1", "2", "3", "4", "6")):
        np.testing.assert_allclose(theirs[str(ours)], seen[name], atol=1e-12)
    scores = predict(net, TRAIN.x[:6])
    np.testing.assert_array_equal(seen["6"], scores)


def test_activations_survive_a_layer_that_works_in_place():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 20), nn.ReLU(inplace=True))
    seen = activations(net, moons("train").x[:5])
    assert seen["0"].min() < 0 <= seen["1"].min()
    assert not net[0]._forward_hooks


def test_evaluate_takes_a_module():
    loss, accuracy = evaluate(module(), VALIDATION)
    model = TorchModel(module())
    assert (loss, accuracy) == evaluate(model, VALIDATION)


def test_as_model_says_what_is_missing():
    with pytest.raises(TypeError, match=r"this is no network.*got int without forward"):
        as_model(3)
    with pytest.raises(TypeError, match="got type without"):
        as_model(nn.Linear)


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.line, self.memory = nn.Linear(2, 2), nn.LSTM(2, 2)

    def forward(self, x):
        return self.memory(self.line(x))


def test_module_without_scores_is_named():
    with pytest.raises(TypeError, match=r"TorchModel: the module gives no scores.*got tuple"):
        Trainer(Pair()).fit(moons("train"))


def test_activations_leave_out_what_is_no_tensor():
    class Scores(Pair):
        def forward(self, x):
            return super().forward(x)[0]

    assert list(activations(Scores(), np.ones((3, 2), np.float32))) == ["line"]


def test_error_of_a_module_says_what_the_module_was_given():
    with pytest.raises(RuntimeError) as caught:
        predict(nn.Linear(64, 10), digits("test").x[:3])
    (note,) = caught.value.__notes__
    assert note.startswith("TorchModel: Linear was given x of shape (3, 1, 8, 8), in evaluation.")


def test_gradient_may_be_read_only_or_of_another_type():
    model = TorchModel(nn.Linear(2, 3))
    model.forward(np.ones((4, 2), np.float32), training=True, rng=None)
    model.backward_params(np.broadcast_to(1.0, (4, 3)))
    np.testing.assert_array_equal(model.grads["bias"], 4)
    assert model.grads["bias"].dtype == np.float32
