# `make demo` and `make test` are all a newcomer needs; both install what they use into .venv.
PYTHON ?= python3
VENV := .venv
UV_VERSION := 0.13.9

.PHONY: demo test check bench screenshots install

demo: install ## a stand-in Discord and Pika on this machine, and the real bot between them
	@$(VENV)/bin/python -m playground

test: install ## the whole suite
	@$(VENV)/bin/python -m pytest -n 2 --dist worksteal

check: install ## lint, format, types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/mypy tests

bench: install ## measurements; exits 1 where a target is missed
	@$(VENV)/bin/python -m bench

screenshots: install ## the pictures of the README, from the playground in a real browser
	@$(VENV)/bin/python -m tools.screenshots

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "animate-bot needs Python 3.11 or newer; try: make PYTHON=python3.11 ...")'
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(VENV)/bin/uv sync --frozen --quiet --inexact
	@touch $@
