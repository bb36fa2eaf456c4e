# `make demo` and `make test` do all set-up on a machine with Python 3.11+, pip, make and g++.
# Every environment is made once; stamp files inside it say what has been installed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

VENV := .venv
PEERS := .venv-peers
PYTHON_FILES := src tests benchmarks scripts
CPP := $(sort $(wildcard cpp/*.hpp cpp/*.cpp))
BUILD_TOOLS := 'scikit-build-core>=0.11' 'nanobind>=2.4' 'cmake>=3.26' 'ninja>=1.11'
PIP_QUIET := -m pip install -qq

# The tools of the environment come first, so that cmake, ninja and clang-format are those of pip.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test lint format docs new-rule bench seeds halving faults fuzz clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/installed ## Install into .venv, train on a generated table, print the summary
	@steelyard demo

test: $(VENV)/tested lint ## Install what the tests need; lint, doctests and tests, warnings as errors
	@python -m pytest --numprocesses 2 --quiet

lint: $(VENV)/tested ## ruff, mypy --strict, import contracts, clang-format
	@ruff format --check --quiet $(PYTHON_FILES) || { echo "run: make format"; exit 1; }
	@ruff check --quiet $(PYTHON_FILES)
	@mypy
	@lint-imports --no-logo
	@clang-format --dry-run -Werror $(CPP) || { echo "run: make format"; exit 1; }

format: $(VENV)/tested ## Format Python and C++ in place
	@ruff check --quiet --select I --fix $(PYTHON_FILES)
	@ruff format --quiet $(PYTHON_FILES)
	@clang-format -i $(CPP)

docs: $(VENV)/tested ## Regenerate docs/{cli,codes,recipe}.md, docs/rules and the map in ARCHITECTURE.md
	@python scripts/reference.py
	@python scripts/rules_reference.py
	@python scripts/house_map.py

new-rule: $(VENV)/installed ## Write a rule of the diagnosis to be filled in: NAME=family/name_of_the_symptom
	@python scripts/new_rule.py $(NAME)

bench: $(VENV)/installed $(PEERS)/installed ## Measure against the peers; writes benchmarks/results.md
	@python -m benchmarks --peers $(PEERS)/bin/python

seeds: $(VENV)/tested $(PEERS)/installed ## The two source programs against talos and Keras; writes benchmarks/seeds.md
	@python -m benchmarks.seeds --peers $(PEERS)/bin/python

halving: $(VENV)/installed ## Halving against the grid on DATA=bank-additional-full.csv; writes benchmarks/halving.md
	@python -m benchmarks.halving --data $(DATA)

faults: $(VENV)/tested ## The rules of the diagnosis on faults and healthy runs; writes benchmarks/diagnosis.md
	@python -m benchmarks.diagnosis

fuzz: $(VENV)/tested ## 100,000 damaged logs for every reader, an hour or more; writes benchmarks/fuzz_readers.md
	@python -m benchmarks.fuzz_readers

clean: ## Remove environments, build products and caches
	rm -rf $(VENV) $(PEERS) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/made:
	@scripts/make-venv.sh $(VENV)
	@touch $@

# Editable: Python sources are used where they lie; only a change to the engine or the project file reinstalls.
$(VENV)/installed: $(VENV)/made pyproject.toml CMakeLists.txt $(CPP)
	@echo "steelyard: building the engine and installing (a minute or two the first time)"
	@python $(PIP_QUIET) $(BUILD_TOOLS)
	@python $(PIP_QUIET) --no-build-isolation --editable .
	@touch $@

$(VENV)/tested: $(VENV)/installed
	@echo "steelyard: installing what the tests need"
	@scripts/install-postgres.sh
	@python $(PIP_QUIET) --no-build-isolation --editable '.[dev,test]'
	@touch $@

$(PEERS)/made:
	@scripts/make-venv.sh $(PEERS)
	@touch $@

# Only the extra's packages, not steelyard itself: the peers run without it.
$(PEERS)/installed: $(PEERS)/made $(VENV)/installed pyproject.toml
	@echo "steelyard: installing the peers (TensorFlow, PyTorch, scikit-learn, talos)"
	@python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["bench"], sep="\n")' \
		> $(PEERS)/requirements.txt
	@$(PEERS)/bin/python $(PIP_QUIET) --requirement $(PEERS)/requirements.txt
	@touch $@
