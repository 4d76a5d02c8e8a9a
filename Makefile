# Two commands, each from a fresh clone with only Python 3.11+, git and make:
#   make demo   a running system with a generated pilot, at http://127.0.0.1:8080
#   make test   lint, types and tests
# Options go in ARGS, for example: make demo ARGS=--once

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml constraints.txt api/package-lock.json api/build_hook.py

# A file of tests stays with one worker: what its tests share is made once. Three of them, for many
# tests wait more than they work. The order is that of `tests/conftest.py`, the longest first.
WORKERS := -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: demo test

demo: $(VENV)/installed
	$(BIN)/flaade demo $(ARGS)

test: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/pytest $(WORKERS) $(ARGS)

$(VENV)/installed: $(SOURCES)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/installed-test: $(SOURCES)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/installed
