#!/bin/sh
# Makes .venv and installs into it what the locks name: `tools/setup.sh runtime` for the service, `dev` for tests and
# checks too; `uv` makes sure of uv alone. Uses uv where it is on the PATH, else venv and pip. Env PYTHON names the interpreter (default python3). The Makefile calls it.
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
    .venv/bin/python -m pip install -q --disable-pip-version-check "$@"
}

case $wanted in
runtime) locks="-r requirements.lock -r requirements-build.lock" stamps=".venv/.runtime" ;;
dev) locks="-r requirements-dev.lock" stamps=".venv/.runtime .venv/.dev" ;;
uv) # only for make lock, so no lock names it
    command -v uv >/dev/null 2>&1 || [ -x .venv/bin/uv ] || install uv
    exit
    ;;
*) fail "usage: tools/setup.sh runtime|dev|uv" ;;
esac

uses .venv/bin/python "$new_enough" || make_environment
echo "Installing what $wanted needs into .venv (once; a minute or two without a package cache)"
# shellcheck disable=SC2086  # the words of $locks and $stamps are meant to be separate
install --require-hashes $locks
# The project itself by the hatchling that the lock just installed, so that nothing unhashed is fetched.
install --no-deps --no-build-isolation -e .
# shellcheck disable=SC2086
touch $stamps
