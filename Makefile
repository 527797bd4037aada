# Everything a person types. Needs Python 3.11+ and make; the rest is fetched, each file checked against its hash.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
# One process for each core; every process has a database of its own. `make test PYTEST_ARGS=` runs one after another.
PYTEST_ARGS ?= --numprocesses auto --dist worksteal

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
TESTS := $(BIN)/python -m pytest $(PYTEST_ARGS)
DEMO := DAYMARK_DEMO=true DAYMARK_DATABASE_URL=sqlite:///var/demo.sqlite3 DAYMARK_SITE_URL=http://$(HOST):$(PORT)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test test-postgres check static soak mutation messages screens lock clean

help: ## say what can be typed
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(VENV)/run.stamp ## serve the demo, with its reminders, on http://127.0.0.1:8000
	@$(DEMO) $(BIN)/python manage.py load_demo --accounts var/demo-accounts.txt
	@$(DEMO) $(BIN)/python manage.py serve --host $(HOST) --port $(PORT)

test: $(VENV)/dev.stamp ## run the tests on SQLite; name at the end what this machine left out
	DAYMARK_TEST_DATABASE=sqlite $(TESTS)

# Rules touch no database, and tests/services starts processes on databases of their own, whatever this run uses. What a
# page looks like, whom it offers what, and how many clicks a way takes is the same on both: the longest of these are
# walked once, on SQLite. The journeys in the browser are walked on both.
ON_SQLITE_ALONE := tests/workflow tests/services $(addprefix tests/browser/,test_axe.py test_roles.py test_first_infusion.py)
test-postgres: $(VENV)/dev.stamp ## run again on PostgreSQL what touches the database
	DAYMARK_TEST_DATABASE=postgres $(TESTS) $(addprefix --ignore=,$(ON_SQLITE_ALONE))

# The tests on SQLite come last, so that the closing line names what was left out.
check: static test-postgres test ## all that must hold before a change is handed over (CI runs this)

static: $(VENV)/dev.stamp ## formatting, lint, types, imports, migrations, start-up checks, the drawn pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level ERROR
	$(BIN)/python manage.py draw_permissions --check
	$(BIN)/python -m tests.traceability --check

soak: $(VENV)/dev.stamp mutation ## search long for a counterexample and for a rule no test guards; the storms at full size
	DAYMARK_TEST_PROFILE=soak $(TESTS) -m "hypothesis and not browser"
	DAYMARK_TEST_PROFILE=soak $(TESTS) -m storm

# An hour on one core. One module takes minutes: make mutation MUTANTS='workflow.windows.*'
mutation: $(VENV)/dev.stamp ## change workflow/ a little, again and again: does a test notice?
	rm -rf mutants
	$(BIN)/python -P tests/mutation/run.py $(MUTANTS)
	$(BIN)/python -P tests/mutation/report.py

messages: $(VENV)/dev.stamp ## gather what the pages say, and compile the translations (needs gettext)
	$(BIN)/python manage.py makemessages --locale zh_Hans --no-location --no-wrap --no-obsolete --ignore var --ignore tests
	$(BIN)/python manage.py compilemessages --locale zh_Hans --ignore $(VENV)

screens: $(VENV)/dev.stamp ## take the pictures of docs/screens again, of the demo that `make run` serves meanwhile
	$(BIN)/python -m tests.browser.screens http://$(HOST):$(PORT)

lock: ## choose new versions within requirements*.in, and write down their hashes
	$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip --quiet install uv
	for name in requirements requirements-dev; do \
		UV_CUSTOM_COMPILE_COMMAND="make lock" $(VENV)-lock/bin/uv pip compile --quiet --upgrade --universal \
			--generate-hashes --no-strip-extras --python-version 3.11 --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt \
		|| exit 1; \
	done
	rm -rf $(VENV)-lock

clean: ## remove what was built; the data in var/ stays
	rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache mutants var/static

# A stamp is newer than its list as long as nothing has to be installed.
$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(BIN)/python
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Daymark needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
