"""How well the gradients of `numpy_ref` agree with finite differences.

    python -m benchmarks.gradient_checks

For every differentiable op the smallest and the largest relative error in float64 over the drawn
inputs of the tests, all gradients together; the tests demand less than 1e-7.
"""

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from coursekit.numpy_ref import numerical_gradient, relative_error
from tests.cases import CASES
from tests.cases.case import Case, drawn, random_dout, run


def errors(case: Case) -> list[float]:
    """The relative error of the worst gradient for each of the drawn inputs."""
    found: list[float] = []

    @drawn
    @given(st.data())
    def collect(data) -> None:
        values = data.draw(case.inputs.strategy())
        dout = random_dout(case, values)
        grads = run(case, values, dout).grads
        found.append(
            max(
                relative_error(grads[name], numerical(case, name, values, dout))
                for name in case.grads
            )
        )

    collect()
    return found


def numerical(case: Case, name: str, values, dout):
    """The gradient of one input by central differences."""
    return numerical_gradient(
        lambda value: run(case, {**values, name: value}).outputs[0],
        values[name],
        1.0 if dout is None else dout,
    )


def main() -> None:
    """Print one line an op."""
    table = Table("op", "gradients of", "smallest", "largest")
    for case in CASES:
        if case.grads:
            found = errors(case)
            smallest = min((error for error in found if error > 0), default=0.0)
            table.add_row(repr(case), ", ".join(case.grads), f"{smallest:.0e}", f"{max(found):.0e}")
    Console().print(table)


if __name__ == "__main__":
    main()
