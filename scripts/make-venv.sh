#!/usr/bin/env bash
# Makes a virtual environment in the folder given as $1 with the first Python that is new enough.
# Set PYTHON to choose one. Says what is missing, and how to get it, before anything is made.
set -euo pipefail

folder=$1
PATH=${PATH//"$PWD/$folder/bin:"/} # an environment cannot be made by the Python inside it
user=$(id -u)

fail() {
    printf 'steelyard: %s\n' "$@" >&2
    exit 1
}

# Debian splits Python and its headers into packages; they are fetched here if that needs no password.
install() {
    command -v apt-get >/dev/null || fail "$1 is missing and this system has no apt-get; please install it"
    [ "$user" -eq 0 ] || fail "$1 is missing; please run: sudo apt-get install $2"
    printf 'steelyard: %s is missing; installing %s\n' "$1" "$2"
    apt-get install -qq -y --no-install-recommends "$2" >/dev/null ||
        fail "could not install $2; please run: apt-get update && apt-get install $2"
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

python=
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
    if new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail \
    "Python 3.11 or newer is needed; found ${PYTHON:-$(python3 --version 2>&1 || true)}" \
    "install it, or name one: make PYTHON=/path/to/python3.11"

[ -n "${CXX:-}" ] || command -v g++ >/dev/null || command -v c++ >/dev/null ||
    install "a C++20 compiler (g++)" g++

headers=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
[ -f "$headers/Python.h" ] || install "Python.h (in $headers)" \
    "$("$python" -c 'import sys; print("python%d.%d-dev" % sys.version_info[:2])')"

rm -rf "$folder"
if "$python" -c 'import ensurepip' 2>/dev/null; then
    "$python" -m venv "$folder"
else # Debian without python3-venv: pip can still reach into an environment that has none
    "$python" -m venv --without-pip "$folder"
    "$python" -m pip --python "$folder/bin/python" install --quiet pip
fi
printf 'steelyard: made %s with %s\n' "$folder" "$("$folder/bin/python" --version)"
