#!/usr/bin/env bash
# Installs PostgreSQL's server programs where there are none, from the system's packages.
set -euo pipefail

if command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
    echo 'PostgreSQL is there.'
    exit
fi
if ! command -v apt-get >/dev/null; then
    echo 'No PostgreSQL found, and no apt-get to install it with: install its server programs.' >&2
    exit 1
fi
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update
# The server is booted by tdata; the package need not start one of its own.
printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee /usr/sbin/policy-rc.d >/dev/null
trap '"${sudo[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
"${sudo[@]}" chmod +x /usr/sbin/policy-rc.d
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y --no-install-recommends postgresql
