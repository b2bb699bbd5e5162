# Every verb sets up what it needs: `make course` on a fresh clone is enough.
PYTHON ?= $(or $(shell command -v python3.11),$(shell command -v python3),python3.11)
BIN := .venv/bin
PORT ?= 8888
TESTS ?=

.PHONY: help course test lint lab formgrader book build grade bench experiments clean environment
.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 14

course: environment  ## Build the labs, grade a sample class, build the book, show the grades
	@$(BIN)/autograder course

test: environment  ## Run all tests, also in a real browser (TESTS=path for some)
	@$(BIN)/python tools/browser.py
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

lint: environment  ## Check style and types
	@$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/pyright

lab: environment  ## Open JupyterLab on your copies of the labs (PORT=8888)
	@$(BIN)/autograder build && $(BIN)/autograder lab --port $(PORT)

formgrader: environment  ## Open nbgrader's formgrader on the class (PORT=8888)
	@$(BIN)/autograder lab --formgrader --port $(PORT)

build: environment  ## Build the labs from their lessons
	@$(BIN)/autograder build

grade: environment  ## Grade the class in class/submitted: make grade LAB=09_regularization
	@$(BIN)/autograder grade $(LAB)

book: environment  ## Build the HTML book
	@$(BIN)/autograder build && $(BIN)/autograder book

bench: environment  ## Run the benchmarks
	@for file in benchmarks/[a-z]*.py; do \
		name=$$(basename $$file .py); echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done

experiments: environment  ## Redo the long runs that the book draws from, or go on with them; hours
	@for file in experiments/[a-z]*.py; do \
		name=$$(basename $$file .py); echo "== $$name"; $(BIN)/python -m experiments.$$name || exit 1; done

clean:  ## Remove what was generated; what students handed in and the gradebook stay
	@rm -rf build class/source class/release class/autograded class/feedback .pytest_cache .hypothesis .ruff_cache
	@if [ -d class ]; then echo "Kept: class/submitted and class/gradebook.db"; fi

environment:
	@command -v $(PYTHON) >/dev/null || { \
		echo "No $(PYTHON) found. Install Python 3.11, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) tools/environment.py
