# `make demo` and `make test` are all a newcomer needs; each installs what it uses into .venv.
PYTHON ?= python3
VENV := .venv
# How `make upgrade` runs the bot's commands; `deploy/as-service` where systemd runs the bot.
BOT ?= $(VENV)/bin/python -m bot
# Where an image forbids Python to keep what it compiled, each worker and each program that a test
# starts would compile all of it again: a tenth of the whole time.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(VENV)/bin/python -m pytest --dist worksteal

.PHONY: demo test libraries image quick check bench soak week screenshots translations
.PHONY: install install-dev compile upgrade

demo: install ## a stand-in Discord and Pika on this machine, and the real bot between them
	@$(VENV)/bin/python -m playground

test: install-dev ## the whole suite
# Slow tests wait half of their time, for a bot or a browser, so two cores serve six workers: a
# seventh less time than with four.
	@$(PYTEST) -n 6 --ignore tests/libraries --ignore tests/image

libraries: install-dev ## other people's libraries before the stand-ins; skipped without their registries
# They wait for one another's answers half of their time, as slow tests do.
	@$(PYTEST) -n 4 tests/libraries

image: install-dev ## the container's image and the systemd unit, both run; skipped where root or a tool lacks
	@$(PYTEST) tests/image

quick: install-dev ## the part of the suite for a change of a sentence; half a minute
# Without what is marked `slow`: processes, a browser, kills, most of tests/e2e, videos, photos of
# full size and drawn damage to pictures, thousands of drawn cases. Without the contracts too.
	@unset CONTRACTS_DIR; $(PYTEST) -n 3 -m "not slow" --durations 5 --durations-min 1 \
		tests/bot tests/cogs tests/e2e

check: install-dev ## lint, format, types, sizes
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/mypy tests
	@$(VENV)/bin/python -m tools.figures

bench: install ## measurements; exits 1 where a target is missed
	@$(VENV)/bin/python -m bench

soak: install ## bots killed at random, then the books; exits 1 where anything differs
	@$(VENV)/bin/python -m bench.soak

week: install ## a week of a bot in five minutes, then the books; exits 1 where anything differs
	@$(VENV)/bin/python -m bench.week

screenshots: install-dev ## the pictures of README and docs, from the playground in a real browser
	@$(VENV)/bin/python -m tools.screenshots

translations: install-dev ## catalogues as the code has it now; lists what lacks by language
	@$(VENV)/bin/python -m tools.translations template update

install: $(VENV)/.installed ## what `python -m bot` needs to run

install-dev: $(VENV)/.installed-dev ## that, and the tools of test, check and screenshots

# A service that may write only its data would compile all that changed at each start. With this umask
# its user may read it, whatever root's own is.
compile: install ## the bot and what it uses, as `python -OO` reads it
	@umask 022 && $(VENV)/bin/python -OO -m compileall -q bot cogs pika
	@umask 022 && $(VENV)/bin/python -OO -c "import bot.__main__, bot.media.pictures, bot.media.videos"

# Backed up before anything changes, and tried on a copy before the bot is started again.
upgrade: ## the newest version, beside a bot that runs: back up, fetch, install, try; then restart it
	@$(BOT) backup
	@umask 022 && git pull --ff-only
	@$(MAKE) --no-print-directory compile
	@$(BOT) try-upgrade
	@$(VENV)/bin/python -OO -m bot --version
	@echo "Restart the bot now: until then it goes on as the version before."

# After a developer's set, `make install` keeps the tools: only deleting .venv makes it small again.
$(VENV)/.installed: pyproject.toml uv.lock $(VENV)/bin/python
	@PYTHON="$(PYTHON)" tools/install.sh --no-dev
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@PYTHON="$(PYTHON)" tools/install.sh --group dev
	@touch $@

# It dangles once the system's Python is gone, and a file that is not there makes .installed stale.
$(VENV)/bin/python: ;
