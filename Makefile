# make run                 curate what params.yaml names (the demo, as shipped)
# make run SOURCE=/folder  curate your own folder
# make test                install what the tests need, and pass them
# make bench               how close measure and embed come to the machine; FOLDER=/folder N=512 ROUNDS=5
# make bench-fixed         what a run costs before any image: 50 images, per stage; FOLDER=/folder N=50
# make bench-demo          what is found of what the demo plants, over six seeds
# make bench-pages        how fast the report is made and its pages move; ROWS=20000 for another number of images
# make bench-subset       how even chosen subsets are over kinds; over the project's labels too, once it has run
# make bench-search       how fast and how well the index searches; ROWS=1000000 DIMS=512 for others
# make bench-scale        what each stage costs as images grow; ROWS=10000,100000 (half an hour on a quiet machine)
# make bench-zero-shot     how often zero-shot gives the label that an image has, by the present tables
# make bench-peers         beside fastdup and cleanvision; FOLDER=/folder SIZES=250,1000 ROUNDS=3 (half an hour)
# make bench-quality       what is found of what is planted among the demo's images; FOLDER=/folder among yours

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_TEST := $(VENV)/.installed-test
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test setup clean lock bench bench-fixed bench-demo bench-peers bench-quality bench-scale bench-search bench-subset bench-zero-shot

run: $(INSTALLED)
ifneq ($(origin SOURCE),undefined)
	@$(BIN)/winnow use "$(SOURCE)"
endif
	@$(BIN)/winnow doctor --preflight
	@[ "$$($(BIN)/winnow use)" != data/demo ] || $(BIN)/dvc repro data/dvc.yaml
	@$(BIN)/dvc repro
	@$(BIN)/winnow summary
	@[ -n "$$VIRTUAL_ENV" ] || echo 'For dvc and winnow in this shell: . $(VENV)/bin/activate'

setup: $(INSTALLED)

test: $(INSTALLED_TEST)
	@sh .ci/system-packages chromium nodejs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

$(INSTALLED): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("winnow needs Python 3.11 or newer; this is %s. Type: make run PYTHON=python3.11" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned packages into $(VENV), once: minutes, and 2 GB (7 GB where torch comes with CUDA)"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt torch==2.13.0
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(INSTALLED_TEST): $(INSTALLED)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	@touch $@

bench: $(INSTALLED)
	@$(BIN)/python -m tests.benchmarks.speed --folder "$(FOLDER)" --images "$(N)" --rounds "$(ROUNDS)"

bench-fixed: $(INSTALLED)
	@$(BIN)/python -m tests.benchmarks.fixed_cost --folder "$(FOLDER)" --images "$(N)"

bench-demo: $(INSTALLED)
	@$(BIN)/python -m tests.benchmarks.demo_seeds $(SEEDS)

# SEEDS=20 sets of a kind, ONLY=duplicates,quality,outliers,labels,clusters, SIZE=32 makes every picture small first.
bench-zero-shot: $(INSTALLED)
	@$(BIN)/python -m tests.benchmarks.zero_shot $(LEAST)

bench-quality: $(INSTALLED_TEST)
	@$(BIN)/python -m tests.benchmarks.bench_quality --folder "$(FOLDER)" --seeds "$(SEEDS)" --only "$(ONLY)" --size "$(SIZE)"

bench-scale: $(INSTALLED_TEST)
	@$(BIN)/python -m tests.benchmarks.scale $(ROWS)

bench-pages: $(INSTALLED_TEST)
	@$(BIN)/python -m tests.benchmarks.page_scale $(or $(ROWS),100000)

bench-search: $(INSTALLED)
	@$(BIN)/python -m tests.benchmarks.search_speed $(or $(ROWS),100000) $(DIMS)

bench-subset: $(INSTALLED_TEST)
	@$(BIN)/python -m tests.benchmarks.subset_balance

bench-peers: $(INSTALLED)
	@$(BIN)/python -m tests.benchmarks.peers --folder "$(FOLDER)" --sizes "$(SIZES)" --rounds "$(ROUNDS)"

# Pin anew: install what pyproject.toml asks for into an empty environment, and write down what came.
lock:
	@rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet torch==2.13.0
	@$(VENV)-lock/bin/python -m pip install --quiet --editable ".[test]"
	@{ echo "# Every package, pinned. Made by: make lock"; $(VENV)-lock/bin/python -m pip freeze --exclude-editable | sed 's/+cpu$$//'; } > constraints.txt
	@rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) .winnow
