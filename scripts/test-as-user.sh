#!/usr/bin/env bash
# Runs the main example as the user who calls, and, when that is root, as an ordinary user as well:
# PostgreSQL refuses to run as root, and a server must boot all the same.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --locked --quiet --example checkout
program=${CARGO_TARGET_DIR:-target}/debug/examples/checkout

TDATA_SERVER=local "$program" | tail -n 1
if [ "$(id -u)" -ne 0 ]; then
    exit
fi

# The checkout may be in a folder that only root may enter.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r data_definitions "$program" "$folder"
chmod -R a+rX "$folder"
TDATA_SERVER=local CARGO_MANIFEST_DIR=$folder \
    setpriv --reuid=65534 --regid=65534 --clear-groups "$folder/checkout" | tail -n 1
