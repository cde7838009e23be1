# Everything runs in a virtual environment of its own. Another Python: make test PYTHON=python3.10 VENV=.venv310
PYTHON ?= python3
MINUTES ?= 10
VENV ?= .venv
BIN := $(VENV)/bin
# Programs that use zmq, with pyzmq and gzmq.
PROGRAMS := $(VENV)-programs
# gzmq as a user installs it, what it is compared with, and the benchmarks beside it rather than beside its source.
BENCH := $(VENV)-bench
# What failed on a machine too busy for its time-outs is run once more, alone; what fails twice has failed.
AGAIN = $(BIN)/python -m pytest -q --last-failed --last-failed-no-failures none
# pip installs from outside, so that a Python without ensurepip will do.
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check

.PHONY: help demo test lint types check soak programs names bench docs clean
.DEFAULT_GOAL := help

help: ## Say what there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.gzmq ## A web server, a worker pool and a pipeline, in half a minute
	@$(BIN)/python examples/demo.py

test: lint types check ## Lint, type-check and test; what CI runs

lint: $(VENV)/.test ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test ## mypy over the public API
	$(BIN)/mypy

check: $(VENV)/.test $(PROGRAMS)/.programs ## The tests alone, those against real libzmq included
	$(BIN)/python -m pytest -n auto -q || $(AGAIN)

soak: $(VENV)/.test ## Everything at once, with kills and broken wires, for MINUTES
	$(BIN)/python -m tests.soak --minutes $(MINUTES)

programs: $(VENV)/.test $(PROGRAMS)/.programs ## zerorpc, locust, pyre, gunicorn and others, run on gzmq and on pyzmq
	$(BIN)/python -m pytest -n auto -q tests/programs

names: $(VENV)/.test ## Write down which of pyzmq's names there are
	@$(BIN)/python -m docs.names

bench: $(BENCH)/.bench ## gzmq as it is installed, beside the others, row by row: benchmarks/results
	cd $(BENCH)/beside && ../bin/python -m benchmarks

docs: $(VENV)/.gzmq ## Write docs/options.md anew from the table of options
	$(BIN)/python -m docs.options

clean: ## Remove the environment and all caches
	rm -rf $(VENV) $(BENCH) $(PROGRAMS) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	$(PYTHON) -m venv --without-pip $(VENV)
	@touch $@

$(VENV)/.gzmq: $(VENV)/.made setup.cfg pyproject.toml
	$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.made setup.cfg pyproject.toml
	$(PIP) install --quiet --editable '.[test]'
	@touch $@ $(VENV)/.gzmq

$(BENCH)/.bench: $(shell find gzmq -name '*.py' -o -name '*.px[dix]') setup.cfg setup.py pyproject.toml
	$(PYTHON) -m venv --without-pip $(BENCH)
	@rm -rf build
	$(PYTHON) -m pip --python $(BENCH)/bin/python --disable-pip-version-check install --quiet '.[bench]'
	@mkdir -p $(BENCH)/beside && ln -sfn $(CURDIR)/benchmarks $(BENCH)/beside/benchmarks
	@touch $@

# Where these cannot be had their tests are skipped, and say why; the next make tries again.
$(PROGRAMS)/.programs: tests/programs/requirements.txt setup.cfg pyproject.toml
	$(PYTHON) -m venv --without-pip $(PROGRAMS)
	@if $(PYTHON) -m pip --python $(PROGRAMS)/bin/python --disable-pip-version-check install --quiet --editable . \
		--requirement tests/programs/requirements.txt 2> $(PROGRAMS)/.missing; then touch $@; \
	else cat $(PROGRAMS)/.missing; fi
