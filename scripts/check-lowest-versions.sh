#!/usr/bin/env bash
# Builds tdata and its command with all features on the lowest version of each dependency that the manifests allow. Cargo chooses them by a
# flag that is not stable yet, which RUSTC_BOOTSTRAP allows. The workspace's own Cargo.lock stays as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$PWD/target/lowest
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar cf - Cargo.toml README.md src docs examples data_definitions tdata-*/ rust-toolchain.toml | tar xf - -C "$copy"
cd "$copy"
# Benchmarks and tests may ask for more than the library does.
sed -i.bak -E '/^members = /s/, "(benches|tests\/[a-z_\/0-9]*)"//g' Cargo.toml
RUSTC_BOOTSTRAP=1 cargo update -Z direct-minimal-versions
cargo check --locked -p tdata --all-features --target-dir "$target"
cargo check --locked -p tdata-cli --all-features --target-dir "$target"
