# Every command a person or CI runs. Needs Python 3.11 or newer and nothing else: the rest is set up here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
# CDK and the checkers of its template, whose versions do not go together with ours.
STACK := .venv-aws
ROUTERS ?= 200
FULL ?= 40

# Without bytecode every start of a program compiles everything again: two seconds of the platform's three.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint bench bench-50m bench-logs-50m conformance prove-restore prove web setup docs clean

run: $(VENV)/.ready web  ## The platform with an owner, sites and a fleet of virtual routers, on http://localhost:8080
	$(PY) -m tikfleet demo --data data/demo --routers $(ROUTERS) --full $(FULL)

test: $(VENV)/.ready $(STACK)/.ready web  ## Every test, with what it needs set up
	$(PY) scripts/build_web.py test
	$(PY) -m pytest -n 4 --dist loadgroup

lint: $(VENV)/.ready web  ## Style, types, and the architecture's import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(PY) scripts/build_web.py lint typecheck

bench: $(VENV)/.ready  ## Figures of this machine, printed and written to build/bench.json
	$(PY) -m bench

bench-50m: $(VENV)/.ready  ## 50,900,951 check-in rows, built and asked (some ten minutes, 3 GB of disk)
	$(PY) -m bench.fifty_million

bench-logs-50m: $(VENV)/.ready  ## 50 million log lines, stored and searched (some ten minutes, 2 GB of disk)
	$(PY) -m bench.logs 50000000

conformance: $(VENV)/.ready  ## How far the parser answers as RouterOS does: make conformance CORPUS=DIR (a folder with scripts.jsonl)
	$(PY) tests/conformance/run.py $(CORPUS)

prove-restore: $(VENV)/.ready  ## The restore drill: backups under load, restored, counted, compared, and broken in many places
	$(PY) tests/faults/prove_restore.py

prove: $(VENV)/.ready  ## Every proof of docs/proofs.md in its long form (an hour and more)
	$(PY) tests/proofs/prove.py all

prove-%: $(VENV)/.ready  ## One of them: power torn disk kill stopped-writer herd slow-clients mixed upgrade jobs fleet soak queries flows logs
	$(PY) tests/proofs/prove.py $*

docs: $(VENV)/.ready  ## The generated part of docs/reference
	$(PY) -m scripts.reference

setup: $(VENV)/.ready web  ## Everything installed, nothing started

web: src/tikfleet/app/dashboard/.built  ## The dashboard's files

$(VENV)/.ready: requirements-dev.lock pyproject.toml
	$(PYTHON) scripts/check_python.py
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(STACK)/.ready: requirements-aws.lock
	$(PYTHON) -m venv $(STACK)
	$(STACK)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-aws.lock
	touch $@

src/tikfleet/app/dashboard/.built: $(VENV)/.ready $(shell find web/app web/public web/modules web/scripts -type f 2>/dev/null) web/package-lock.json web/nuxt.config.ts
	$(PY) scripts/build_web.py
	touch $@

clean:  ## What was built and installed; data stays
	rm -rf $(VENV) $(STACK) build web/node_modules web/.nuxt web/.output src/tikfleet/app/dashboard
