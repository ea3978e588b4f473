# `make` lists the targets. Each builds .venv when it is missing or when pyproject.toml or constraints.txt changed.

PYTHON ?= python3
VENV ?= .venv
# Where torch comes from: the CPU build by default, a tenth of the size. `make TORCH_INDEX= demo` takes the build that the
# default package index serves (CUDA on Linux); TORCH_INDEX=https://download.pytorch.org/whl/cu130 names a CUDA version.
# Only read when torch is not installed yet: to change the build, remove $(VENV) first.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# Test processes; the suite needs no more than a few.
JOBS ?= auto
PYTEST_ARGS ?=

PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
# Byte-compiling every installed module costs more time than the few that are imported ever win back.
INSTALL := $(PIP) install --quiet --no-compile --constraint constraints.txt
RUN := $(VENV)/bin/python

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test slow lint typecheck format clean

help:  ## list the targets
	@grep -E '^[a-z.]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z.]+):.*## */  make \1\t/' | expand -t 20

demo: $(VENV)/.installed-demo  ## train PPO, compare it with rules on weeks it never saw, write a report
	$(RUN) train.py --config configs/demo.yaml
	$(RUN) evaluate.py --scenario japan3 --policies random do-nothing siloed greedy threshold runs/demo --output reports/demo

test: $(VENV)/.installed-dev  ## run the test suite (without the slow tests)
	$(RUN) -m pytest -n $(JOBS) --maxprocesses 4 --dist loadfile $(PYTEST_ARGS)

slow: $(VENV)/.installed-dev  ## run the slow tests
	$(RUN) -m pytest -m slow $(PYTEST_ARGS)

lint: $(VENV)/.installed-dev  ## ruff check, ruff format --check, mypy
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

typecheck: $(VENV)/.installed-dev  ## the mypy part of `make lint` alone
	$(RUN) -m mypy

format: $(VENV)/.installed-dev  ## rewrite the code as `make lint` wants it
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

clean:  ## remove caches and build output (not .venv, runs, reports)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find envs agents tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# The virtual environment with torch in it, which every other install then finds satisfied. The CPU index answers or
# fails within seconds; where it can't be reached, the default index is asked.
$(VENV)/.installed-torch: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("wattbit needs Python 3.11 or newer, $(PYTHON) is " + sys.version.split()[0] + ": make PYTHON=/path/to/python3.11 ..." if sys.version_info < (3, 11) else 0)'
	@echo "installing into $(VENV) ..."
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@if [ -n "$(TORCH_INDEX)" ] && $(INSTALL) --no-deps --retries 0 --timeout 5 --index-url $(TORCH_INDEX) torch 2>/dev/null; then :; \
	else echo "torch: taking the default index, whose build may be the larger CUDA one"; $(INSTALL) --no-deps torch; fi
	@touch $@

# The two packages are installed in place (-e), so that a change of the code needs no new install.
$(VENV)/.installed-demo: $(VENV)/.installed-torch pyproject.toml
	@$(INSTALL) --editable '.[train,render,report,generate]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-torch pyproject.toml
	@$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.installed-demo
