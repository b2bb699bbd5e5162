# %% [markdown]
# # 9 · Regularisation
#
# A network with enough weights can learn its training set by heart. It then knows the answers and
# not the subject: the training loss is tiny, the validation loss is not. **Regularisation** is
# whatever we do to a model or its training so that it does better on data it has *not* seen, even
# if it does a little worse on data it has.
#
# You will write the tools that practitioners reach for first: three penalties, a limit on the
# norm, weight decay as a step of SGD, and dropout with its backward pass. Each exercise is a few
# lines. Write it, run the check below it, read the hint if there is one, and go on. Plan about an
# hour and a half.
#
# One rule for all of them: **never change an input in place.** The caller may still need it.

# %% locked="setup"
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("coursekit") is None:  # on Colab; NumPy and torch stay as they are
    url = "git+https://github.com/training-cnns/training-cnns"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", url], check=True)

import numpy as np

from coursekit import check, explore

# %% [markdown]
# ## 1 · A price on weights
#
# Training lowers a loss that says how badly the model fits the data. A penalty adds a second
# term, which says how much we dislike the weights themselves:
#
# $$L(w) = L_\text{data}(w) + L_\text{reg}(w).$$
#
# Why should small weights generalise better? A model with small weights cannot bend sharply: a
# small change of the input makes a small change of the output. Among all models that fit about
# equally well, the penalty picks a smooth one. The strength λ sets the exchange rate between the
# two terms.
#
# **Predict, then move.** The picture shows a small classifier of points in the plane, and its
# decision boundary.
#
# 1. With λ = 0.001, does the boundary go round single stray points?
# 2. At λ = 0.1, what does the boundary look like, and what happened to the training accuracy?
# 3. Where would you expect the best *validation* accuracy: at one of the ends, or between them?

# %% tags=["skip-execution"]
explore.show("regularization_strength")

# %% [markdown]
# ### L2
#
# The most common price is the squared length of the weight vector,
#
# $$L_\text{reg} = \tfrac12\,\lambda\,\lVert w\rVert^2 = \tfrac12\,\lambda\sum_i w_i^2 .$$
#
# The ½ is there for the derivative. Work that out on paper before you type. In code λ is called
# `weight_decay`, for a reason that section 3 gives.


# %% solution="l2_penalty"
def l2_penalty(w, *, weight_decay):
    """The L2 penalty ½·λ·‖w‖² and its gradient with respect to w.

    w: weights, an array of any shape
    weight_decay: λ >= 0
    Returns (loss, dw): a number, and an array of the shape of w.

    For w = [3, -4] and λ = 0.1 the loss is 1.25.
    """
    ### BEGIN SOLUTION
    loss = 0.5 * weight_decay * np.sum(w**2)
    dw = weight_decay * w
    return loss, dw
    ### END SOLUTION


# %% tests="l2_penalty" points=2
check.l2_penalty(l2_penalty)
### BEGIN HIDDEN TESTS
check.l2_penalty.hidden(l2_penalty, seed=48213)
### END HIDDEN TESTS

# %% [markdown]
# **Take away.** The pull towards 0 is proportional to the weight. Large weights are pulled hard,
# small ones hardly at all, so L2 makes all weights small and almost none of them zero.

# %% [markdown]
# ### L1
#
# Replace squares by absolute values and something new happens:
#
# $$L_\text{reg} = \lambda\,\lVert w\rVert_1 = \lambda\sum_i |w_i| .$$
#
# Look at the slope. That of $w^2$ fades as $w$ approaches 0; that of $|w|$ keeps its size all the
# way. A weight that the data do not defend with a slope larger than λ is therefore driven to 0:
# L1 gives **sparse** weights, and so selects features.
#
# At $w = 0$ itself $|w|$ has a kink and no slope. Any number between −1 and 1 is a *subgradient*
# there. We take 0, as PyTorch does: a weight that has arrived should be left in peace.


# %% solution="l1_penalty"
def l1_penalty(w, *, strength):
    """The L1 penalty λ·‖w‖₁ and a subgradient with respect to w.

    w: weights, an array of any shape
    strength: λ >= 0
    Returns (loss, dw): a number, and an array of the shape of w. Where w is 0, dw is 0.

    For w = [3, 0, -4] and λ = 0.5 the loss is 3.5.
    """
    ### BEGIN SOLUTION
    loss = strength * np.abs(w).sum()
    dw = strength * np.sign(w)
    return loss, dw
    ### END SOLUTION


# %% tests="l1_penalty" points=2
check.l1_penalty(l1_penalty)
### BEGIN HIDDEN TESTS
check.l1_penalty.hidden(l1_penalty, seed=90417)
### END HIDDEN TESTS

# %% [markdown]
# Try the two against each other. The cell below fits 20 weights to 40 examples of which only
# three inputs matter. Before you run it: how many weights will end up close to 0 under each
# penalty?

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
x = rng.normal(size=(40, 20))
y = x[:, :3] @ np.array([2.0, -3.0, 1.5]) + 0.5 * rng.normal(size=40)
for name, penalty in (
    ("L2", lambda w: l2_penalty(w, weight_decay=0.5)),
    ("L1", lambda w: l1_penalty(w, strength=0.5)),
):
    w = np.zeros(20)
    for _ in range(2000):
        w = w - 0.01 * (x.T @ (x @ w - y) / 40 + penalty(w)[1])
    print(f"{name}: {np.sum(np.abs(w) < 0.01)} of 20 weights are smaller than 0.01")

# %% [markdown]
# Plain gradient steps do not land on 0 exactly: near the kink they hop over it and back, in
# steps of less than 2·lr·λ. Libraries that promise exact zeros use a step that stops at the kink
# (soft thresholding).
#
# ### Elastic net
#
# L1 alone is erratic when inputs are correlated: it keeps one of them, more or less by chance.
# Adding some L2 makes correlated inputs share the weight. The sum is the *elastic net*:
#
# $$L_\text{reg} = \lambda_1\,\lVert w\rVert_1 + \lambda_2\,\lVert w\rVert_2^2 .$$
#
# Mind the convention: this is how the elastic net is usually written, and it has **no ½**. So λ₂
# here is not the `weight_decay` from above, and the derivative looks different. Some lectures
# write $\beta R_{L2} + R_{L1}$ instead, with a single free number; the idea is the same.


# %% solution="elastic_net_penalty"
def elastic_net_penalty(w, *, l1, l2):
    """The elastic net l1·‖w‖₁ + l2·‖w‖₂² (without a ½) and a subgradient.

    w: weights, an array of any shape
    l1, l2: strengths >= 0
    Returns (loss, dw): a number, and an array of the shape of w.

    For w = [3, -4], l1 = 1 and l2 = 0.5 the loss is 19.5.
    """
    ### BEGIN SOLUTION
    absolute, squared = np.abs(w), np.square(w)
    loss = l1 * absolute.sum() + l2 * squared.sum()
    dw = l1 * np.sign(w) + 2 * l2 * w
    return loss, dw
    ### END SOLUTION


# %% tests="elastic_net_penalty" points=2
check.elastic_net_penalty(elastic_net_penalty)
### BEGIN HIDDEN TESTS
check.elastic_net_penalty.hidden(elastic_net_penalty, seed=31150)
### END HIDDEN TESTS

# %% [markdown]
# **Take away.** Before you compare two values of λ from two sources, look up which convention
# each uses. A forgotten ½ is a factor of two in the strength.

# %% [markdown]
# ## 2 · A limit instead of a price
#
# A penalty makes length expensive. **Max norm** forbids it: after each update, any unit whose
# weight vector has become too long is cut back to the limit,
#
# $$\lVert w_{:,j}\rVert^2 \le c \quad\text{for every unit } j .$$
#
# In `w` of shape `(D, M)` the weights into unit $j$ are **column** $j$. A column within the limit
# stays as it is. A longer one keeps its direction and is shrunk until it just fits. So even a
# learning rate that is far too high cannot blow the weights up.
#
# Before you type: if you multiply a vector by $s$, by what is its *squared* norm multiplied?


# %% solution="max_norm"
def max_norm(w, *, c):
    """Limit the squared norm of each column of w to c.

    w: weights (D, M), one column for each unit
    c: the largest squared norm allowed, > 0
    Returns the limited weights (D, M), as a new array.

    The column [3, 4] becomes [0.6, 0.8] for c = 1, and stays as it is for c = 25.
    """
    ### BEGIN SOLUTION
    squared = np.sum(w**2, axis=0)
    scale = np.sqrt(c / np.maximum(squared, c))
    return w * scale
    ### END SOLUTION


# %% tests="max_norm" points=3
check.max_norm(max_norm)
### BEGIN HIDDEN TESTS
check.max_norm.hidden(max_norm, seed=57762)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · Weight decay: the same thing as a step
#
# Put the gradient of the L2 penalty into a step of SGD with learning rate η and data gradient
# $g$:
#
# $$w \;\leftarrow\; w - \eta\,(g + \nabla L_\text{reg}(w)) .$$
#
# Sort the terms by $w$ on paper: in each step the weights shrink by a constant factor, which is
# why they are said to *decay*. Which factor? Two traps:
#
# - η multiplies **both** terms. A lecture slide behind this course writes the data gradient
#   without it; the list of errata in the book has the details.
# - The equality holds for SGD. **Adam** divides each gradient by its own typical size, and with
#   it whatever you added for L2, so weights with large gradients would hardly be regularised.
#   AdamW therefore lets the weights decay outside of that division. There, "L2" and "weight
#   decay" are two different methods.
#
# Biases are usually left out: they cannot make the function bend more sharply. The function
# below decays every array that it is given; the caller leaves the biases out.


# %% solution="sgd_weight_decay_step"
def sgd_weight_decay_step(w, dw, *, lr, weight_decay):
    """One step of SGD on the data loss plus ½·weight_decay·‖w‖².

    w: weights, an array of any shape
    dw: gradient of the data loss alone, of the shape of w
    lr: learning rate η > 0
    weight_decay: λ >= 0
    Returns the new weights, as a new array.

    For w = [1], dw = [2], lr = 0.1 and weight_decay = 0.5 the result is [0.75].
    """
    ### BEGIN SOLUTION
    gradient = dw + weight_decay * w
    return w - lr * gradient
    ### END SOLUTION


# %% tests="sgd_weight_decay_step" points=2
check.sgd_weight_decay_step(sgd_weight_decay_step)
### BEGIN HIDDEN TESTS
check.sgd_weight_decay_step.hidden(sgd_weight_decay_step, seed=66208)
### END HIDDEN TESTS

# %% [markdown]
# **Take away.** One step is $w \leftarrow (1 - \eta\lambda)\,w - \eta\,g$: first decay, then move.
#
# **Predict, then move.** No λ can repair a bad learning rate. The picture shows loss curves of
# the same network.
#
# 1. With a learning rate 100 times too low, is the curve flat, or straight and slowly falling?
# 2. What do you see first when you raise it too far: a curve that stops early at a high loss, or
#    one that explodes?
# 3. Which curve would you pick if you could train ten times longer?

# %% tags=["skip-execution"]
explore.show("learning_rate")

# %% [markdown]
# ## 4 · Dropout
#
# Dropout regularises by noise. In each training step every activation is set to 0 with
# probability $p$, independently of all others. A unit cannot rely on one particular partner,
# since that one may be off in the next step. Another view: each step trains a different *thinned*
# network, and all of them share their weights.
#
# At test time we want no noise, but the next layer should receive what it is used to. In training
# the expected value of an entry is $p\cdot 0 + (1-p)\,x = (1-p)\,x$, which is too small. There
# are two cures:
#
# | form | training | evaluation |
# |---|---|---|
# | vanilla dropout | drop | multiply by the **keep** probability $1-p$ |
# | inverted dropout | drop, and **divide** by $1-p$ | nothing |
#
# Inverted dropout won: the deployed network does not even know that there was dropout. That is
# the one to write.
#
# In this course, as in PyTorch, **$p$ is the probability of dropping**. Papers and lectures often
# mean the probability of keeping; read twice. Draw the mask from the `rng` that you are handed,
# so that a run can be repeated.
#
# `cache` is yours: put in it whatever your backward pass will need.


# %% solution="dropout_forward"
def dropout_forward(x, *, p, training, rng):
    """Inverted dropout.

    x: activations, an array of any shape
    p: probability of dropping an entry, 0 <= p < 1
    training: True while training; False in evaluation, where out equals x
    rng: np.random.Generator, the only source of randomness
    Returns (out, cache): an array of the shape of x, and anything that backward needs.
    """
    ### BEGIN SOLUTION
    if not training:
        return x, None
    keep = 1 - p
    mask = (rng.random(x.shape) < keep) / keep
    return x * mask, mask
    ### END SOLUTION


# %% tests="dropout_forward" points=4
check.dropout_forward(dropout_forward)
### BEGIN HIDDEN TESTS
check.dropout_forward.hidden(dropout_forward, seed=20931)
### END HIDDEN TESTS

# %% [markdown]
# For the backward pass, look at one entry: `out` is a constant times `x`. The constant is random,
# but it was drawn in the forward pass and is fixed by now. What does the chain rule say? And what
# about evaluation?
#
# The check runs your own `dropout_forward`, so the two have to agree only with each other on what
# the cache holds.


# %% solution="dropout_backward"
def dropout_backward(dout, cache):
    """The gradient of the loss with respect to the input of dropout.

    dout: gradient with respect to out, of the shape of x
    cache: what dropout_forward returned, in training or in evaluation
    Returns dx, of the shape of x.
    """
    ### BEGIN SOLUTION
    if cache is None:
        return dout
    return dout * cache
    ### END SOLUTION


# %% tests="dropout_backward" points=2
check.dropout_backward(dropout_backward, dropout_forward)
### BEGIN HIDDEN TESTS
check.dropout_backward.hidden(dropout_backward, dropout_forward, seed=74519)
### END HIDDEN TESTS

# %% [markdown]
# **Predict, then move.** The curves show training and validation loss, measured with dropout off,
# of a network that is too large for its data; some of the training labels are wrong.
#
# 1. At p = 0, which of the two curves turns upwards?
# 2. As p grows, what happens to the gap between the curves, and what to the training loss?
# 3. Is there a p at which *both* curves are bad? What is that called?

# %% tags=["skip-execution"]
explore.show("dropout_rate")

# %% [markdown]
# **Take away.** Dropout buys a smaller gap with a slower fit. Where there is no overfitting it
# only costs: a small network, or one with plenty of data, often does better without.

# %% [markdown]
# ## 5 · Monte-Carlo dropout
#
# Switching dropout off at test time is a shortcut: it stands for an average over all thinned
# networks. We can also take that average honestly. Leave dropout **on**, run the same input
# through the network many times, and look at the answers:
#
# - their **mean** is the prediction;
# - their **standard deviation** says how much the thinned networks disagree, a cheap sign of how
#   sure the model is.
#
# Here `forward(x, rng)` is one such noisy pass. Call it `n_samples` times. The spread asked for
# is that of the passes you have made (the population form): a single pass has a spread of 0.


# %% solution="mc_dropout_predict"
def mc_dropout_predict(forward, x, *, n_samples, rng):
    """Predict by the mean of many stochastic passes, with their spread.

    forward: forward(x, rng) -> out, one pass with dropout on, an array (N, K)
    x: inputs (N, D)
    n_samples: the number of passes, >= 1; forward is called exactly so many times
    rng: np.random.Generator, handed on to forward
    Returns (mean, std), each (N, K): over the passes, separately for every output.
    """
    ### BEGIN SOLUTION
    passes = np.stack([forward(x, rng) for _ in range(n_samples)])
    return passes.mean(axis=0), passes.std(axis=0)
    ### END SOLUTION


# %% tests="mc_dropout_predict" points=3
check.mc_dropout_predict(mc_dropout_predict)
### BEGIN HIDDEN TESTS
check.mc_dropout_predict.hidden(mc_dropout_predict, seed=11846)
### END HIDDEN TESTS

# %% [markdown]
# ## What to take away
#
# - Regularisation trades a worse fit on the training set for a better one elsewhere. Always look
#   at both curves.
# - L2 shrinks every weight in proportion; L1 pushes with constant force and leaves few weights;
#   the elastic net does both; max norm sets a limit.
# - With SGD, weight decay *is* L2. With Adam it is not.
# - Inverted dropout drops with probability $p$, divides by $1-p$ in training, and does nothing in
#   evaluation. Its backward pass uses the same mask.
# - The pattern behind dropout will come back: add randomness in training, average it out at test
#   time.
