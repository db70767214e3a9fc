#!/usr/bin/env bash
# Runs the suite's server tests against a container engine, with an image built from Debian's packages
# unless TDATA_POSTGRES_IMAGE names another, kills processes at a hundred moments, and checks that nothing stays.
set -euo pipefail
cd "$(dirname "$0")/.."

export TDATA_SERVER=container
: "${TDATA_POSTGRES_IMAGE:=$(scripts/build-postgres-image.sh)}"
export TDATA_POSTGRES_IMAGE

containers() { docker ps --all --quiet --filter "ancestor=$TDATA_POSTGRES_IMAGE"; }
volumes() { docker volume ls --quiet; }
networks() { docker network ls --quiet; }
# Those of local servers have data in them.
folders() {
    find /dev/shm "${TMPDIR:-/tmp}" -maxdepth 1 -name 'tdata-*' ! -exec test -e '{}/data' ';' -print 2>/dev/null
}
all() { containers; volumes; networks; folders; }
before=$(all)
left() { comm -13 <(sort <<<"$before") <(all | sort); }

cargo run --locked --quiet --example checkout
cargo test --locked --test attribute --test isolation --test failures --test migrations \
    --test many_at_once --test containers --test sharing --test cluster
TDATA_TEST_KILLS=${TDATA_TEST_KILLS:-30} cargo test --locked --test processes

# Engines remove containers in their own time.
for _ in $(seq 200); do
    [ -n "$(left)" ] || break
    sleep 0.1
done
if [ -n "$(left)" ]; then
    echo 'The tests left containers, volumes, networks or folders behind:' >&2
    left >&2
    docker ps --all >&2
    exit 1
fi
echo 'No container, volume, network or folder is left.'
