"""Submissions made by code, honest, broken and hostile, each with the marks that it must get."""
