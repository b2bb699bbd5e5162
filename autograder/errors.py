"""The one exception whose message is meant for the person at the terminal."""


class CourseError(Exception):
    """Something the user can mend; the message says what was expected, what came, what to try."""
