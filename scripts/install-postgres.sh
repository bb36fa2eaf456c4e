#!/usr/bin/env bash
# Installs PostgreSQL's programs for the tests, unless they are there. The tests start a server of their own, in
# a temporary folder; no server of the system is made, started or touched.
set -euo pipefail

fail() {
    printf 'steelyard: %s\n' "$@" >&2
    exit 1
}

present() {
    command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

present && exit 0

command -v apt-get >/dev/null ||
    fail "PostgreSQL (initdb) is missing and this system has no apt-get; please install it"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        fail "PostgreSQL is missing; please run as root: apt-get install --no-install-recommends postgresql"
    as_root=(sudo)
fi

printf 'steelyard: PostgreSQL, which the tests start, is missing; installing it\n'

# Debian makes and starts a server when the package is installed, unless this file says otherwise.
settings=/etc/postgresql-common/createcluster.conf
if [ ! -e "$settings" ]; then
    "${as_root[@]}" mkdir -p "${settings%/*}"
    printf 'create_main_cluster = false\n' | "${as_root[@]}" tee "$settings" >/dev/null
fi

{
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -qq -y --no-install-recommends postgresql >/dev/null
} || fail "could not install PostgreSQL; please run: apt-get update && apt-get install postgresql"

present || fail "the package postgresql was installed, but there is no initdb in /usr/lib/postgresql/*/bin"
