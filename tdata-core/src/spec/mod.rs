//! What a dataset is made of, wherever it was said: every part carries its origin.

mod complete;
mod constraint;
mod contents;
mod data_source;
mod dataset;
mod field;
mod masking_rule;
mod node;
mod nul;
mod parameter_reader;
mod parameters;
mod relationship;

pub use constraint::Constraint;
pub use data_source::DataSource;
pub use dataset::DatasetSpec;
pub use field::Field;
pub use masking_rule::MaskingRule;
pub use node::{Node, NodeKind};
pub(crate) use nul::nul;
pub(crate) use parameter_reader::ParameterReader;
pub use parameters::Parameters;
pub(crate) use parameters::unknown_key;
pub use relationship::{OnDelete, Relationship};
