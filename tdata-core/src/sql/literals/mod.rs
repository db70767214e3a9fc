//! Texts that definitions write for columns whose values tdata has no form of its own for: read as PostgreSQL
//! reads them, so that what it would refuse or change is told before.

mod array;
mod bits;
mod digits;
mod interval;
mod json;
mod network;
mod number;
mod parts;
mod read;
mod time;
mod tsvector;

pub use array::array_elements;
pub(crate) use read::{has_forms, read};
