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

build/build.ninja: | deps
	@CC="$(CC)" CXX="$(CXX)" meson setup build --prefix $(PREFIX) >/dev/null

demo: all
	@tools/install-deps build demo
	@tools/demo-live

test: all
	@tools/install-deps build test
	@tools/run-tests -C build -j $(JOBS)

# A sanitizer's build is clang's; only programs linked with the library are worth running in it.
build-asan/build.ninja: | deps
	@CC=clang CXX=clang++ meson setup build-asan -Db_sanitize=address,undefined -Db_lundef=false \
	    -Doptimization=1 -Ddefault_library=static >/dev/null

build-tsan/build.ninja: | deps
	@CC=clang CXX=clang++ meson setup build-tsan -Db_sanitize=thread -Db_lundef=false \
	    -Doptimization=1 -Ddefault_library=static >/dev/null

asan tsan: %: deps build-%/build.ninja
	@tools/install-deps build test
	@ninja -C build-$* -j $(JOBS)
	@ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	    tools/run-tests -C build-$* -s unit -j $(JOBS)

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

install: all
	@meson install -C build --no-rebuild >/dev/null

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
	@CORDON_LONG=1 tools/run-tests -C build -j $(JOBS) -t 100

clean:
	rm -rf build build-asan build-tsan build-fuzz build-cover build-bench build-deb
