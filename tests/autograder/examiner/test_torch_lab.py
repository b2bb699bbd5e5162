"""Does a small lab with PyTorch give full marks to what is right, and none to what is wrong?"""

from pathlib import Path

import pytest

from autograder.cells import grading
from autograder.examiner.exam import Exam
from autograder.examiner.examine import Examination, Step
from autograder.examiner.times import Times
from autograder.lesson import answers, read_lesson
from autograder.results import Status

pytest.importorskip("torch")

LESSON = read_lesson(Path(__file__).resolve().parents[1] / "torch_lab" / "lesson.py")
RIGHT = answers(LESSON)
EXERCISES = ("ResidualBlock", "train_step", "focal_loss")


@pytest.fixture(scope="module")
def exam():
    return Exam(LESSON)


def steps(answer: dict[str, str]) -> list[Step]:
    """The cells of the lab with these answers, and the right ones elsewhere."""
    found = []
    for cell in LESSON.cells:
        name = str(grading(cell).get("grade_id"))
        if grading(cell).get("grade"):
            found.append(Step(cell.source, name.removesuffix("-tests")))
        elif cell.cell_type == "code":
            found.append(Step((RIGHT | answer).get(name) or cell.source))
    return found


def marked(exam, nursery, answer: dict[str, str]) -> dict:
    cells = steps(answer)
    examination = Examination(exam, lambda: nursery.candidate(seconds=20), Times(20, 40, 120))
    outcomes = zip(cells, examination.run(cells), strict=True)
    return {step.test: outcome for step, outcome in outcomes if step.test}


def edited(exercise: str, before: str, after: str) -> dict[str, str]:
    assert before in RIGHT[exercise]
    return {exercise: RIGHT[exercise].replace(before, after)}


FULL = {
    "as solved": {},
    "a loop over classes": {
        "focal_loss": """
def focal_loss(logits, labels, *, gamma):
    total = 0
    for row, label in zip(logits, labels):
        log_p = row[label] - row.logsumexp(0)
        total = total - (1 - log_p.exp()) ** gamma * log_p
    return total / len(labels)
"""
    },
    "gradients by hand": {
        "train_step": """
def train_step(model, optimizer, images, labels):
    model.train()
    loss = nn.CrossEntropyLoss()(model(images), labels)
    parameters = list(model.parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters)):
        p.grad = g
    optimizer.step()
    optimizer.zero_grad()
    return float(loss)
"""
    },
    "a block of blocks": {
        "ResidualBlock": """
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        for n in (1, 2):
            self.add_module(f"conv{n}", nn.Conv2d(channels, channels, 3, 1, "same", bias=False))
            self.register_module(f"bn{n}", nn.BatchNorm2d(channels))
    def forward(self, x):
        f = nn.Sequential(self.conv1, self.bn1, nn.ReLU(inplace=True), self.conv2, self.bn2)
        return torch.clamp(f(x) + x, min=0)
"""
    },
}

WRONG = {
    "a bias too many": edited("ResidualBlock", "bias=False", "bias=True"),
    "no road past": edited("ResidualBlock", "x + self.bn2", "self.bn2"),
    "a road without gradient": edited("ResidualBlock", "x + self.bn2", "x.detach() + self.bn2"),
    "no ReLU at the end": edited("ResidualBlock", "return F.relu", "return ("),
    "one normalisation for both": edited("ResidualBlock", "bn2(self.conv2", "bn1(self.conv2"),
    "in training always": edited("ResidualBlock", "inner = F", "self.train(); inner = F"),
    "old gradients kept": edited("train_step", "    optimizer.zero_grad()\n", ""),
    "no step": edited("train_step", "    optimizer.step()\n", ""),
    "a step uphill": edited("train_step", "loss.backward()", "(-loss).backward()"),
    "the loss after the step": edited(
        "train_step", "return loss.item()", "return F.cross_entropy(model(images), labels).item()"
    ),
    "a tensor instead of a number": edited("train_step", "loss.item()", "loss"),
    "another network is trained": edited(
        "train_step",
        "loss.backward()",
        "import copy\n    model = copy.deepcopy(model)\n    loss.backward()\n"
        "    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)",
    ),
    "another exponent": edited("focal_loss", "** gamma", "** (gamma + 1)"),
    "no gradient": edited("focal_loss", ").mean()", ").mean().detach()"),
    "a sum": edited("focal_loss", ").mean()", ").sum()"),
    "an overflow": edited(
        "focal_loss",
        "F.log_softmax(logits, dim=1)",
        "(logits.exp() / logits.exp().sum(dim=1, keepdim=True)).log()",
    ),
    "half of the gradient": edited("focal_loss", "(1 - log_p.exp())", "(1 - log_p.exp().detach())"),
}  # fmt: skip


@pytest.mark.parametrize("name", FULL)
def test_what_is_right_gets_full_marks(exam, torch_nursery, name):
    outcomes = marked(exam, torch_nursery, FULL[name])
    assert [outcomes[exercise].message for exercise in EXERCISES] == [""] * 3
    assert [outcomes[exercise].share for exercise in EXERCISES] == [1, 1, 1]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_costs_its_exercise_and_no_other(exam, torch_nursery, name):
    outcomes = marked(exam, torch_nursery, WRONG[name])
    (wrong,) = WRONG[name]
    assert {e: outcomes[e].share for e in EXERCISES} == {e: float(e != wrong) for e in EXERCISES}
    assert outcomes[wrong].status in (Status.GRADED, Status.ERROR)


def test_one_submission_has_the_same_marks_whatever_came_before(exam, torch_nursery):
    seen = [
        [outcomes[e].message for e in EXERCISES]
        for answer in ({}, WRONG["in training always"], {})
        if (outcomes := marked(exam, torch_nursery, answer))
    ]
    assert seen[0] == seen[2] != seen[1]
