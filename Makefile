# Two commands for a newcomer: `make demo` and `make test`; each prepares what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
WORKERS ?= 2
OUT ?= demo-output

.PHONY: demo test test-fast test-jax lint format docs clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/.installed: $(BIN)/python pyproject.toml setup.cfg
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.developed: $(BIN)/python pyproject.toml setup.cfg
	$(BIN)/pip install --quiet --editable ".[dev]"
	touch $@ $(VENV)/.installed

demo: $(VENV)/.installed
	$(BIN)/skecg demo --force --out $(OUT) $(if $(DATA),--data $(DATA))

test: $(VENV)/.developed
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --doctest-modules skecg tests

test-fast: $(VENV)/.developed
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow" tests

# Compiled steps are kept: networks under test are alike, and XLA takes seconds for each.
test-jax: export KERAS_BACKEND = jax
test-jax: export JAX_COMPILATION_CACHE_DIR = $(CURDIR)/.jax-cache
test-jax: export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS = 0
test-jax: export JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES = -1
test-jax: $(VENV)/.developed
	$(BIN)/pip install --quiet --editable ".[jax]"
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/classifiers tests/test_common.py

lint: $(VENV)/.developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.developed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.developed
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

clean:
	rm -rf build dist docs/_build docs/auto_examples docs/generated demo-output *.egg-info
