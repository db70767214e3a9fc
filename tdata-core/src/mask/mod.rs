//! Masking: personal values replaced, the same value always by the same.

mod build;
mod defaults;
mod key;
mod phrase;
mod registry;
mod technique;
mod techniques;
mod words;

pub use build::MaskBuild;
pub use defaults::default_rule;
pub(crate) use defaults::{categories, is_category, usual_categories};
pub use key::{MaskKey, MaskStream, TechniqueKey};
pub use registry::{MASKS, MaskEntry, find};
pub use technique::{Mask, Spread};
