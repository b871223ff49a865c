# Every target sets up what it needs; the exact versions stand in the lock files.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test soak check bench golden lock clean

run: $(VENV)/.ready
	JOURNEY_OPEN_BROWSER=1 $(BIN)/streamlit run app.py --server.port $(PORT)

# Two at a time: a file's tests stay together, because they share servers and what is read once. In the order of the
# folders: left to itself, xdist keeps files of few tests for the end, and those are the long ones with a browser.
test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# The laws once more, each with fifty times as many drawn examples, and at full length what happens to a server
# and its browsers. docs/reliability.md says what came of it and how long it takes.
soak: $(VENV)/.ready-dev
	JOURNEY_SOAK=1 $(BIN)/python -m pytest $(patsubst %,tests/%,i18n sources statistics events stages aggregates \
		analysis charts reports projects) tests/test_main.py \
		$(patsubst %,tests/e2e/test_%.py,interrupted killed_server many_edits not_saved text_is_text) $(SOAK)

check: $(VENV)/.ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.ready-dev .venv-bench/.ready
	$(BIN)/python -m tests.bench $(BENCH)

golden: $(VENV)/.ready-dev
	JOURNEY_GOLDEN=1 $(BIN)/python -m pytest tests/golden

lock:
	uv pip compile --universal --python-version 3.11 --no-header -q requirements.txt -o requirements.lock
	uv pip compile --universal --python-version 3.11 --no-header -q requirements.txt requirements-dev.txt \
		-c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) .venv-bench

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Journey Lab needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.lock | $(VENV)/bin/python
	$(PIP) -r requirements.lock
	touch $@

.venv-bench/.ready: requirements-bench.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	$(PIP) -r requirements-dev.lock
	touch $@
