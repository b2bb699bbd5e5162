"""What a function of the user gave back: a mistake in it is better told here than far below."""

from typing import Any

import numpy as np

from coursekit.numpy_ref import _check


def pair(name: str, expected: str, returned: Any) -> tuple[Any, Any]:
    """Return what the Trainer's function `name` gave, or raise TypeError unless it is a pair.

    >>> pair("penalty", "(loss, dw)", 0.5)
    Traceback (most recent call last):
    TypeError: Trainer.penalty: it gave no pair. Expected (loss, dw), got float.
    """
    if not (isinstance(returned, tuple) and len(returned) == 2):
        got = type(returned).__name__
        raise TypeError(_check.message(f"Trainer.{name}", "it gave no pair", expected, got))
    return returned


def loss_and_gradient(name: str, returned: Any, **of: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the loss and its gradient, or raise TypeError or ValueError unless they are such.

    of: the name of the gradient = the array whose shape it must have.

    >>> loss_and_gradient("penalty", (0.5, np.ones(3)), dw=np.ones((2, 3)))
    Traceback (most recent call last):
    ValueError: Trainer.penalty: dw has the wrong shape. Expected dw of shape (2, 3), got (3,).
    """
    ((gradient_name, like),) = of.items()
    loss, gradient = pair(name, f"(loss, {gradient_name})", returned)
    # Every step comes here: what is usual passes before the slow checks that say what is wrong.
    usual = isinstance(loss, float) and type(gradient) is np.ndarray
    if usual and gradient.dtype.kind == "f" and gradient.shape == like.shape:
        return float(loss), gradient
    found = np.asarray(loss)
    if found.shape or found.dtype.kind not in "fiu":
        got = f"{type(loss).__name__} of shape {found.shape}"
        wrong = "the loss is not one number"
        raise TypeError(_check.message(f"Trainer.{name}", wrong, f"(loss, {gradient_name})", got))
    _check.floats(f"Trainer.{name}", **{gradient_name: gradient})
    _check.shape(f"Trainer.{name}", gradient_name, gradient, like.shape)
    return float(loss), gradient
