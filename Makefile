# What people do here. `make run` needs Python 3.11 or newer and make, nothing else; uv is used where it is present.

PYTHON ?= python3
VENV := .venv
IN_VENV := $(VENV)/bin/python
# Two more processes than there are cores: many tests wait for others.
# The order of the tests. The same one each time, so that a failure is the change's; others: make test SEED=7
SEED ?= 29112026
TESTERS ?= $(shell $(PYTHON) -c 'import os; print(2 + (os.cpu_count() or 1))')
UV := $(shell command -v uv 2>/dev/null)
# The file is also the constraint: before pip 24, `pydantic[email]` was looked up anew and the pin of pydantic not seen.
ifeq ($(UV),)
install_into = $(1) -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r $(2) -c $(2)
else
install_into = $(UV) pip install --quiet --python $(1) --require-hashes -r $(2)
endif
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make requirements'

.PHONY: run test bench bench-safeguards lint requirements sbom

run: $(VENV)/installed-run
	@exec $(IN_VENV) -m demo

# Hundreds of commands are tested: without kept bytecode, each would compile all of its imports.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/installed-test $(VENV)/activitywatch/installed $(VENV)/mlflow/installed $(VENV)/s3/installed
	@.ci/programs $(VENV)
	$(IN_VENV) -m pytest -n $(TESTERS) --no-loadscope-reorder --randomly-seed=$(SEED) $(ARGS)

bench: $(VENV)/installed-bench
	@exec $(IN_VENV) -m benchmarks $(if $(EVENTS),--events $(EVENTS)) $(ARGS)

bench-safeguards: $(VENV)/installed-run
	@exec $(IN_VENV) -m benchmarks.safeguards $(ARGS)

lint: $(VENV)/installed-test
	$(IN_VENV) -m ruff check .
	$(IN_VENV) -m ruff format --check .
	$(IN_VENV) -m mypy

# What production installs, in the format CycloneDX, from the pinned requirements.
sbom: $(VENV)/sbom/installed
	@mkdir -p build
	@$(VENV)/sbom/bin/cyclonedx-py requirements --output-reproducible --output-file build/sbom.cdx.json \
	  --pyproject pyproject.toml requirements.txt
	@echo "Wrote build/sbom.cdx.json"

# After a change of the dependencies in pyproject.toml. UPGRADE=1 also moves the pins to the newest releases.
requirements:
	@test -n "$(UV)" || { echo "make requirements needs uv: https://docs.astral.sh/uv/"; exit 1; }
	$(COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group demo -c requirements.txt pyproject.toml -o requirements/demo.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group demo --group test -c requirements/demo.txt pyproject.toml -o requirements/test.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group demo --group test --group bench -c requirements/test.txt pyproject.toml -o requirements/bench.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group activitywatch -o requirements/activitywatch.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group mlflow -o requirements/mlflow.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group s3 -o requirements/s3.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group sbom -o requirements/sbom.txt

$(IN_VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Open Book needs Python 3.11 or newer, and $(PYTHON) is: $$($(PYTHON) --version 2>&1 | head -1)"; \
	  echo "Name another one: make run PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) can't make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/installed-run: requirements/demo.txt $(IN_VENV)
	@echo "Installing what Open Book needs (a minute or two, once)"
	@$(call install_into,$(IN_VENV),requirements/demo.txt)
	@touch $@

$(VENV)/installed-test: requirements/test.txt $(IN_VENV)
	@echo "Installing what the tests need (a minute or two, once)"
	@$(call install_into,$(IN_VENV),requirements/test.txt)
	@touch $@

$(VENV)/installed-bench: requirements/bench.txt $(IN_VENV)
	@echo "Installing what the benchmarks compare with (a minute or two, once)"
	@$(call install_into,$(IN_VENV),requirements/bench.txt)
	@touch $@

# The ActivityWatch server of the tests wants an older Flask than the identity provider: it lives apart.
$(VENV)/activitywatch/installed: requirements/activitywatch.txt $(IN_VENV)
	@$(IN_VENV) -m venv --clear $(VENV)/activitywatch
	@$(call install_into,$(VENV)/activitywatch/bin/python,requirements/activitywatch.txt)
	@touch $@

# So does the MLflow server of the tests, which wants an older pyarrow.
$(VENV)/mlflow/installed: requirements/mlflow.txt $(IN_VENV)
	@$(IN_VENV) -m venv --clear $(VENV)/mlflow
	@$(call install_into,$(VENV)/mlflow/bin/python,requirements/mlflow.txt)
	@touch $@

# And the object storage of the tests, which wants an older dateutil.
$(VENV)/s3/installed: requirements/s3.txt $(IN_VENV)
	@$(IN_VENV) -m venv --clear $(VENV)/s3
	@$(call install_into,$(VENV)/s3/bin/python,requirements/s3.txt)
	@touch $@

$(VENV)/sbom/installed: requirements/sbom.txt $(IN_VENV)
	@$(IN_VENV) -m venv --clear $(VENV)/sbom
	@$(call install_into,$(VENV)/sbom/bin/python,requirements/sbom.txt)
	@touch $@
