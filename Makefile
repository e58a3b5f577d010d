# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything that you need to work on the collection: `make help` lists it.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.SUFFIXES:

PYTHON ?= python3
# Arguments for every pytest run; tests are independent of each other, so they run on all processors
PYTEST_ARGS ?= -n auto

top := $(CURDIR)
bin := $(top)/.venv/bin
# Where the collection is importable: a link to this tree for tools that follow links, a copy for those that do not
linked := .build/collections
staged := .build/ansible_collections/kemp/loadmaster
quiet := tests/tools/quiet.sh
emulator := $(wildcard tests/emulator/pyproject.toml)

# Ignore the user's own settings of Ansible and the modules of another Python
unexport ANSIBLE_CONFIG PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PATH := $(bin):$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(top)/$(linked)
export ANSIBLE_NOCOLOR := 1
export NO_COLOR := 1

##@ Start
.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: env
env: .venv/.made ## create or update .venv with everything that the tests need

.venv/.made: tests/requirements.txt $(emulator)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "kemp.loadmaster needs Python 3.11 or newer for development, but '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one: make env PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot create virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(quiet) env "make .venv and install the tools of tests/requirements.txt" tests/tools/env.sh $(PYTHON)
	@touch $@

.PHONY: demo
demo: env link ## show the collection at work on an emulated LoadMaster
	@[ -f demo/run.py ] || { echo "demo/run.py is missing."; exit 1; }
	@$(bin)/python demo/run.py

##@ Test
# All that needs no ansible-playbook, except for what is interrupted at every step, and of the rest one run of each sort
quick_tests := tests/unit tests/conformance tests/emulator \
  $(patsubst %,tests/integration/test_%.py,engine config layer7_engine rules_engine first_sub_services purge rollback \
    certificates recreate moves round_trip what_comes_back document_errors) \
  'tests/integration/test_modules.py::test_life[virtual_service-worker]' \
  'tests/integration/test_modules.py::test_life[settings-shipped to a bastion]' \
  tests/integration/test_maintenance.py::test_out_and_in_again \
  tests/integration/test_roles.py::test_exchange_serves_what_the_recipe_says \
  tests/integration/test_roles_l7.py::test_exchange_check_mode_predicts_a_change_of_what_exists \
  tests/integration/test_documents_playbooks.py::test_export_writes_a_document_for_each_loadmaster

.PHONY: quick
quick: env link lint-python lint-form lint-types ## while you work: ruff, mypy and the quick tests, in about two minutes
	@$(bin)/pytest $(PYTEST_ARGS) -k 'not (any_write or any_step or any_call)' $(quick_tests)

.PHONY: test
test: env ## all checks, then all tests
	@failed=0; $(MAKE) check || failed=1; $(MAKE) pytest || failed=1; exit $$failed

.PHONY: check
check: env ## sanity, lint, docs, made, changelog and importer, two at a time
	@$(MAKE) -j2 --keep-going --output-sync=target sanity lint docs made changelog importer

.PHONY: pytest unit integration conformance emulator-tests traffic
pytest: env link ## all tests
	@$(bin)/pytest $(PYTEST_ARGS)

unit: env link ## tests of the pure parts
	@$(bin)/pytest $(PYTEST_ARGS) tests/unit

integration: env link ## playbooks against the emulator
	@$(bin)/pytest $(PYTEST_ARGS) tests/integration

conformance: env link ## emulator and decoder against recorded answers of real appliances
	@$(bin)/pytest $(PYTEST_ARGS) tests/conformance

emulator-tests: env link ## tests of the emulator
	@$(bin)/pytest $(PYTEST_ARGS) tests/emulator

traffic: env link ## requests through the services of the recipes; requires HAProxy
	@$(bin)/pytest $(PYTEST_ARGS) tests/traffic

.PHONY: cores
cores: env link ## a sample of the tests with the oldest ansible-core that is supported, and with the newest pre-release
	@PYTEST_ARGS='$(PYTEST_ARGS) -q' tests/tools/cores.sh oldest
	@PYTEST_ARGS='$(PYTEST_ARGS) -q' tests/tools/cores.sh newest

##@ Measure
# Arguments for the bench: --quick measures what the budgets need and leaves docs/ as it is
BENCH_ARGS ?=

.PHONY: bench
bench: env link ## compare run times with the alternatives; writes docs/performance.md
	@PYTHONPATH=tests $(bin)/python -m bench $(BENCH_ARGS)

# Arguments for the faults: --sample takes two minutes and leaves docs/ as it is
FAULTS_ARGS ?=

.PHONY: faults
faults: env link ## inject faults, fuzz, other writers and kills; writes docs/reliability.md
	@PYTHONPATH=tests $(bin)/python -m faults $(FAULTS_ARGS)

##@ Check
.PHONY: sanity
sanity: env stage ## ansible-test sanity, all of its tests
	@$(quiet) sanity "ansible-test sanity, all tests" tests/tools/ansible-test.sh sanity --color no \
	  --python $$($(bin)/python -c 'import sys; print("{}.{}".format(*sys.version_info))')

.PHONY: lint lint-ansible lint-yaml lint-python lint-form lint-types lint-emulator lint-licences
lint: lint-licences lint-yaml lint-python lint-form lint-types lint-emulator lint-ansible ## ansible-lint (production), yamllint, ruff, mypy, licence lines

lint-licences: env
	@$(quiet) licences "every file names its licence" $(bin)/python tests/tools/licences.py

lint-yaml: env
	@$(quiet) yamllint "the form of the YAML files" $(bin)/yamllint --strict --format parsable .

lint-python: env
	@$(quiet) ruff "faults in the Python files" $(bin)/ruff check --config pyproject.toml .

lint-form: env
	@$(quiet) ruff-format "the form of the Python files ('make format' puts it right)" $(bin)/ruff format --config pyproject.toml --check .

lint-types: env link
	@$(quiet) mypy "types of the plugins" env MYPYPATH=$(linked) $(bin)/mypy --strict -p ansible_collections.kemp.loadmaster.plugins

lint-emulator: env
	@$(quiet) mypy-emulator "types of the emulator" env MYPYPATH=tests/emulator $(bin)/mypy -p loadmaster_emulator -p exchange_farm

lint-ansible: env link
	@$(quiet) ansible-lint "roles, playbooks and metadata, profile production" $(bin)/ansible-lint --offline --profile production

.PHONY: format
format: env ## format the Python files
	@$(bin)/ruff check --config pyproject.toml --fix-only --quiet .
	@$(bin)/ruff format --config pyproject.toml .

.PHONY: docs
docs: env link ## check the documentation of modules, plugins and roles
	@$(quiet) docs "documentation of modules, plugins and roles" $(bin)/antsibull-docs lint-collection-docs --plugin-docs \
	  --validate-collection-refs all --check-extra-docs-refs $(linked)/ansible_collections/kemp/loadmaster

.PHONY: made
made: env link ## check generated files: documentation of the modules, files of the roles, the schema of documents, messages
	@$(quiet) made-modules "what is made for the modules (tests/tools/module_docs.py)" $(bin)/python tests/tools/module_docs.py --check
	@$(quiet) made-roles "what is made for the roles (tests/tools/role_docs.py)" $(bin)/python tests/tools/role_docs.py --check
	@$(quiet) made-surveys "surveys of the kit for AWX (tests/tools/awx_surveys.py)" $(bin)/python tests/tools/awx_surveys.py --check
	@$(quiet) made-schema "the schema of documents (tests/tools/schema.py)" $(bin)/python tests/tools/schema.py --check
	@$(quiet) made-messages "the page of all messages (tests/tools/messages.py)" $(bin)/python tests/tools/messages.py --check

.PHONY: generate
generate: env link ## write the generated files that 'make made' checks
	@$(bin)/python tests/tools/module_docs.py
	@$(bin)/python tests/tools/role_docs.py
	@$(bin)/python tests/tools/awx_surveys.py
	@$(bin)/python tests/tools/schema.py
	@$(bin)/python tests/tools/messages.py

.PHONY: picture
picture: env link ## write the pictures in docs/: a run of the README, and the report in a browser (requires Chromium)
	@$(bin)/python tests/tools/picture.py
	@$(bin)/python tests/tools/report_picture.py

.PHONY: changelog
changelog: env ## check the changelog fragments
	@$(quiet) changelog "changelog fragments" $(bin)/antsibull-changelog lint

##@ Publish
.PHONY: build
build: env stage ## build the package for Galaxy and Automation Hub, in dist/
	@$(quiet) build "package in dist/" $(bin)/ansible-galaxy collection build --force --output-path dist $(staged)

.PHONY: ee
ee: env stage ## build the execution environment for AWX, and run playbooks in it; requires root on Debian, takes about two minutes
	@tests/tools/ee.sh

.PHONY: importer
importer: build ## run the checks of Galaxy and Automation Hub on the package
	@$(quiet) importer "galaxy-importer on the package" tests/tools/importer.sh

##@ Housekeeping
.PHONY: stage link
stage: ## copy the files to where ansible-test expects them
	@$(quiet) stage "copy of the collection for ansible-test" $(PYTHON) tests/tools/stage.py $(staged)

link: # the tree itself as an importable collection
	@mkdir -p $(linked)/ansible_collections/kemp
	@ln -sfn ../../../.. $(linked)/ansible_collections/kemp/loadmaster

.PHONY: ci
ci: ## run what CI runs
	@.ci/run

.PHONY: clean
clean: ## delete everything that was generated here
	@rm -rf .venv .build .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache dist tests/output
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
	@find tests/emulator -name '*.egg-info' -prune -exec rm -rf {} + 2>/dev/null || true
