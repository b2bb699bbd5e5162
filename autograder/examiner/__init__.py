"""Marks a submission: runs the tests here, and the student's code in a candidate."""
