//! Takes over where the target's crate has put the programs: that crate tells its users by a manifest beside them.

use std::path::Path;

/// The variables by which Cargo hands on what the crates of the targets tell.
const MANIFESTS: &[&str] = &[
    "DEP_OLIPHAUNT_ARTIFACT_LIBOLIPHAUNT_NATIVE_LINUX_X64_GNU_MANIFEST",
    "DEP_OLIPHAUNT_ARTIFACT_LIBOLIPHAUNT_NATIVE_LINUX_ARM64_GNU_MANIFEST",
    "DEP_OLIPHAUNT_ARTIFACT_LIBOLIPHAUNT_NATIVE_MACOS_ARM64_MANIFEST",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let manifest = MANIFESTS.iter().find_map(|name| std::env::var(name).ok());
    // On other targets there are none, and the library says so.
    if let Some(folder) = manifest.as_deref().map(Path::new).and_then(Path::parent) {
        let runtime = folder.join("payload/runtime");
        println!("cargo::rustc-env=TDATA_EMBEDDED_RUNTIME={}", runtime.display());
        // A target folder that was moved, or came out of a cache, has them elsewhere.
        println!("cargo::rerun-if-changed={}", runtime.join("bin/postgres").display());
    }
}
