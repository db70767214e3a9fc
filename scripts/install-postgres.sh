#!/usr/bin/env bash
# Installs PostgreSQL's server programs and its client library's headers, each where there is none, from
# the system's packages.
set -euo pipefail

missing=()
if ! command -v postgres >/dev/null && ! compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
    missing+=(postgresql)
fi
# What the feature `diesel` is linked with.
if ! [ -e "$(pg_config --includedir 2>/dev/null)/libpq-fe.h" ]; then
    missing+=(libpq-dev)
fi
if [ ${#missing[@]} -eq 0 ]; then
    echo 'PostgreSQL is there.'
    exit
fi
if ! command -v apt-get >/dev/null; then
    echo "Not found: ${missing[*]}; and no apt-get to install it with." >&2
    echo 'Install the server programs of PostgreSQL and its client library with headers.' >&2
    exit 1
fi
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update
# The server is booted by tdata; the package need not start one of its own.
printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee /usr/sbin/policy-rc.d >/dev/null
trap '"${sudo[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
"${sudo[@]}" chmod +x /usr/sbin/policy-rc.d
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y --no-install-recommends "${missing[@]}"
