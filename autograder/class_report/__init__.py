"""A page for the instructor: how the class did, what it got wrong, and who needs a look."""
