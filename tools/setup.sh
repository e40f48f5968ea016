#!/bin/sh
# Makes .venv and installs into it what the locks name: `tools/setup.sh runtime` for the service, `dev` for tests and
# checks too, what makes a client of the API, and a JavaScript client where node and npm are; `bench` adds what benchmarks are measured beside; `uv` makes
# sure of uv alone. Uses uv where it is on the PATH, else venv and pip. Env PYTHON names the interpreter (default python3). The Makefile calls it.
set -eu
cd "$(dirname "$0")/.."
wanted=${1:-dev}
python=${PYTHON:-python3}

fail() {
    echo "$*" >&2
    exit 1
}

uses() { # INTERPRETER CODE: whether the code runs without an error there
    "$1" -c "$2" >/dev/null 2>&1
}

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

make_environment() {
    command -v "$python" >/dev/null 2>&1 ||
        fail "There is no $python on this machine: install Python 3.11 or newer, or name it with make PYTHON=/path/to/python3."
    uses "$python" "$new_enough" ||
        fail "$python is $("$python" -V 2>&1), but the bridge needs 3.11 or newer: name a newer one with make PYTHON=python3.12."
    rm -rf .venv
    if command -v uv >/dev/null 2>&1; then
        uv venv -q --python "$("$python" -c 'import sys; print(sys.executable)')" .venv
        return
    fi
    uses "$python" 'import venv, ensurepip' ||
        fail "$python has no venv module: install it (on Debian and Ubuntu: apt-get install python3-venv), then run make again."
    "$python" -m venv .venv
}

install() {
    if command -v uv >/dev/null 2>&1; then
        uv pip install -q --python .venv/bin/python "$@"
        return
    fi
    # An environment that uv made has no pip of its own.
    uses .venv/bin/python 'import pip' || .venv/bin/python -m ensurepip >/dev/null
    .venv/bin/python -m pip install -q --disable-pip-version-check --use-pep517 "$@"
}

install_apart() { # NAME LOCK: what the lock names, in an environment of its own inside .venv
    if command -v uv >/dev/null 2>&1; then
        uv venv -q --clear --python .venv/bin/python ".venv/$1"
        uv pip install -q --python ".venv/$1/bin/python" --require-hashes -r "$2"
    else
        .venv/bin/python -m venv --clear ".venv/$1"
        ".venv/$1/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$2"
    fi
}

case $wanted in
runtime) locks="-r requirements.lock" stamps=".venv/.runtime" ;;
dev) locks="-r requirements-dev.lock" stamps=".venv/.runtime .venv/.dev" ;;
uv) # only for make lock, so no lock names it
    command -v uv >/dev/null 2>&1 || [ -x .venv/bin/uv ] || install uv
    exit
    ;;
bench) # what benchmarks are measured beside
    install_apart peer requirements-bench.lock
    touch .venv/.bench
    exit
    ;;
*) fail "usage: tools/setup.sh runtime|dev|bench|uv" ;;
esac

uses .venv/bin/python "$new_enough" || make_environment
echo "Installing what $wanted needs into .venv (once; a minute or two without a package cache)"
# What builds comes first: the project itself, and what comes without a wheel, are built with it, so that nothing
# unhashed is fetched.
install --require-hashes -r requirements-build.lock
# shellcheck disable=SC2086  # the words of $locks and $stamps are meant to be separate
install --require-hashes --no-build-isolation $locks
install --no-deps --no-build-isolation -e .
if [ "$wanted" = dev ]; then install_apart client requirements-client.lock; fi
# Transifex's own JavaScript client, for one test, which is skipped without it.
if [ "$wanted" = dev ] && command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then
    (cd tests/contract/javascript && npm ci --ignore-scripts --loglevel=error >/dev/null) ||
        echo "npm could not install tests/contract/javascript: its test will be skipped" >&2
fi
# shellcheck disable=SC2086
touch $stamps
