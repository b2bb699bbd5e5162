"""What a misconception is, in the words that the student reads."""

import coursekit.check
from coursekit.check import Check


def hint_of(exercise: str, misconception: str) -> str:
    """The hint of the exercise's check; empty where coursekit has none of that name.

    >>> hint_of("l2_penalty", "no_half")
    'Your loss lacks the factor ½. With it the gradient is plain weight_decay · w; without it ...'
    >>> hint_of("l2_penalty", "unheard of"), hint_of("unheard of", "no_half")
    ('', '')
    """
    check = getattr(coursekit.check, exercise, None)
    try:
        return check.hint(misconception) if isinstance(check, Check) else ""
    except KeyError:
        return ""
