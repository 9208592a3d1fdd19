# The front door. Meson does the work; every target first installs what it lacks.
#
#   make            build build/cordon          make asan, tsan  the unit tests under sanitizers
#   make test       all tests                   make fuzz T=block SECONDS=60
#   make demo       a theft, met by a group     make cover       branch coverage by file
#   make lint       zero findings wanted        make bench       figures of docs/performance.md
#   make format     clang-format                make check-long  hours of torture, before a release
#   make docs       man pages                   make install     to PREFIX (/usr/local), below DESTDIR
#   make deb        Debian packages, in build-deb

PREFIX ?= /usr/local
JOBS ?= 2
T ?=
SECONDS ?= 60
# gcc unless the caller asked for another by name.
ifeq ($(origin CC),default)
CC := gcc
CXX := g++
endif

.PHONY: all demo test asan tsan fuzz cover lint format bench docs install deb check-long clean deps
.DELETE_ON_ERROR:

all: deps build/build.ninja
	@ninja -C build -j $(JOBS)

deps:
	@tools/install-deps build

# Without dpkg-dev meson takes lib64, where Debian looks for no library.
build/build.ninja: | deps
	@CC="$(CC)" CXX="$(CXX)" meson setup build --prefix $(PREFIX) --libdir lib >/dev/null

# Only the program: what is tested with takes as long again to build.
demo: deps build/build.ninja
	@tools/install-deps build demo
	@ninja -C build -j $(JOBS) cordon
	@tools/demo-live

# Tests with nodes wait most of the time: two of them a processor.
test: all
	@tools/install-deps build test
	@tools/run-tests -a -C build -j $$((2 * $(JOBS)))

# A sanitizer tells lines, and needs no more to be told of variables.
SANITIZED := -Db_lundef=false -Doptimization=1 -Ddebug=false -Dc_args=-gline-tables-only -Dcpp_args=-gline-tables-only \
    -Ddefault_library=static

build-asan/build.ninja: | deps
	@CC=clang CXX=clang++ meson setup build-asan -Db_sanitize=address,undefined $(SANITIZED) >/dev/null

build-tsan/build.ninja: | deps
	@CC=clang CXX=clang++ meson setup build-tsan -Db_sanitize=thread $(SANITIZED) >/dev/null

tsan: all
asan tsan: %: deps build-%/build.ninja
	@tools/install-deps build test
	@ninja -C build-$* build.ninja >/dev/null
	@tools/sanitize $* $(JOBS)

build-fuzz/build.ninja: | deps
	@CC=clang CXX=clang++ meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined \
	    -Db_lundef=false -Ddefault_library=static >/dev/null

# One target (T=block) or each of them, SECONDS long; new inputs stay in build-fuzz/corpus.
fuzz: deps build-fuzz/build.ninja
	@ninja -C build-fuzz -j $(JOBS)
	@tools/fuzz "$(T)" "$(SECONDS)"

cover: deps
	@tools/install-deps build test cover
	@[ -f build-cover/build.ninja ] || CC="$(CC)" CXX="$(CXX)" meson setup build-cover \
	    -Db_coverage=true -Doptimization=0 >/dev/null
	@ninja -C build-cover -j $(JOBS)
	@tools/run-tests -C build-cover -j $(JOBS) || true
	@gcovr --root . --filter src/ --branches --exclude-throw-branches --exclude-unreachable-branches \
	    --print-summary build-cover

lint: all
	@tools/install-deps build test lint
	@tools/lint

format:
	@tools/install-deps build lint
	@git ls-files '*.c' '*.h' '*.cpp' | xargs clang-format -i

bench: deps
	@[ -f build-bench/build.ninja ] || CC="$(CC)" CXX="$(CXX)" meson setup build-bench \
	    --buildtype=release >/dev/null
	@ninja -C build-bench -j $(JOBS)
	@tools/bench build-bench

docs: all
	@echo "man pages and completion are in build/docs"

# Who is no root, or packs it, has others look for the library.
install: all
	@meson install -C build --no-rebuild >/dev/null
	@[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || true

# Only what is installed is built. The packages' names are printed.
deb: deps
	@tools/install-deps build deb
	@[ -f build-deb/build.ninja ] || CC="$(CC)" CXX="$(CXX)" meson setup build-deb --prefix /usr \
	    --sysconfdir /etc --libdir lib/$$(dpkg-architecture -qDEB_HOST_MULTIARCH) >/dev/null
	@meson introspect build-deb --targets | jq -r '.[] | select(.installed) | .filename[]' | \
	    xargs realpath --relative-to build-deb -m | xargs ninja -C build-deb -j $(JOBS)
	@tools/deb build-deb build-deb

check-long: all
	@tools/install-deps build test
	@tools/install-deps build lint
	@CORDON_LONG=1 tools/lint
	@CORDON_LONG=1 tools/run-tests -C build -j $(JOBS) -t 100

clean:
	rm -rf build build-asan build-tsan build-fuzz build-cover build-bench build-deb
