# One-purpose commands, the same for people and for CI. `make` alone lists them.
# Only Python 3.11 to 3.13 and make are needed; everything else goes into .venv.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	  "$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { command -v "$$p"; break; }; done)
UV_VERSION := 0.13.8
BIN := .venv/bin
UV := UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never $(BIN)/uv --system-certs
READY := .venv/.ready
# a worker takes whole files, since their tests share what is dear to make
WORKERS := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-fast test-slow test-servers check lint format types contracts requirements docs bench reproduce wheel lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: $(READY) ## make .venv with the locked dependencies
	@echo "Ready. Next, in each new terminal: . .venv/bin/activate; then cultivar --help. Or: make demo"

$(READY): pyproject.toml uv.lock
	@if [ -z "$(PYTHON)" ]; then \
	  echo "Cultivar needs Python 3.11, 3.12 or 3.13. Found: $$(python3 --version 2>&1 || echo none)."; \
	  echo "Install one of them, or name it: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3.12"; exit 1; fi
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) comes without the venv module. Install it (on Debian: apt install python3-venv)."; exit 1; }
	@echo "Making .venv with $$("$(PYTHON)" --version) and the locked dependencies ..."
	@[ -x $(BIN)/python ] || "$(PYTHON)" -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(UV) sync --quiet --locked --inexact --extra s3 --extra postgres --extra dask --python $(BIN)/python
	@touch $(READY)

demo: $(READY) ## play the whole lifecycle on the sample organisation
	@$(BIN)/cultivar demo $(ARGS)

up: $(READY) ## start the Prefect server and serve every flow
	@$(BIN)/cultivar up $(ARGS)

test: $(READY) ## run the default test suite
	$(BIN)/pytest -m "not slow" $(WORKERS) $(ARGS)

test-fast: $(READY) ## run the tests that need no server
	$(BIN)/pytest -m "not slow" tests/core tests/content tests/store tests/operations $(ARGS)

test-slow: $(READY) ## run only the slow tests
	$(BIN)/pytest -m slow $(WORKERS) $(ARGS)

test-servers: $(READY) ## run the operations' tests on PostgreSQL and S3
	$(BIN)/pytest -m "not slow" tests/operations $(WORKERS) --on-servers $(ARGS)

check: lint types contracts requirements ## run lint, format, type and layer checks

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

requirements: $(READY) ## list requirement rows without a test
	$(BIN)/python -m tests.requirements TC RT CT

format: $(READY) ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY) ## write the reference pages again from the code
	$(BIN)/python -m tests.pages

bench: $(READY) ## print the table of speed and memory
	$(BIN)/python -m benchmarks $(ARGS)

reproduce: $(READY) ## measure every figure of README and docs again (ONLY=name, FULL=1)
	$(BIN)/python -m benchmarks.reproduce $(if $(ONLY),--only $(ONLY)) $(if $(FULL),--all) $(ARGS)

wheel: $(READY) ## build the wheel into dist/
	$(UV) build --quiet --wheel --out-dir dist

lock: $(READY) ## renew uv.lock
	$(UV) lock

clean: ## remove .venv and caches
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
