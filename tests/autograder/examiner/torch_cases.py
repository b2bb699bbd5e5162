"""What tests of labs with PyTorch do: student code, and a test that is written plainly.

Each test passes with the student code of its case, and fails with the wrong one.
"""

from typing import NamedTuple


class Case(NamedTuple):
    """right and wrong: student code; test: what the instructor wrote."""

    right: str
    wrong: str
    test: str


def _edited(right: str, before: str, after: str, test: str) -> Case:
    assert right.count(before) == 1, before
    return Case(right, right.replace(before, after), test)


SETUP = """
import torch
from torch import nn
import torch.nn.functional as F
"""

_NET = """
class Net(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.hidden = 5
        self.fc1 = nn.Linear(d, self.hidden)
        self.bn = nn.BatchNorm1d(5)
        self.drop = nn.Dropout(0.5)
        self.fc2 = nn.Linear(5, k)

    def forward(self, x):
        return self.fc2(self.drop(self.bn(torch.relu(self.fc1(x)))))
"""

_STEP = """
def step(model, optimizer, x, y, loss_fn=F.cross_entropy):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()
"""

_TWIN_STEPS = """
import copy
x, y = torch.randn(6, 4), torch.arange(6) % 3
twin = copy.deepcopy(net)
ours, theirs = (torch.optim.Adam(n.parameters(), lr=0.05, weight_decay=0.1) for n in (net, twin))
for _ in range(3):
    theirs.zero_grad()
    loss = loss_fn(twin(x), y)
    loss.backward()
    theirs.step()
    assert abs(step(net, ours, x, y, loss_fn) - loss.item()) < 1e-5
for p, q in zip(net.parameters(), twin.parameters()):
    assert torch.allclose(p, q, atol=1e-5) and torch.allclose(p.grad, q.grad, atol=1e-5)
kept = ours.state_dict()["state"]
want = theirs.state_dict()["state"]
assert kept[0]["step"] == 3 and torch.allclose(kept[0]["exp_avg"], want[0]["exp_avg"], atol=1e-5)
"""

_SGD = """
class SGD:
    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self):
        for p in self.params:
            p -= self.lr * p.grad
"""

_FUNCTION = """
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        return 3 * x ** 2 * dout
"""

CASES = {
    "gradients of a function": _edited(
        "def f(x, w):\n    return (x @ w).tanh(), x.sum()",
        "x.sum()",
        "x.detach().sum()",
        """
x, w = torch.randn(3, 4, requires_grad=True), torch.randn(4, 2, requires_grad=True)
out, total = f(x, w)
(out.square().sum() + 2 * total).backward()
a, b = (t.detach().clone().requires_grad_() for t in (x, w))
((a @ b).tanh().square().sum() + 2 * a.sum()).backward()
assert torch.allclose(x.grad, a.grad) and torch.allclose(w.grad, b.grad)
""",
    ),
    "gradcheck of a Function": _edited(
        _FUNCTION,
        "3 * x",
        "2 * x",
        "x = torch.rand(3, dtype=torch.float64, requires_grad=True)\n"
        "assert torch.autograd.gradcheck(Cube.apply, x, raise_exception=False)",
    ),
    "gradients through what was computed here and there": _edited(
        "def f(x):\n    return x.square()\ndef g(h, x):\n    return h * x",
        "h * x",
        "h * x.detach()",
        """
x = torch.tensor([1.0, 2.0], requires_grad=True)
h = f(3 * x)
h.retain_grad()
(g(h, x) + f(h)).sum().backward()
assert torch.allclose(h.grad, x.detach() + 2 * h.detach())
assert x.grad.tolist() == [27 + 324, 27 * 4 + 324 * 8]
""",
    ),
    "a function of the test's is differentiated there": _edited(
        """
def slope(f, x):
    x = x.detach().requires_grad_()
    f(x).backward()
    return x.grad
""",
        "return x.grad",
        "return 2 * x.grad",
        "x = torch.randn(4)\nassert torch.allclose(slope(lambda t: (t ** 3).sum(), x), 3 * x**2)",
    ),
    "a function of the test's in the middle": _edited(
        "def f(forward, x):\n    return forward(x) * x",
        "* x",
        "* x.detach()",
        """
x = torch.tensor([1.0, 2.0], requires_grad=True)
f(lambda t: t**2, x).sum().backward()
assert x.grad.tolist() == [3, 12]
""",
    ),
    "a function of the test's that holds what is trained": _edited(
        """
def total(parts, w):
    return sum(part(w) for part in parts)
""",
        "sum(",
        "2 * sum(",
        """
w, hidden = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
loss = total([lambda w: (w * hidden).sum(), lambda w: (w * w).sum()], w)
gw, gh = torch.autograd.grad(loss, [w, hidden])
assert gw.tolist() == [3, 3] and gh.tolist() == [1, 1]
""",
    ),
    "a network, its parts and its parameters": _edited(
        _NET,
        "nn.Linear(d, self.hidden)",
        "nn.Linear(d, self.hidden, bias=False)",
        """
net = Net(4, 3)
assert isinstance(net, nn.Module) and isinstance(net, Net) and issubclass(Net, nn.Module)
assert sum(p.numel() for p in net.parameters()) == 25 + 10 + 18
assert [n for n, _ in net.named_children()] == ["fc1", "bn", "drop", "fc2"]
assert isinstance(net.fc1, nn.Linear) and net.fc1.out_features == 5 and net.hidden == 5
assert net.fc2.weight.shape == (3, 5) and net.drop.p == 0.5
x = torch.randn(2, 4)
assert torch.allclose(net.fc1(x), F.linear(x, net.fc1.weight, net.fc1.bias))
F.cross_entropy(net(x), torch.tensor([0, 2])).backward()
assert all(p.grad is not None for p in net.parameters())
""",
    ),
    "training and evaluation, statistics and seeds": _edited(
        _NET,
        "self.drop(self.bn(torch.relu(self.fc1(x))))",
        "F.dropout(self.bn(torch.relu(self.fc1(x))))",
        """
net, x = Net(4, 3), torch.randn(6, 4)
before = net.bn.running_mean.clone()
torch.manual_seed(3)
a, b = net(x), net(x)
torch.manual_seed(3)
assert torch.equal(net(x), a) and not torch.equal(a, b)
assert not torch.equal(net.bn.running_mean, before) and net.bn.num_batches_tracked == 3
net.eval()
assert torch.equal(net(x), net(x)) and not net.bn.training
""",
    ),
    "weights are set, saved and copied": _edited(
        _NET,
        "torch.relu(self.fc1(x))",
        "torch.tanh(self.fc1(x))",
        """
import copy
net = Net(4, 3).eval()
state = {k: torch.rand_like(v) + 1 if v.ndim else v for k, v in net.state_dict().items()}
net.load_state_dict(state)
x = torch.randn(2, 4)
h = F.relu(F.linear(x, state["fc1.weight"], state["fc1.bias"]))
names = ("running_mean", "running_var", "weight", "bias")
h = F.batch_norm(h, *(state[f"bn.{name}"] for name in names))
want = F.linear(h, state["fc2.weight"], state["fc2.bias"])
assert torch.allclose(net(x), want, rtol=1e-4)
other = copy.deepcopy(net)
with torch.no_grad():
    net.fc2.weight.zero_()
assert torch.allclose(net(x), state["fc2.bias"].expand(2, 3))
assert torch.allclose(other(x), want, rtol=1e-4)
""",
    ),
    "the student's network in the test's training": _edited(
        _NET,
        "return self.fc2",
        "return 0 * self.fc2",
        """
torch.manual_seed(0)
net, x, y = Net(4, 3), torch.randn(9, 4), torch.arange(9) % 3
opt = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.9)
losses = []
for _ in range(25):
    opt.zero_grad()
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    opt.step()
    losses.append(loss.item())
assert losses[-1] < 0.8 * losses[0]
""",
    ),
    "the test's standard network and optimizer in the student's training": _edited(
        _STEP,
        "    optimizer.zero_grad()\n",
        "",
        "net, loss_fn = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)), F.cross_entropy"
        + _TWIN_STEPS,
    ),
    "the test's own network and loss in the student's training": _edited(
        _STEP,
        "    optimizer.zero_grad()\n",
        "",
        """
class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 3)

    def forward(self, x):
        return self.inner(x) ** 2

net, loss_fn = Own(), lambda logits, y: (logits[:, 0] - y).square().mean() + logits.exp().mean()
"""
        + _TWIN_STEPS,
    ),
    "an optimizer that the student wrote": _edited(
        _SGD,
        "p -= ",
        "p += ",
        """
w = torch.tensor([1.0, -2.0], requires_grad=True)
opt = SGD([w], lr=0.25)
for _ in range(2):
    opt.zero_grad()
    (w**2).sum().backward()
    opt.step()
assert w.tolist() == [0.25, -0.5] and w.grad.tolist() == [1, -2]
opt.zero_grad()
assert w.grad is None
""",
    ),
    "changes in place without a history": _edited(
        "def decay(w, by):\n    w.mul_(by)\ndef set_data(w):\n    w.data[0] = 5",
        "w.mul_(by)",
        "w = w * by",
        """
w, v = torch.ones(2, requires_grad=True), torch.ones(2)
with torch.no_grad():
    decay(w, 0.5)
    decay(v, 0.5)
assert w.tolist() == v.tolist() == [0.5, 0.5]
try:
    decay(w, 0.5)
except RuntimeError:
    set_data(w)
assert w.tolist() == [5, 0.5]
""",
    ),
    "layers are frozen and the head is replaced": _edited(
        """
def adapt(net, classes):
    for p in net.parameters():
        p.requires_grad = False
    net.fc = nn.Linear(net.fc.in_features, classes)
    return net
""",
        "p.requires_grad = False",
        "pass",
        """
class Old(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.fc = nn.Linear(3, 4), nn.Linear(4, 10)

    def forward(self, x):
        return self.fc(self.body(x))

net = Old()
assert adapt(net, 2) is net and isinstance(net.fc, nn.Linear)
assert [n for n, p in net.named_parameters() if p.requires_grad] == ["fc.weight", "fc.bias"]
net(torch.ones(1, 3)).sum().backward()
assert net.fc.weight.grad is not None and net.body.weight.grad is None
""",
    ),
    "groups and schedules of an optimizer": _edited(
        """
def make(net):
    matrices = [p for p in net.parameters() if p.ndim > 1]
    rest = [p for p in net.parameters() if p.ndim == 1]
    opt = torch.optim.SGD([{"params": matrices, "weight_decay": 0.1}, {"params": rest}], lr=0.1)
    return opt, torch.optim.lr_scheduler.StepLR(opt, 2, 0.5)
""",
        '"weight_decay": 0.1',
        '"weight_decay": 0.2',
        """
net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
opt, schedule = make(net)
assert isinstance(opt, torch.optim.SGD)
assert [g["weight_decay"] for g in opt.param_groups] == [0.1, 0]
assert [id(p) for p in opt.param_groups[1]["params"]] == [id(net[0].bias), id(net[1].bias)]
rates = []
for _ in range(4):
    rates.append(opt.param_groups[0]["lr"])
    net(torch.ones(1, 2)).sum().backward()
    opt.step()
    schedule.step()
assert rates == [0.1, 0.1, 0.05, 0.05]
""",
    ),
    "batches, data sets and loaders": _edited(
        """
def batches(x, n):
    for start in range(0, len(x), n):
        yield x[start : start + n]

class Pairs(torch.utils.data.Dataset):
    def __init__(self, x):
        self.x = x
    def __len__(self):
        return len(self.x) - 1
    def __getitem__(self, i):
        return self.x[i], self.x[i + 1]

def total(loader):
    return sum(batch.sum().item() for (batch,) in loader)
""",
        "len(x), n",
        "len(x) - n, n",
        """
x = torch.arange(5.0)
assert [b.tolist() for b in batches(x, 2)] == [[0, 1], [2, 3], [4]]
pairs = Pairs(x)
assert len(pairs) == 4 and pairs[2][1] == 3
loader = torch.utils.data.DataLoader(pairs, batch_size=3)
assert [b.tolist() for a, b in loader] == [[1, 2, 3], [4]]
tensors = torch.utils.data.TensorDataset(x)
assert total(torch.utils.data.DataLoader(tensors, batch_size=2)) == 10
""",
    ),
    "generators of random numbers": _edited(
        """
def mask(x, p, generator):
    return x * (torch.rand(x.shape, generator=generator) >= p)
""",
        ">= p",
        "< p",
        """
x = torch.ones(50)
ours, same = torch.Generator().manual_seed(4), torch.Generator().manual_seed(4)
for _ in range(3):
    assert torch.equal(mask(x, 0.3, ours), x * (torch.rand(50, generator=same) >= 0.3))
assert torch.equal(torch.randn(3, generator=ours), torch.randn(3, generator=same))
torch.manual_seed(1)
got = [mask(x, 0.5, None) for _ in range(3)]
torch.manual_seed(1)
assert all(torch.equal(m, (torch.rand(50) >= 0.5).float()) for m in got)
""",
    ),
    "classes, functions and dtypes of PyTorch's are given": _edited(
        """
def mlp(act, f, dtype):
    net = nn.Sequential(nn.Linear(2, 2, dtype=dtype), act())
    return net, f(torch.ones(1, dtype=dtype))
""",
        "act()",
        "nn.ReLU()",
        """
net, one = mlp(nn.Tanh, F.softplus, torch.float64)
assert type(net) is nn.Sequential and isinstance(net[1], nn.Tanh) and len(net) == 2
assert net[0].weight.dtype == one.dtype == torch.float64
x = torch.ones(1, 2, dtype=torch.float64, requires_grad=True)
assert torch.autograd.gradcheck(net, x)
""",
    ),
    "a network is made double, and nothing is kept of a test": _edited(
        _NET,
        "nn.Dropout(0.5)",
        "nn.Dropout(0.1)",
        """
net = Net(2, 2).double().eval()
assert net(torch.ones(1, 2, dtype=torch.float64)).dtype == torch.float64
with torch.no_grad():
    assert not net(torch.ones(1, 2, dtype=torch.float64)).requires_grad
assert net.drop.p == 0.5
net.drop.p = 1.0
net.train()
assert torch.allclose(net(torch.ones(2, 2, dtype=torch.float64)), net.fc2.bias)
""",
    ),
    "a method that the class has in its own way": _edited(
        """
class Frozen(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm1d(2)

    def train(self, mode=True):
        super().train(mode)
        self.bn.eval()
        return self

    def forward(self, x):
        return self.bn(x)

    def count(self):
        return sum(p.numel() for p in self.parameters())
""",
        "self.bn.eval()",
        "pass",
        """
net, x = Frozen(), torch.randn(3, 2)
assert net.train() is net and net.training and not net.bn.training
assert net.count() == 4 and torch.allclose(net(x), x, atol=1e-4)
""",
    ),
    "a hook on the whole network": _edited(
        _NET,
        "return self.fc2",
        "return 2 * self.fc2",
        """
seen, net = [], Net(2, 2).eval()
net.register_forward_hook(lambda module, given, out: seen.append(out))
x = torch.ones(1, 2)
h = net.fc2(net.bn(torch.relu(net.fc1(x))))
assert torch.allclose(net(x), h) and torch.equal(seen[0], net(x))
""",
    ),
}
