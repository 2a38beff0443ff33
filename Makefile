# The project's commands. Each sets up what it needs, once: a stamp in the virtual environment
# remembers for which lock file it was done.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
LOCK := requirements/dev.txt
LOWEST := requirements/lowest.txt
TRACERS := requirements/tracers.txt
MINISTACK := dynamorm_py/testing/ministack.txt
COVERAGE_FLOOR := 90
INSTALLED := $(VENV)/.installed
# Workers that are done take tests from those that are not; tests/conftest.py says how many there are.
PARALLEL := -n auto --dist worksteal

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# Each worker of the tests, and each process that a test starts, would compile the package again.
unexport PYTHONDONTWRITEBYTECODE
# The locked MkDocs is 1.x, and the theme's notice about 2 stands in nobody's way.
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help install demo example test test-backends dynoxide coverage test-lowest test-newest test-tracers soak soak-transport check format docs docs-browser docs-serve aio-stubs pictures api build audit release-check lock clean

help:  ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

install: $(INSTALLED)  ## make the virtual environment with the locked versions

demo: $(INSTALLED)  ## run examples/quickstart.py on an in-process DynamoDB
	@$(RUN) examples/quickstart.py

example: $(INSTALLED)  ## run one of examples/: make example NAME=single_table_shop
	@$(RUN) examples/$(or $(NAME),quickstart).py

test: $(INSTALLED)  ## run every test; a local DynamoDB is installed and started when needed
	@$(RUN) -m pytest $(PARALLEL) $(ARGS)

test-backends: $(INSTALLED)  ## run what talks to DynamoDB on ministack, on dynoxide where it is, and on moto
	@$(RUN) scripts/test_backends.py $(ARGS)

dynoxide: $(INSTALLED)  ## build dynoxide, a local DynamoDB, into the cache; needs cargo, and some minutes the first time
	@$(RUN) scripts/build_dynoxide.py

coverage: $(INSTALLED)  ## run the unit and property tests and the command's, and hold the lines they reach above a floor
	@$(RUN) -m pytest -q $(PARALLEL) --cov --cov-report=term --cov-fail-under=$(COVERAGE_FLOOR) tests/unit tests/properties \
		tests/integration/test_cli_stored_local.py tests/integration/test_cli_tables_local.py

# Only the runtime dependencies are lowered: the tests' own tools stay as they are locked.
test-lowest: $(LOCK) $(LOWEST)  ## run the unit tests on the lowest versions that the package declares
	@test -x .venv-lowest/bin/python || $(PYTHON) -m venv .venv-lowest
	@.venv-lowest/bin/python -m pip install --quiet --require-hashes --requirement $(LOCK)
	@.venv-lowest/bin/python -m pip install --quiet --no-deps --require-hashes --requirement $(LOWEST)
	@.venv-lowest/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@.venv-lowest/bin/python -m pytest -q $(PARALLEL) tests/unit $(ARGS)

test-tracers: $(TRACERS)  ## run what real tracers and recorders see of our calls, with the tools themselves
	@test -x .venv-tracers/bin/python || $(PYTHON) -m venv .venv-tracers
	@.venv-tracers/bin/python -m pip install --quiet --require-hashes --requirement $(TRACERS)
	@PYTHONPATH=. .venv-tracers/bin/python -m pytest -q --config-file=/dev/null --rootdir=. --confcutdir=tests/tracers \
		-p no:cacheprovider tests/tracers $(ARGS)

test-newest:  ## run the unit tests on the newest versions there are
	@test -x .venv-newest/bin/python || $(PYTHON) -m venv .venv-newest
	@.venv-newest/bin/python -m pip install --quiet --upgrade --upgrade-strategy eager "pip>=25.1"
	@.venv-newest/bin/python -m pip install --quiet --upgrade --upgrade-strategy eager --group dev --editable ".[encryption,cli]"
	@.venv-newest/bin/python -m pytest -q $(PARALLEL) tests/unit $(ARGS)

soak: $(INSTALLED)  ## hold the laws of models over 20,000 random classes: make soak ARGS="--classes 2000 --seed 7"
	@$(RUN) -m tests.laws.soak $(ARGS)

soak-transport: $(INSTALLED)  ## 100,000 exchanges over each kind of pool and 100,000 schedules of faults over the wire: half an hour
	@DYNAMORM_EXCHANGES=100000 DYNAMORM_FAULT_SCHEDULES=100000 $(RUN) -m pytest -q --durations=3 -k "own_requests_number or over_the_wire" \
		tests/unit/test_transport_sockets.py tests/properties/test_wire_fault_schedules.py $(ARGS)

check: $(INSTALLED)  ## format, lint, spelling, workflows, types
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(VENV)/bin/codespell
	@$(VENV)/bin/validate-pyproject pyproject.toml > /dev/null
	@$(VENV)/bin/zizmor --offline --quiet .github
	@$(RUN) -m pyright

format: $(INSTALLED)  ## rewrite the code in the project's format
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

docs: $(INSTALLED)  ## build the documentation into site/; whatever MkDocs warns of is an error
	@$(RUN) -m mkdocs build --strict --clean --quiet

aio-stubs: $(INSTALLED)  ## write the types of dynamorm_py.aio from the synchronous face
	@$(RUN) scripts/write_aio_stubs.py

pictures: $(INSTALLED)  ## draw docs/pictures again from scripts/pictures
	@$(RUN) scripts/draw_pictures.py

docs-browser: docs  ## open every page of the site in a headless Chromium, and leave pictures in browser/
	@$(RUN) scripts/check_site.py

docs-serve: $(INSTALLED)  ## show the documentation while you write it
	@$(RUN) -m mkdocs serve

api: $(INSTALLED)  ## accept a change of the public API: write the record that the tests compare it with
	@$(RUN) -m tests.support.api

build: $(INSTALLED)  ## build wheel and sdist into dist/
	@rm -rf dist
	@$(RUN) -m hatchling build

# Strict: a package that could not be looked up has not been found harmless.
audit: $(INSTALLED)  ## look every locked package up among known vulnerabilities
	@$(RUN) -m pip_audit --requirement $(LOCK) --require-hashes --disable-pip --strict --progress-spinner off

release-check: $(INSTALLED)  ## check that a tag, the package and the changelog agree: make release-check TAG=v1.2.3
	@$(RUN) scripts/check_release.py $(TAG)

# Without --upgrade uv keeps every version that still fits; `make lock ARGS=--upgrade` renews them.
lock: $(INSTALLED)  ## write the lock files again
	@$(RUN) -m uv pip compile pyproject.toml --group dev --extra encryption --extra cli --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet \
		--output-file $(LOCK) $(ARGS)
	@echo 'botocore==1.44.0' | $(RUN) -m uv pip compile pyproject.toml --extra encryption --extra cli --constraint - \
		--resolution lowest-direct --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file $(LOWEST)
	@$(RUN) -m uv pip compile pyproject.toml --group tracers --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file $(TRACERS)
	@echo 'ministack==1.5.33' | $(RUN) -m uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file $(MINISTACK)

clean:  ## remove what these commands made
	rm -rf $(VENV) .venv-lowest .venv-newest site browser .hypothesis .pytest_cache .ruff_cache .mypy_cache dist

$(RUN):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): $(LOCK) pyproject.toml dynamorm_py/_version.py | $(RUN)
	$(RUN) -m pip install --quiet --require-hashes --requirement $(LOCK)
	$(RUN) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
