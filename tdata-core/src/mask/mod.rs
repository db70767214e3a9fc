//! Masking: personal values replaced, the same value always by the same.
//!
//! A mask is a function of key, technique, technique version, domain and value, and of the rule's parameters:
//! not of row, column, table, or the as-of time. `key.rs` says how choices are drawn, and each technique what it
//! makes of them.

mod build;
mod canonical;
mod defaults;
mod hmac;
mod key;
mod masker;
mod phrase;
mod registry;
mod rule;
mod technique;
mod techniques;
#[cfg(test)]
mod tests;
mod texts;
mod word_set;
mod words;

pub(crate) use build::MaskBuild;
pub use key::MaskKey;
pub use masker::{MaskAs, Masker, MaskerError};
pub use registry::version_of;
pub(crate) use registry::{MASKS, MaskEntry, fitting};
pub(crate) use rule::{Form, rule};
pub(crate) use technique::{AnyMask, Mask, Masking, Spread, Technique};
use texts::{TextMasking, of_texts};
