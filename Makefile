# Kasauti's few commands; `make` alone lists them. Needs make and Python 3.11 or newer, nothing else.
#
# Two stamps keep this fast: .venv/.run (what the product needs) and .venv/.dev (what tests and checks
# add). Each is made again only when a lock file or pyproject.toml has become newer than it.

# The interpreter for a new .venv; empty: the first suitable one, newest first.
PYTHON ?=
# Arguments for demo, run, test and bench: make demo ARGS="--speed 120"
ARGS ?=

BIN = .venv/bin
# Bytecode is compiled when a module is first imported: half the time to a first demo.
PIP_INSTALL = $(BIN)/python -m pip --disable-pip-version-check --quiet install --no-compile
NO_LUCK = { echo "Installing stopped: the reason is above. Once it is mended, give the same command again."; exit 1; }

.PHONY: help install dev demo run test test-compiled coverage check compiled pure bench bench-peers lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

install: .venv/.run ## create .venv with what Kasauti needs
	@echo 'Ready: .venv/bin/kasauti'

dev: .venv/.dev ## add what tests and checks need
	@echo 'Ready: make test, make check, make bench'

demo: .venv/.run ## watch a paper-trading session on the built-in market
	@$(BIN)/kasauti demo $(ARGS)

run: .venv/.run ## paper-trade with your own settings: make run ARGS="--config my.yaml"
	@$(BIN)/kasauti run $(ARGS)

test: .venv/.dev ## run the test suite; ARGS="tests/domain -x" narrows it
	@$(BIN)/python -m pytest -n 2 $(ARGS)

test-compiled: .venv/.dev ## run the test suite on the compiled core; ARGS as for test
	@KASAUTI_CORE=compiled $(BIN)/python -m pytest -n 2 $(ARGS)

coverage: .venv/.dev ## run the tests and say which branches of the core they take: 95 % at least
	@KASAUTI_CORE=pure $(BIN)/python -m pytest -n 2 --cov --cov-report=json:.coverage.json --cov-report= $(ARGS)
	@$(BIN)/python scripts/core_coverage.py .coverage.json

check: .venv/.dev ## check format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

compiled: .venv/.dev ## compile the hottest modules to C, from the same source (needs a C compiler)
	@$(BIN)/python scripts/compile.py

pure: ## go back to plain Python
	@rm -rf .venv/kasauti-compiled

bench: .venv/.dev ## measure the speed
	@$(BIN)/python bench/run.py $(ARGS)

bench-peers: .venv/.dev ## measure beside other engines, each in an environment of its own; compiles first
	@$(BIN)/python scripts/compile.py || echo 'It is measured as Python.'
	@$(BIN)/python bench/peers/run.py $(ARGS)

lock: ## write the lock files anew from pyproject.toml (needs uv)
	@sh scripts/lock.sh

clean: ## remove .venv, caches and build output; recorded state and logs stay
	rm -rf .venv build dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -type d -name __pycache__ -prune -exec rm -rf {} +

.venv/.run: requirements/run.lock pyproject.toml
	@sh scripts/make_venv.sh "$(PYTHON)"
	@echo 'Installing what Kasauti needs (hash-checked) ...'
	@$(PIP_INSTALL) --no-deps --require-hashes -r requirements/run.lock || $(NO_LUCK)
	@echo 'Installing Kasauti itself ...'
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable . || $(NO_LUCK)
	@touch $@

.venv/.dev: .venv/.run requirements/dev.lock
	@echo 'Installing what tests and checks need (hash-checked) ...'
	@$(PIP_INSTALL) --no-deps --require-hashes -r requirements/dev.lock || $(NO_LUCK)
	@touch $@
