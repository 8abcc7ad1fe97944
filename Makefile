# The words of this project. Each one works in a fresh clone; the first installs what it
# needs into .venv.

PYTHON := recsys_site/launch/find_python
INSTALL := $(PYTHON) -m recsys_site.launch.install
# Among how many processes the tests are shared out.
PROCESSES := 2
# In what order they run: a red run can be repeated. `make test SEED=7` is another one.
SEED := 20261121

.PHONY: run test lint style types imports migrations openapi locks docs bench prove clean
.PHONY: install install-dev

run: ## Start everything and print where to go. PORT, SERVE_PORT and HOST change where.
	@$(INSTALL) requirements.txt --ports
	@exec $(PYTHON) -m recsys_site.launch

test: install-dev ## Run every test; `make test ONLY="tests/api -x" PROCESSES=0` some, in one process.
	@CHROMIUM="$$($(PYTHON) -m recsys_site.launch.chromium)" $(PYTHON) -m pytest --numprocesses $(PROCESSES) --no-loadscope-reorder \
		--randomly-seed $(SEED) $(ONLY)

lint: style types imports migrations openapi locks ## Everything that judges the code without running it.

style: install-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types: install-dev
	$(PYTHON) -m mypy .

imports: install-dev
	$(PYTHON) .venv/bin/lint-imports

migrations: install-dev
	$(PYTHON) manage.py makemigrations --check --dry-run

openapi: install-dev
	$(PYTHON) manage.py check_openapi

locks: install-dev
	$(PYTHON) -m pytest -q tests/launch/test_lock_hygiene.py

docs: install-dev ## Write the reference pages and the OpenAPI file from the code.
	$(PYTHON) manage.py write_reference

bench: install-dev ## Measure what the numbers in the documentation promise.
	$(PYTHON) manage.py bench

prove: install-dev ## The long form of the proofs, minutes each.
	$(PYTHON) -m pytest -m "prove or hypothesis" --hypothesis-profile proof --timeout 3600 $(ONLY)

clean: ## Stop the embedded servers and remove what can be made again; the shop stays.
	@[ ! -x .venv/bin/python ] || $(PYTHON) -m recsys_site.launch.clean
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

install:
	@$(INSTALL) requirements.txt

install-dev:
	@$(INSTALL) requirements-dev.txt
