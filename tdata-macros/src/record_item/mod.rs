//! A struct that is a record, as its derives read it: where its rows are, and its fields.

mod field;
mod item;
mod parent_name;
mod source;

pub(crate) use field::{Follow, RecordField};
pub(crate) use item::RecordItem;
pub(crate) use parent_name::{parent_name, stem};
pub(crate) use source::{RecordDataset, RecordSource, choices, is_masked};
