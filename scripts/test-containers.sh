#!/usr/bin/env bash
# Runs the suite's server tests against a container engine, with an image built from Debian's packages
# unless TDATA_POSTGRES_IMAGE names another, and checks that no container stays.
set -euo pipefail
cd "$(dirname "$0")/.."

export TDATA_SERVER=container
: "${TDATA_POSTGRES_IMAGE:=$(scripts/build-postgres-image.sh)}"
export TDATA_POSTGRES_IMAGE

containers() { docker ps --all --quiet --filter "ancestor=$TDATA_POSTGRES_IMAGE" | sort; }
volumes() { docker volume ls --quiet | sort; }
before=$(containers)
volumes_before=$(volumes)

cargo run --locked --quiet --example checkout
cargo test --locked --test attribute --test isolation --test failures --test migrations \
    --test many_at_once --test containers

# Engines remove containers in their own time.
for _ in $(seq 200); do
    [ "$(containers)" != "$before" ] || break
    sleep 0.1
done
if [ "$(containers)" != "$before" ] || [ "$(volumes)" != "$volumes_before" ]; then
    echo 'The tests left containers or volumes behind:' >&2
    docker ps --all >&2
    docker volume ls >&2
    exit 1
fi
echo 'No container and no volume is left.'
