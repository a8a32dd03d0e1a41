# The commands that people and CI use. `make help` lists them.
#
# A part of the tree joins by being there: the seven lines below say what marks each part.
# stdout of `demo` and `bench` belongs to the program (its --json line comes last there),
# so everything said on the way goes to stderr.

HUB      := $(wildcard hub/Cargo.toml)
CONSOLE  := $(wildcard hub/console/package.json)
BROWSER  := $(shell grep -so '"test:browser"' hub/console/package.json)
KOTLIN   := $(wildcard bindings/kotlin/pom.xml)
BINDINGS := $(wildcard bindings/generate)
BENCH    := $(wildcard tests/bench/Cargo.toml)
FUZZ     := $(wildcard tests/fuzz/Cargo.toml)

TOOLS := .cache/tools/bin
# Where cargo builds.
BUILT := $(abspath $(or $(CARGO_TARGET_DIR),target))/debug
SAY   := @printf '\n== %s\n' >&2

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Prerequisites run in the order in which they are written.
.NOTPARALLEL:

.PHONY: help
help:
	@echo 'make test       every test'
	@echo 'make lint       format, warnings, licences, layers, spelling'
ifdef HUB
	@echo 'make demo       play an offline day, sync it, leave the console open; ARGS="--help" lists options'
endif
ifdef BENCH
	@echo 'make bench      the figures of docs/benchmarks.md'
endif
ifdef FUZZ
	@echo 'make soak       feed every decoder garbage, an hour each'
endif
ifdef BINDINGS
	@echo 'make bindings   generate the Kotlin, Swift and Python sources again'
endif

.PHONY: setup-demo setup-test setup-lint setup-bench
setup-demo setup-test setup-lint setup-bench: setup-%:
	@scripts/setup $*

# ---- demo -------------------------------------------------------------------------------------

ifdef HUB
.PHONY: demo
demo: setup-demo $(if $(CONSOLE),console)
	$(SAY) 'building gridpatrol (minutes the first time, seconds afterwards), then the demo'
	@cargo run --release --locked -p gridpatrol-hub --bin gridpatrol -- demo $(ARGS)
endif

# The release binary embeds dist/, so the console is built before it; `cargo test` does without.
ifdef CONSOLE
# The texts of the core are bundled with the console's own.
CONSOLE_SOURCES := $(wildcard core/model/messages/*.ftl) $(shell find hub/console \( -name node_modules -o -name dist \) -prune -o -type f -print)

.PHONY: console
console: hub/console/dist/index.html
hub/console/dist/index.html: $(CONSOLE_SOURCES)
	$(SAY) 'building the console'
	@cd hub/console && npm run build >&2
	@touch $@
endif

# ---- test -------------------------------------------------------------------------------------

.PHONY: test test-rust test-console test-browser test-kotlin
test: setup-test test-rust $(if $(CONSOLE),test-console) $(if $(BROWSER),test-browser) $(if $(KOTLIN),test-kotlin)

test-rust:
	$(SAY) 'Rust: the examples in the docs'
	@cargo test --workspace --locked --doc --quiet
	$(SAY) 'Rust: the tests'
	@$(TOOLS)/cargo-nextest nextest run --workspace --locked

test-console: console
	$(SAY) 'console: unit tests'
	@cd hub/console && npm test

test-browser: console
	$(SAY) 'console: in a real browser, against a real hub'
	@cargo build --locked -p gridpatrol-hub --bin gridpatrol
	@cd hub/console && npm run test:browser

test-kotlin:
	$(SAY) 'Kotlin: a day over the real core and hub'
	@cargo build --locked -p gridpatrol-hub --bin gridpatrol
	@bindings/generate --check
	@mvn --batch-mode --no-transfer-progress -Dcargo.target=$(BUILT) -f bindings/kotlin/pom.xml test

# ---- lint -------------------------------------------------------------------------------------

.PHONY: lint lint-tree lint-rust lint-console
lint: setup-lint lint-tree lint-rust $(if $(CONSOLE),lint-console)

lint-tree:
	$(SAY) 'tree: paths, lock files, sizes, words about persons, layers, spelling'
	@python3 scripts/test_lints.py --quiet
	@scripts/lint-tree
	@scripts/lint-layers
	@$(TOOLS)/typos

lint-rust:
	$(SAY) 'Rust: format, clippy, licences and sources of dependencies'
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --locked -- -D warnings
	@$(TOOLS)/cargo-deny --locked check bans licenses sources

lint-console:
	$(SAY) 'console: types, and the client against openapi.json'
	@cd hub/console && npm exec -- tsc --noEmit && npm run client:check

# ---- bench, bindings --------------------------------------------------------------------------

ifdef BENCH
.PHONY: bench
bench: setup-bench
	$(SAY) 'measuring'
	@cargo run --release --locked -p gridpatrol-bench -- $(ARGS)
endif

ifdef FUZZ
# An hour a target; make soak EACH=60 for a try. Inputs that were found stay in tests/fuzz/corpus.
EACH ?= 3600
.PHONY: soak
soak:
	$(SAY) 'fuzzing each decoder (nightly tool chain, cargo-fuzz)'
	@tests/fuzz/run $(EACH)
endif

ifdef BINDINGS
.PHONY: bindings
bindings:
	$(SAY) 'generating the bindings'
	@bindings/generate
endif
