# make setup | test | lint | check | bench DATA=../shared/data
PYTHON ?= python

setup:
	$(PYTHON) -m pip install -c constraints.txt -e '.[test]'

test:
	$(PYTHON) -m pytest

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	lint-imports

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

check: lint test

DATA ?= ../shared/data
reader:
	$(PYTHON) -m training --data $(DATA)

.PHONY: setup test lint format check reader
