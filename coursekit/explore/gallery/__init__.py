"""The explorers, one a file: each defines `EXPLORER`, named like the file."""
