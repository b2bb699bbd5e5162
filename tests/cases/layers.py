"""The classes of layers.py, which has no functions of its own."""

CASES = []

CLASSES = ("Layer", "Flatten", "Container", "Sequential", "Residual")
