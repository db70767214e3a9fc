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
mod outline;
mod refresh;
mod relationship;
mod slips;
mod spec_keys;
mod torn;
mod version;
mod written_row;
mod yaml;

pub use database::Database;
pub use document::Definition;
pub use files::Files;
pub use interpolated::{Interpolated, MissingVariable};
pub use library::{Gathered, Library};
pub use moment::{Instant, InvalidMoment, MICROS_PER_DAY, Moment};
pub use refresh::Refresh;
pub use version::{InvalidVersion, Version};
