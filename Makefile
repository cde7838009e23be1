# Everything runs in a virtual environment of its own. Another Python: make test PYTHON=python3.10 VENV=.venv310
PYTHON ?= python3
# Tests wait more than they work: two for each core.
WORKERS ?= $(shell expr 2 \* $$(nproc))
MINUTES ?= 10
VENV ?= .venv
BIN := $(VENV)/bin
# Programs that use zmq, with pyzmq and gzmq.
PROGRAMS := $(VENV)-programs
# gzmq as a user installs it, what it is compared with, and the benchmarks beside it rather than beside its source.
BENCH := $(VENV)-bench
# What failed on a machine too busy for its time-outs is run once more, alone; what fails twice has failed.
TESTS = $(abspath $(BIN))/python -m pytest -q -n $(WORKERS) || $(abspath $(BIN))/python -m pytest -q --last-failed --last-failed-no-failures none
# The tree again, with its hot modules compiled; the tree itself always runs the sources that are edited.
COMPILED := $(VENV)-compiled
# pip installs from outside, so that a Python without ensurepip will do.
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check

.PHONY: help demo test lint types check compiled wheel soak programs names bench docs clean
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

check: $(VENV)/.test $(PROGRAMS)/.programs compiled ## The tests alone, pure and compiled, those against real libzmq included
	$(TESTS)
	cd $(COMPILED) && export PYTHONPATH=$$PWD && ( $(TESTS) )

compiled: $(COMPILED)/.built ## The tree once more, with its hot modules compiled

wheel: ## A wheel in dist/, compiled if there is a compiler; tried in a clean environment
	$(PYTHON) -m pip --disable-pip-version-check wheel --quiet --no-deps --wheel-dir dist .
	rm -rf build/clean && $(PYTHON) -m venv --without-pip build/clean
	$(PYTHON) -m pip --python build/clean/bin/python --disable-pip-version-check install --quiet dist/gzmq-*.whl
	cd build/clean && bin/python -c "import gzmq; print('gzmq', gzmq.__version__, 'compiled' if gzmq.compiled else 'pure')"

soak: $(VENV)/.test ## Everything at once, with kills and broken wires, for MINUTES
	$(BIN)/python -m tests.soak --minutes $(MINUTES)

programs: $(VENV)/.test $(PROGRAMS)/.programs ## zerorpc, locust, pyre, gunicorn and others, run on gzmq and on pyzmq
	$(BIN)/python -m pytest -q -n $(WORKERS) tests/programs

names: $(VENV)/.test ## Write down which of pyzmq's names there are
	@$(BIN)/python -m docs.names

bench: $(BENCH)/.bench ## gzmq as it is installed, beside the others, row by row; writes the results and the documents
	cd $(BENCH)/beside && ../bin/python -m benchmarks
	cd $(BENCH)/beside && ../bin/python -m benchmarks.profile --out $(CURDIR)/benchmarks/results
	$(BENCH)/bin/python -m benchmarks.readme

docs: $(VENV)/.gzmq ## Write docs/options.md anew from the table of options
	$(BIN)/python -m docs.options

clean: ## Remove the environment and all caches
	rm -rf $(VENV) $(BENCH) $(COMPILED) $(PROGRAMS) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
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

$(BENCH)/.bench: $(shell find gzmq -name '*.py' -o -name '*.pyx' -o -name '*.pxd') setup.cfg setup.py pyproject.toml
	$(PYTHON) -m venv --without-pip $(BENCH)
	@rm -rf build
	$(PYTHON) -m pip --python $(BENCH)/bin/python --disable-pip-version-check install --quiet '.[bench]'
	@mkdir -p $(BENCH)/beside && ln -sfn $(CURDIR)/benchmarks $(BENCH)/beside/benchmarks
	@touch $@

$(COMPILED)/.built: $(VENV)/.test $(shell git ls-files gzmq tests examples docs benchmarks '*.md' '*.cfg' '*.py')
	rm -rf $(COMPILED) && mkdir -p $(COMPILED)
	git ls-files -z | xargs -0 cp --parents -t $(COMPILED)
	cd $(COMPILED) && GZMQ_PURE=0 $(abspath $(BIN))/python setup.py -q build_ext --inplace >/dev/null
	cd $(COMPILED) && PYTHONPATH=$$PWD $(abspath $(BIN))/python -c "import gzmq; assert gzmq.compiled, 'not compiled'"
	@touch $@

# Where these cannot be had their tests are skipped, and say why; the next make tries again.
$(PROGRAMS)/.programs: tests/programs/requirements.txt setup.cfg pyproject.toml
	$(PYTHON) -m venv --without-pip $(PROGRAMS)
	@if $(PYTHON) -m pip --python $(PROGRAMS)/bin/python --disable-pip-version-check install --quiet --editable . \
		--requirement tests/programs/requirements.txt 2> $(PROGRAMS)/.missing; then touch $@; \
	else cat $(PROGRAMS)/.missing; fi
