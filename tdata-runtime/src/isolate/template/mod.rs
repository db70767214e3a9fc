//! Templates: data built once for a fingerprint, cloned for use.

mod build;
mod contents;
mod evict;
mod layers;
mod records;
mod template;

pub(super) use build::create;
pub(crate) use records::{known_fingerprint, remember_fingerprint};
pub(super) use template::Template;
pub(crate) use template::forget_template;
