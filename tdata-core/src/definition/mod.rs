//! Definitions: how datasets are made, as YAML says it.

mod constraint;
mod data_source;
mod database;
mod document;
mod field;
mod interpolated;
mod keys;
mod library;
mod masking_rule;
mod moment;
mod node;
mod parameter_reader;
mod parameters;
mod refresh;
mod relationship;
mod sql_type;
mod table;
mod version;

pub use constraint::Constraint;
pub use data_source::DataSource;
pub use database::Database;
pub use document::{API_VERSION, Definition};
pub use field::Field;
pub use interpolated::{Interpolated, MissingVariable};
pub(crate) use keys::unknown_key;
pub use library::Library;
pub use masking_rule::MaskingRule;
pub use moment::{Instant, InvalidMoment, MICROS_PER_DAY, Moment};
pub use node::{Node, NodeKind};
pub(crate) use parameter_reader::ParameterReader;
pub use parameters::Parameters;
pub use refresh::Refresh;
pub use relationship::{OnDelete, Relationship};
pub use sql_type::{SqlType, SqlTypeError};
pub use table::{TableName, quote_identifier, quote_literal};
pub use version::{InvalidVersion, Version};
