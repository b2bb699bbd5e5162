"""Autograders, each run as its user would run it: commands on a class, in a folder of its own."""
