# Two commands, each from a fresh clone with only Python 3.11+, git and make:
#   make demo   a running system with a generated pilot, at http://127.0.0.1:8080
#   make test   lint, types and tests
# Options go in ARGS, for example: make demo ARGS=--once

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Python compiles a module when it first imports it; most are never imported.
INSTALL := pip install --quiet --disable-pip-version-check --no-compile
SOURCES := pyproject.toml constraints.txt api/package-lock.json api/build_hook.py

# A file of tests stays with one worker: what its tests share is made once. Four of them, for many
# tests wait more than they work. The order is that of `tests/conftest.py`, the longest first.
WORKERS := -n 4 --dist loadfile --no-loadscope-reorder

# In a fresh clone each worker would compile what all import, all at once: one process does it first.
# It finds no test, which pytest says by its exit code.
COMPILE := { $(BIN)/python -m pytest -n0 --collect-only -p tests.factories.compiled >/dev/null 2>&1; \
	touch $(VENV)/compiled; }

# Tests start hundreds of processes; each would compile what it imports again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test

demo: $(VENV)/installed
	$(BIN)/flaade demo $(ARGS)

# Types are checked while tests wait. What is wrong with them is told after the tests.
test: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@echo "$(BIN)/pyright & $(BIN)/pytest $(WORKERS) $(ARGS)"; \
	nice $(BIN)/pyright >$(VENV)/types.log 2>&1 & types=$$!; \
	test $(VENV)/compiled -nt $(VENV)/installed-test || $(COMPILE); \
	$(BIN)/pytest $(WORKERS) $(ARGS); tests=$$?; \
	wait $$types; types=$$?; cat $(VENV)/types.log; \
	test $$tests -eq 0 && test $$types -eq 0

$(VENV)/installed: $(SOURCES)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m $(INSTALL) -c constraints.txt -e .
	@touch $@

$(VENV)/installed-test: $(SOURCES)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m $(INSTALL) -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/installed
