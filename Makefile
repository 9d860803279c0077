# A thin face over tools/ and the command line. Everything lands in .venv and out/.
PYTHON ?= python3
VENV := .venv
FUZZ_SECONDS ?= 60
SOAK_DAYS ?= 30
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test device-coverage test-critical test-changed test-nightly bench check conformance format firmware fuzz golden soak gates dev diagnose package image bench-check clean help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(STAMP): pyproject.toml tools/install tools/constraints.txt
	@tools/install $(PYTHON) $(VENV)
	@touch $@

demo: $(STAMP) ## the main job on the built-in office calendar, with pictures in out/
	@$(BIN)/python tools/demo.py

check: $(STAMP) ## style, types, layers, docs, secrets, the pipelines' own files
	@PATH="$(CURDIR)/$(BIN):$$PATH" tools/check

test: check ## everything, with coverage in out/coverage
	@$(BIN)/python -m tools.suites run --cov

device-coverage: $(STAMP) ## what only MicroPython runs, on a unix port that traces, in out/coverage/device
	@$(BIN)/python -m tools.device_coverage

test-critical: $(STAMP) ## what a user would notice in the first minute
	@$(BIN)/python -m tools.suites run critical

test-changed: $(STAMP) ## what the changes that are not committed touch (SINCE=REV: since then)
	@$(BIN)/python -m tools.suites run --changed $(if $(SINCE),--since $(SINCE))

test-nightly: $(STAMP) ## everything, the exhaustive parts too, and which tests run what
	@$(BIN)/python -m tools.suites run --nightly --cov
	@$(BIN)/python -m tools.suites learn

bench: $(STAMP) ## figures against peers, in out/bench.json
	@$(BIN)/python -m tools.bench

conformance: $(STAMP) ## other projects' calendars and what they expect, in out/conformance.json
	@$(BIN)/python -m tools.conformance

fuzz: $(STAMP) ## mutated calendars for FUZZ_SECONDS (60); what breaks is in out/fuzz
	@$(BIN)/python -m tools.fuzz $(FUZZ_SECONDS)

soak: $(STAMP) ## thirty simulated days of faults (SOAK_DAYS), in out/soak.json
	@$(BIN)/python -m tools.soak $(SOAK_DAYS)

gates: $(STAMP) ## every quality and security gate; NAMES="lint links" for some
	@$(BIN)/python -m tools.gates $(NAMES)

dev: ## set up this computer for work on the code; CHECK=--check only looks
	@$(PYTHON) -m tools.dev $(CHECK)

diagnose: ## what is wrong with this set-up, and what to do about it
	@$(PYTHON) -m tools.diagnose

package: $(STAMP) ## wheel and sdist, each installed into an empty environment and run, in out/package
	@$(BIN)/python -m tools.package

image: $(STAMP) ## the server's container image (podman and buildah)
	@$(BIN)/python -m tools.image

bench-check: $(STAMP) ## out/bench.json against the kept figures, and their trend as a picture
	@$(BIN)/python -m tools.bench.compare

firmware: $(STAMP) ## frozen images for QEMU and the Raspberry Pi Pico, in .cache/firmware
	@$(BIN)/python -m tools.firmware

golden: $(STAMP) ## draw the golden pictures anew; look at what changed before committing
	@$(BIN)/python -m pytest tests/golden --update-golden -q

format: $(STAMP) ## ruff format and the fixes it is sure of
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

clean: ## remove what was built, not the environment
	@rm -rf out build dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
