# Everything a developer runs. `make help` lists it; tools/setup.sh says how .venv is made.
.POSIX:
.PHONY: help demo serve test check format lint types imports repository docker test-all bench screenshots messages lock clean
PYTHON ?= python3
TESTS = sqlite,postgresql
PYTEST_ARGS =
# One process more than the machine has cores; a file's tests stay together, as they share what is slow to make, and
# the files of long tests come first (tests/conftest.py).
WORKERS = auto
BIN = .venv/bin
# The plugin fails a run in CI when a test is skipped for a reason that tests/allowed-skips.txt does not name.
PYTEST = $(BIN)/python -m pytest -p tests.support.skips -n $(WORKERS) --dist loadfile --no-loadscope-reorder
COMPILE = PATH="$$PATH:$(BIN)" uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command "make lock" --python-version 3.11 $(UPGRADE)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1: \2/p' Makefile

demo: .venv/.runtime ## set everything up and run the bridge's main job on sample data, in a minute
	@$(BIN)/primero-bridge demo

serve: .venv/.runtime ## start the service for a browser on this machine
	@$(BIN)/primero-bridge serve

test: .venv/.dev ## set everything up and run the tests on SQLite; what the machine lacks is skipped with a message
	BRIDGE_TEST_DATABASES=sqlite $(PYTEST) $(PYTEST_ARGS)

check: format lint types imports repository docker test-all ## what CI runs; TESTS=postgresql (or sqlite) tests one database only

format: .venv/.dev ## are all files formatted?
	$(BIN)/ruff format --check .

lint: .venv/.dev ## ruff's rules, complexity and statements among them
	$(BIN)/ruff check .

types: .venv/.dev ## mypy, strict
	$(BIN)/mypy

imports: .venv/.dev ## who may import whom
	$(BIN)/lint-imports --no-logo

repository: .venv/.dev ## sizes of files, hosts and paths that may not be committed, vendored files
	$(BIN)/python -m tools.check_sizes
	$(BIN)/python -m tools.check_repository

docker: .venv/.dev ## lint the Dockerfile
	@if [ -x $(BIN)/hadolint ]; then $(BIN)/hadolint Dockerfile; else echo "hadolint is not made for this machine: not linted"; fi

test-all: .venv/.dev ## every test, on the databases that TESTS names
	BRIDGE_TEST_DATABASES=$(TESTS) BRIDGE_TEST_DOCKERFILE=1 $(PYTEST) $(PYTEST_ARGS)

bench: .venv/.dev .venv/.bench ## measure extraction beside a plain walk, pulls beside Transifex's own client, the checks, what a token carries, pages, applies, and forecasts; minutes
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.syncing
	$(BIN)/python -m benchmarks.checks --peer .venv/peer/bin/python
	$(BIN)/python -m benchmarks.capacity
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.applying
	$(BIN)/python -m benchmarks.bundles
	$(BIN)/python -m benchmarks.dashboards
	$(BIN)/python -m benchmarks.forecast

screenshots: .venv/.dev ## take the pictures of README and guides anew, from the demo, with Debian's Chromium
	$(BIN)/python -m tools.screenshots

messages: .venv/.dev ## write the catalogs of the pages (French, Arabic) anew from templates and code
	$(BIN)/python -m tools.messages

lock: .venv/.dev ## write the locks anew from pyproject.toml; UPGRADE=--upgrade takes newer versions
	@PYTHON="$(PYTHON)" sh tools/setup.sh uv
	$(COMPILE) --group dev pyproject.toml -o requirements-dev.lock
	$(COMPILE) --extra redis -c requirements-dev.lock pyproject.toml -o requirements.lock
	$(COMPILE) -c requirements-dev.lock --group build -o requirements-build.lock
	$(COMPILE) --group bench -o requirements-bench.lock
	$(COMPILE) --group client -o requirements-client.lock

clean: ## remove .venv and what tools left behind
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist tests/contract/javascript/node_modules

.venv/.runtime: requirements.lock requirements-build.lock pyproject.toml tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh runtime

.venv/.dev: requirements-dev.lock requirements-build.lock requirements-client.lock tests/contract/javascript/package-lock.json pyproject.toml tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh dev

.venv/.bench: .venv/.dev requirements-bench.lock tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh bench
