PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Clients of others, which tests run against a server of ours.
CLIENTS := .venv-clients/.installed tests/clients/node_modules/.installed

.PHONY: setup run demo clients test test-slow check format bench clean

setup: $(STAMP)

# A virtual environment with Watchbill in it, made anew when what it needs changes.
$(STAMP): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Watchbill needs Python 3.11 ($(PYTHON) is not here)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { ./tools/packages venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/python -m pip install --quiet --upgrade pip
	@# Warnings of setuptools about editable installs would be all that a new user sees here.
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

# The example organization on SQLite, from nothing to a first page.
run: setup
	$(BIN)/watchbill demo

# What tests need beyond Python: a browser, Alertmanager and Node, from Debian's packages, and clients of others.
test: setup
	./tools/packages test
	@$(MAKE) --no-print-directory clients
	$(BIN)/pytest -n auto

test-slow: setup
	./tools/packages test
	@$(MAKE) --no-print-directory clients
	$(BIN)/pytest -m slow
	@# And all others with examples that no run has tried yet: the gate tries the same ones each time.
	$(BIN)/pytest -n auto --hypothesis-profile others

# Without one of them its tests are skipped, by name.
clients:
	@$(MAKE) --no-print-directory --keep-going $(CLIENTS) || echo "not all clients are here; their tests are skipped"

.venv-clients/.installed: tests/clients/requirements.txt
	test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

tests/clients/node_modules/.installed: tests/clients/package-lock.json
	npm --prefix tests/clients ci
	@touch $@

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -q tests/house

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	./tools/packages bench
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) .venv-clients tests/clients/node_modules build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
