# Two commands for everyone: `make demo` and `make test`. The README says how to go without make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Exact versions that were tested; pyproject.toml has the lower bounds.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test check bench faults fuzz soak systems clean

demo: $(VENV)/.installed
	$(BIN)/autoae study create digits-hybrid --run --timeout 60s --if-exists reuse

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2

check: $(VENV)/.check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Everything about speed, in about half an hour; PART=name for one part. AUTOAE_DATA_DIR names the data.
bench: $(VENV)/.installed
	$(BIN)/python benchmarks/bench.py $(foreach part,$(PART),--part $(part))

# What harms a study for longer than the tests have time for, and a hundred kills: ten minutes.
faults: $(VENV)/.test
	$(BIN)/python -m pytest -m faults tests
	$(BIN)/python -m tests.faults.kills --kills $(or $(KILLS),100)

# Odd study files, options, JSON and images, tens of thousands of them: a few minutes.
fuzz: $(VENV)/.test
	AUTOAE_FUZZ_CASES=$(or $(CASES),21000) $(BIN)/python -m pytest tests/fuzz

# Ten thousand tiny trials on two workers: four minutes on idle cores.
soak: $(VENV)/.installed
	$(BIN)/python benchmarks/soak.py $(if $(TRIALS),--trials $(TRIALS))

# The published systems, quick profiles; PRESET=name for one. AUTOAE_DATA_DIR names the data.
systems: $(VENV)/.installed
	$(BIN)/python benchmarks/systems.py $(if $(PRESET),--preset $(PRESET))

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "autoae needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.installed: $(VENV)/.created pyproject.toml constraints.txt
	@echo "Installing autoae, PyTorch and Optuna into $(VENV) (a few minutes, once) ..."
	$(PIP) --editable .
	touch $@

$(VENV)/.test: $(VENV)/.installed
	$(PIP) --editable '.[test]'
	touch $@

$(VENV)/.check: $(VENV)/.test
	$(PIP) --editable '.[test,check]'
	touch $@
