# Everything a newcomer needs: `make run` and `make test`. Nothing here wants root.
.DEFAULT_GOAL := help
.PHONY: help setup setup-runtime run test bench lint format screenshots lock clean

PYTHON ?= python3
# More than there are cores: most of the time a test waits for a process, a disk or a timer.
WORKERS ?= 4
BIN := .venv/bin

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 16

setup: ## make .venv with everything that development needs
	@$(PYTHON) tools/set_up.py dev

setup-runtime:
	@$(PYTHON) tools/set_up.py runtime

run: setup-runtime ## serve the demo on https://localhost:8443 and https://localhost:9443
	@exec $(BIN)/certgate up --demo

test: setup ## run every test; TESTS=... picks some of them
	@tools/install_test_system
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup $(TESTS)

bench: setup ## run the benchmarks
	$(BIN)/python -m benchmarks

lint: setup ## check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## put the code into its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: setup ## photograph every page into docs/images and docs/pages.md
	@tools/install_test_system
	$(BIN)/python -m tools.screenshots

# Locked for every platform and Python from 3.11 on; an index is the machine's own affair.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--annotation-style line
lock: setup ## renew the lock files; UPGRADE=--upgrade takes newer versions
	$(COMPILE) $(UPGRADE) pyproject.toml --extra tracing --group build --output-file requirements/runtime.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra tracing --group dev --constraints requirements/runtime.txt \
		--output-file requirements/dev.txt

clean: ## remove what setup and the tools made; data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist
