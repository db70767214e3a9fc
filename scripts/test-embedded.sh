#!/usr/bin/env bash
# Tests `embedded`: in a system made of Debian 13's packages, with a C linker and without Docker and PostgreSQL, it runs
# the README's example and the suites that depend on servers most, kills processes at thirty moments, and checks that
# nothing stays. The toolchain and the crates that are downloaded are the machine's own; the target folder is its
# own, because what is linked there does not run where the C library is older. Needs root.
#
#   scripts/test-embedded.sh              all of it
#   scripts/test-embedded.sh COMMAND..    a command in that system, in the checkout
set -euo pipefail
cd "$(dirname "$0")/.."

system=${TDATA_TEST_SYSTEM:-/var/cache/tdata-debian-13}
if [ "${1:-}" != --inside ] && [ ! -e "$system/ready" ]; then
    command -v mmdebstrap >/dev/null || {
        apt-get update >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mmdebstrap >&2
    }
    # Either of the two forms may be missing.
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null \
        | sed -nE 's/^(URIs:|deb) *(\[[^]]*\] *)?(http[^ ]*\/debian)( .*)?$/\3/p' | sed -n 1p) || true
    rm -rf "$system"
    mmdebstrap --variant=minbase --include=ca-certificates,gcc,git,libc6-dev,procps \
        trixie "$system" "${mirror:-http://deb.debian.org/debian}" >&2
    touch "$system/ready"
fi

rustup=${RUSTUP_HOME:-$HOME/.rustup} cargo=${CARGO_HOME:-$HOME/.cargo} target=${CARGO_TARGET_DIR:-$PWD/target}/debian-13
if [ $# -eq 0 ]; then
    set -- scripts/test-embedded.sh --inside
fi
if [ "$1" != --inside ]; then
    # What is mounted, and whatever still runs, ends with the namespaces.
    exec unshare --mount --pid --fork --kill-child --mount-proc bash -euc '
        system=$1 folder=$2 rustup=$3 cargo=$4 target=$5
        shift 5
        mount -t proc proc "$system/proc"
        mount --rbind /sys "$system/sys"
        mount --rbind /dev "$system/dev"
        mount -t tmpfs -o mode=1777 tmpfs "$system/dev/shm"
        mount -t tmpfs -o mode=1777 tmpfs "$system/tmp"
        # Behind these: the checkout may be in /tmp.
        mkdir -p "$target"
        for shared in "$folder" "$rustup" "$cargo" "$target"
        do
            mkdir -p "$system$shared"
            mount --bind "$shared" "$system$shared"
        done
        exec chroot "$system" /usr/bin/env -i HOME=/root PATH="$cargo/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" \
            RUSTUP_HOME="$rustup" CARGO_HOME="$cargo" CARGO_TARGET_DIR="$target" CARGO_NET_OFFLINE="${CARGO_NET_OFFLINE:-}" \
            TDATA_SERVER="${TDATA_SERVER:-}" TDATA_TEST_KILLS="${TDATA_TEST_KILLS:-30}" LANG=C.UTF-8 \
            sh -c "cd \"\$0\" && exec \"\$@\"" "$folder" "$@"
    ' bash "$system" "$PWD" "$rustup" "$cargo" "$target" "$@"
fi

! command -v docker postgres psql
[ -z "$(ls -d /usr/lib/postgresql 2>/dev/null)" ]

echo 'The example, where nothing says which server:'
shown=$(cargo run --locked --example checkout)
head -n 1 <<<"$shown" | grep embedded

export TDATA_SERVER=embedded
here=$(find /dev/shm /tmp -maxdepth 1 -name 'tdata-*')
left() {
    pgrep --full --list-full 'tdata-watcher|postgres -D [^ ]*/tdata-' || true
    # The checkout may have such a name.
    find /dev/shm /tmp -maxdepth 1 -name 'tdata-*' 2>/dev/null | grep --invert-match --line-regexp --fixed-strings \
        --regexp="$here" || true
}
cargo test --locked --test attribute --test isolation --test reuse --test sharing
cargo test --locked --test processes kill

# Servers end some seconds after their processes.
for _ in $(seq 300); do
    [ -n "$(left)" ] || break
    sleep 0.1
done
if [ -n "$(left)" ]; then
    echo 'The tests left something behind:' >&2
    left >&2
    exit 1
fi
echo 'No server and no folder is left.'
