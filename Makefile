# Every target sets up what it needs by itself; `make help` lists them.
SHELL := /bin/sh
PYTHON := .venv/bin/python

SAMPLE ?= yes
HOST ?= 127.0.0.1
PORT ?= 8000
SIZE ?= small
TESTS ?=
DRAWS ?= 1000
PROCESSES ?= $(if $(TESTS),0,auto)
export SEACLIFF_CHROMIUM ?= $(CURDIR)/.tools/chromium
# Modules are compiled once and kept beside the tools, whatever the shell says: else every process compiles 1,600 of them, for 3 s.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.tools/bytecode

# pyenv stands in for python3 and refuses where .python-version names a version it lacks; outside the checkout it doesn't
SETUP := python3 -c '' 2>/dev/null || cd /; python3 '$(CURDIR)/requirements/install.py'

.DEFAULT_GOAL := help
.PHONY: help up setup setup-dev setup-bench test pytest lint types imports migrations e2e faults access-mutants bench value-check docs lock clean ci

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; \
		do printf '  make %-12s %s\n' "$$name" "$$what"; done

up: setup ## start Seacliff with a sample company (SAMPLE=no starts empty; HOST=, PORT=)
	@exec $(PYTHON) -m seacliff up --host '$(HOST)' --port '$(PORT)' $(if $(filter no,$(SAMPLE)),--no-sample,--sample)

setup: ## get everything `make up` needs, and stop there
	@$(SETUP) run
setup-dev: ## get everything `make test` needs, and stop there
	@$(SETUP) dev
setup-bench:
	@$(SETUP) bench

test: setup-dev ## run every check and every test, as CI does
	@$(MAKE) --no-print-directory lint types imports migrations pytest

lint: setup-dev ## ruff
	@$(PYTHON) -m ruff check .
types: setup-dev ## mypy
	@$(PYTHON) -m mypy src/seacliff
imports: setup-dev ## who may import whom
	@.venv/bin/lint-imports --no-cache
migrations: setup-dev ## do the migrations match the models?
	@$(PYTHON) -m seacliff django makemigrations --check --dry-run
pytest: setup-dev ## the tests alone (TESTS="path -k word" for some of them; PROCESSES= how many at once)
	@$(PYTHON) -m pytest -n $(PROCESSES) --maxprocesses 4 $(TESTS)
e2e: setup-dev ## the browser tests alone
	@$(PYTHON) -m pytest -m e2e $(TESTS)
faults: setup-dev ## the tests that kill processes under load
	@$(PYTHON) -m pytest -m faults $(TESTS)

access-mutants: setup-dev ## take away each authorisation check in turn: does a test notice?
	@$(PYTHON) -m tests.access.mutate $(ROOM)

bench: setup-bench ## measure against the yardsticks (SIZE=full for the large workloads)
	@$(PYTHON) -m bench --size '$(SIZE)'
value-check: setup-dev ## the value case's designs against published figures (SEACLIFF_DATA) and a thousand made worlds: writes docs/value/validation.md
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONPATH=src $(PYTHON) -m seacliff.value.check --draws '$(DRAWS)' --out docs/value/validation.md
docs: setup-dev ## check the documentation: every setting, command and page is described, every link leads somewhere
	@$(PYTHON) -m pytest -q tests/docs

lock: ## lock the dependencies of pyproject.toml again (UPGRADE=--upgrade for newer ones)
	@$(SETUP) lock $(UPGRADE)
clean: ## remove what make made, but not the data
	rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist static-build
ci: test ## what .ci/run does
