//! Templates: data built once for a fingerprint, cloned for use.

mod build;
mod contents;
mod evict;
mod find;
mod layers;
mod publish;

pub(super) use find::{Template, find_or_build, withdraw};
