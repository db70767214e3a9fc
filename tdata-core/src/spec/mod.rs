//! What a dataset is made of, wherever it was said: every part carries its origin.

mod complete;
mod constraint;
mod contents;
mod data_source;
mod dataset;
mod field;
mod masking_rule;
mod no_nul;
mod node;
mod parameter_reader;
mod parameters;
mod relationship;
mod written_row;

pub use constraint::Constraint;
pub use data_source::DataSource;
pub use dataset::DatasetSpec;
pub use field::Field;
pub use masking_rule::MaskingRule;
pub(crate) use no_nul::nul;
pub use node::{Node, NodeKind};
pub(crate) use parameter_reader::ParameterReader;
pub use parameters::Parameters;
pub(crate) use parameters::unknown_key;
pub use relationship::{OnDelete, Relationship};
pub use written_row::WrittenRow;
