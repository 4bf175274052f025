#!/bin/sh
# Installs what uv.lock names into .venv, which it makes first where there is none. The arguments
# go to `uv sync` and choose the set of packages; PYTHON is the interpreter a new .venv is made of.
# `make install` and `make install-dev` call it.
set -eu
# A service with a user of its own reads it too.
umask 022
cd "$(dirname "$0")/.."
uv_version=0.13.9
python=${PYTHON:-python3}

fail() {
    echo "$1" >&2
    exit 1
}

# uv is the last thing to come into a new .venv: one without a uv that runs was left half made, by
# Ctrl-C or by a Python without ensurepip. So was one whose packages were being written at the time.
whole() {
    [ ! -e .venv/.syncing ] && .venv/bin/python -c "" && .venv/bin/uv --version | grep -q "^uv "
}

make_venv() {
    "$python" -c "import sys; sys.exit(sys.version_info < (3, 11))" ||
        fail "animate-bot needs Python 3.11 or newer, and $python is none; try: make PYTHON=python3.11 ..."
    # Debian keeps ensurepip in a package of its own, and `python3 -m venv` without it leaves half a .venv.
    "$python" -c "import ensurepip, venv" 2>/dev/null ||
        fail "This Python cannot make .venv without ensurepip; on Debian or Ubuntu: apt install $(
            "$python" -c 'import sys; print("python{}.{}-venv".format(*sys.version_info))')"
    rm -rf .venv
    "$python" -m venv .venv
}

echo "Installing packages into .venv; the first time that takes a minute or more ..."
whole >/dev/null 2>&1 || make_venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv_version"

touch .venv/.syncing
# --inexact: nothing that is there already is taken away, so `make install` leaves a developer's tools.
.venv/bin/uv sync --frozen --quiet --inexact "$@" || {
    status=$?
    # Above 128 a signal ended it, perhaps in the middle of a package. A mere failure, such as no
    # network, comes before the first is written, and must not cost an owner the .venv that works.
    [ "$status" -gt 128 ] || rm .venv/.syncing
    exit "$status"
}
rm .venv/.syncing
echo "Installed."
