//! Rows as bytes, in several formats.
//!
//! A format says how it writes single cells (`cell`), and how they make lines (`lines`). Each format is one file.

mod all;
mod cell;
mod column;
mod copy_binary;
mod copy_text;
mod csv;
mod encoder;
mod json_array;
mod json_lines;
mod json_text;
mod layout;
mod lines;
#[cfg(feature = "parquet")]
mod parquet;
mod sql;
mod word;

pub(crate) use all::encoder;
pub(crate) use column::Scratch;
pub(crate) use encoder::{Encoder, Rows};
pub use layout::Layout;
#[cfg(feature = "parquet")]
pub(crate) use parquet::Columns;
pub use word::Format;
