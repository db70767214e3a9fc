//! Masking: personal values replaced, the same value always by the same.

mod build;
mod defaults;
mod key;
mod phrase;
mod registry;
mod technique;
mod techniques;

pub use build::MaskBuild;
pub use defaults::default_rule;
pub use key::{MaskKey, MaskStream};
pub use registry::{MASKS, MaskEntry, find};
pub use technique::{Mask, Spread};
