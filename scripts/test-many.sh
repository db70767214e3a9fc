#!/usr/bin/env bash
# Runs 64 tests on 8 threads, again and again, on servers booted from this machine's programs, and
# checks that no server and no folder of one stays. Argument: how many times (20 where there is none).
set -euo pipefail
cd "$(dirname "$0")/.."

export TDATA_SERVER=local
all() {
    pgrep --full --list-full 'tdata-watcher|postgres -D [^ ]*/tdata-' || true
    find /dev/shm "${TMPDIR:-/tmp}" -maxdepth 1 -name 'tdata-*' 2>/dev/null || true
}
before=$(all | sort)
left() { comm -13 <(echo "$before") <(all | sort); }

for ((run = 1; run <= ${1:-20}; run++)); do
    cargo test --locked --quiet --test many_at_once -- --test-threads=8 | grep 'test result'
done

# Servers end some seconds after their processes.
for _ in $(seq 200); do
    [ -n "$(left)" ] || break
    sleep 0.1
done
if [ -n "$(left)" ]; then
    echo 'The tests left something behind:' >&2
    left >&2
    exit 1
fi
echo 'No server and no folder is left.'
