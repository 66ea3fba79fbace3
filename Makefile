# Two commands: `make chat` opens the chat, `make test` runs the tests. Both install what they need into .venv first.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c 'import sys, venv; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null && { echo $$p; break; }; done)
DATA ?= data
PORT ?= 7860
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check

.PHONY: chat test check bench clean help

help:           ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

chat: .venv/chat $(DATA)/CURRENT   ## install, build the bundled list's index when there is none, open the chat
	@echo "==> Opening the chat on http://127.0.0.1:$(PORT) (Ctrl-C ends it)"
	@$(BIN)/citeback serve --data $(DATA) --port $(PORT)

test: .venv/test check  ## install what the tests need, then lint, types and tests
	@echo "==> Running the tests"
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: .venv/test
	@echo "==> Checking style and types"
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: .venv/test  ## the quality bench against its floors
	@$(BIN)/python bench/extraction.py
	@$(BIN)/python bench/answers.py
	@$(BIN)/python bench/retrieval.py
	@$(BIN)/python -m bench.checking

clean:          ## remove the environment and caches (the data folder stays)
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis artifacts

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "citeback needs Python 3.11, 3.12 or 3.13 with the venv module (Debian: apt install python3 python3-venv)."; exit 1; }
	@echo "==> Making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv

.venv/chat: .venv/bin/python pyproject.toml constraints.txt
	@echo "==> Installing citeback (about a minute the first time)"
	@$(PIP) install --progress-bar on -q -c constraints.txt -e .
	@touch $@

.venv/test: .venv/bin/python pyproject.toml constraints.txt
	@echo "==> Installing citeback and what its tests need (about a minute the first time)"
	@$(PIP) install --progress-bar on -q -c constraints.txt -e '.[test]'
	@touch .venv/chat $@

$(DATA)/CURRENT:
	@echo "==> Building the index of the bundled list (90 links, politely: a few minutes at most)"
	@$(BIN)/citeback rebuild --data $(DATA)
