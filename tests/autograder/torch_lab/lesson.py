# %% [markdown]
# # Networks in PyTorch
#
# PyTorch keeps the cache and works out the backward pass; what is left to write is the forward
# pass and the loop. You will write the three pieces that every training script has: a module, a
# step of training, and a loss.

# %% locked="setup"
import torch
import torch.nn.functional as F
from torch import nn

# %% [markdown]
# ## 1 · A module
#
# A residual block adds its input to what two convolutions make of it, so that the gradient has a
# road past them:
#
# $$\mathrm{out} = \mathrm{ReLU}(x + f(x)).$$
#
# Here $f$ is convolution, batch normalisation, ReLU, convolution, batch normalisation. The
# normalisation takes the mean away, so the convolutions need no bias.


# %% solution="ResidualBlock"
class ResidualBlock(nn.Module):
    """ReLU(x + f(x)), where f is conv1, bn1, ReLU, conv2, bn2; all shapes stay as they are.

    channels: of the input (N, channels, H, W), and of the output
    The convolutions are 3 × 3, padded by 1, without bias.
    """

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        inner = F.relu(self.bn1(self.conv1(x)))
        return F.relu(x + self.bn2(self.conv2(inner)))

    ### END SOLUTION


# %% tests="ResidualBlock" points=4
torch.manual_seed(1)
block = ResidualBlock(3)
images = torch.randn(2, 3, 6, 5, requires_grad=True)
out = block(images)
assert out.shape == images.shape, f"Expected shape {tuple(images.shape)}, got {tuple(out.shape)}."
count = sum(parameter.numel() for parameter in block.parameters())
assert count == 174, f"Expected 174 parameters, got {count}. Is there a bias too many?"
(out * torch.randn(out.shape)).sum().backward()
untouched = [name for name, parameter in block.named_parameters() if parameter.grad is None]
assert not untouched, f"No gradient reaches {', '.join(untouched)}."
assert images.grad is not None, "No gradient reaches the input."
### BEGIN HIDDEN TESTS
state = {
    name: torch.rand(value.shape) + 0.5 if value.is_floating_point() else value
    for name, value in block.state_dict().items()
}
block.load_state_dict(state)
block.eval()


def normalised(x, n):
    names = ("running_mean", "running_var", "weight", "bias")
    mean, variance, scale, shift = (state[f"bn{n}.{name}"] for name in names)
    return F.batch_norm(x, mean, variance, scale, shift)


def by_hand(x):
    inner = F.relu(normalised(F.conv2d(x, state["conv1.weight"], padding=1), 1))
    return F.relu(x + normalised(F.conv2d(inner, state["conv2.weight"], padding=1), 2))


assert torch.allclose(block(images), by_hand(images), rtol=1e-3), "Wrong in evaluation."
(got,) = torch.autograd.grad(block(images).square().mean(), images)
(want,) = torch.autograd.grad(by_hand(images).square().mean(), images)
assert torch.allclose(got, want, rtol=1e-3, atol=1e-3), "Wrong gradient of the input."
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · A step of training
#
# Forget the old gradients, run the network, work out the loss, send gradients back, move. This is
# the network, and the optimizer, to try it with.


# %% locked="small_network"
def small_network(seed):
    """A network of 3 classes for 3 × 2 × 2 images, and its optimizer: for each seed the same."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 3))
    return model, torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)


# %% solution="train_step"
def train_step(model, optimizer, images, labels):
    """One step of training with the cross-entropy loss.

    model: gives logits (N, K) for images (N, C, H, W); optimizer: of its parameters
    labels: (N,), integers from 0 to K − 1
    Returns the loss before the step, a float.
    """
    ### BEGIN SOLUTION
    optimizer.zero_grad()
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% tests="train_step" points=3
torch.manual_seed(2)
model, optimizer = small_network(seed=0)
images, labels = torch.randn(9, 3, 2, 2), torch.arange(9) % 3
losses = [train_step(model, optimizer, images, labels) for _ in range(20)]
assert isinstance(losses[0], float), f"Expected a float, got {type(losses[0]).__name__}."
assert losses[-1] < 0.7 * losses[0], f"The loss goes from {losses[0]:.2f} to {losses[-1]:.2f}."
### BEGIN HIDDEN TESTS
model, optimizer = small_network(seed=1)
twin = nn.Sequential(nn.Flatten(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 3))
twin.load_state_dict(model.state_dict())
theirs = torch.optim.SGD(twin.parameters(), lr=0.1, momentum=0.9)
for _ in range(3):
    theirs.zero_grad()
    loss = F.cross_entropy(twin(images), labels)
    loss.backward()
    theirs.step()
    assert abs(train_step(model, optimizer, images, labels) - loss.item()) < 1e-4, "Wrong loss."
moved = model.state_dict()
for name, value in twin.state_dict().items():
    assert torch.allclose(moved[name], value, atol=1e-4), f"Wrong {name} after three steps."
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · A loss
#
# Where most examples are easy, their small losses drown those of the hard ones. The focal loss
# turns the easy ones down: with $p$ the probability of the right class,
#
# $$L = -\frac1N\sum (1-p)^\gamma \log p.$$
#
# For $\gamma = 0$ it is the cross-entropy. Large logits must not overflow.


# %% solution="focal_loss"
def focal_loss(logits, labels, *, gamma):
    """The focal loss, the mean over the batch.

    logits: (N, K); labels: (N,), integers from 0 to K − 1; gamma >= 0
    Returns a tensor of no axes, through which gradients flow to the logits.
    """
    ### BEGIN SOLUTION
    log_p = F.log_softmax(logits, dim=1).gather(1, labels[:, None]).squeeze(1)
    return -((1 - log_p.exp()) ** gamma * log_p).mean()
    ### END SOLUTION


# %% tests="focal_loss" points=3
torch.manual_seed(3)
logits, labels = torch.randn(5, 4, requires_grad=True), torch.tensor([0, 3, 1, 1, 2])
loss = focal_loss(logits, labels, gamma=0.0)
plain = F.cross_entropy(logits, labels)
assert loss.shape == (), f"Expected one number, got shape {tuple(loss.shape)}."
assert torch.allclose(loss, plain), "For γ = 0 it is the cross-entropy."
loss.backward()
(want,) = torch.autograd.grad(plain, logits)
assert logits.grad is not None, "No gradient reaches the logits."
assert torch.allclose(logits.grad, want, atol=1e-6), "Wrong gradient for γ = 0."
large = focal_loss(1000 * torch.eye(4), torch.arange(4), gamma=2.0)
assert large.isfinite(), f"Expected a finite loss of large logits, got {large.item()}."
### BEGIN HIDDEN TESTS
p = logits.softmax(dim=1)[torch.arange(5), labels]
want = -((1 - p) ** 2 * p.log()).mean()
assert torch.allclose(focal_loss(logits, labels, gamma=2.0), want, rtol=1e-4), "Wrong for γ = 2."
few = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
assert torch.autograd.gradcheck(lambda z: focal_loss(z, labels[:2] % 3, gamma=2.0), few)
### END HIDDEN TESTS
