#!/usr/bin/env bash
# Packages every crate that is published, in their order, and builds each from its package alone.
set -euo pipefail
cd "$(dirname "$0")/.."

# Cargo keeps what it unpacked of packages of this folder before, and would build those for the same version.
rm -rf "${CARGO_HOME:-$HOME/.cargo}"/registry/src/-*/tdata*

# Cargo tells each test that stays here; what else it warns of is a fault.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cargo package --workspace --exclude tdata-bench --exclude tdata-given --exclude tdata-migrators --exclude tdata-names --exclude tdata-names-2021 --allow-dirty --locked >"$log" 2>&1; then
    cat "$log"
    exit 1
fi
if grep '^warning' "$log" | grep -v '^warning: ignoring test '; then
    exit 1
fi
grep -E 'Packaged|Verifying' "$log"
