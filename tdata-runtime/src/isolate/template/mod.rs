//! Templates: data built once for a fingerprint, cloned for use.

mod build;
mod contents;
mod evict;
mod find;
mod layers;
mod records;

pub(super) use build::create;
pub(super) use find::Template;
pub(crate) use find::forget_template;
pub(crate) use records::{known_fingerprint, remember_fingerprint};
