//! Definitions: how datasets are made, as YAML says it.

mod constraint;
mod database;
mod document;
mod field;
mod files;
mod interpolated;
mod keys;
mod library;
mod masking_rule;
mod moment;
mod refresh;
mod relationship;
mod spec_keys;
mod version;
mod yaml;

pub use database::Database;
pub use document::Definition;
pub use files::Files;
pub use interpolated::{Interpolated, MissingVariable};
pub use library::Library;
pub use moment::{Instant, InvalidMoment, MICROS_PER_DAY, Moment};
pub use refresh::Refresh;
pub use version::{InvalidVersion, Version};
