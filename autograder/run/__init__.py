"""Marks a whole class: tasks out to workers, results back to one writer."""
