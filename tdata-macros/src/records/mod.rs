//! `records!`.
//!
//! The `options` say which datasets and what else; `names` makes the names of Rust of those of the
//! definitions; `structs` writes a record, `enums` the types of its choices; `expand` puts them
//! together.

mod by_hand;
mod enums;
mod expand;
mod names;
mod options;
mod structs;

pub(crate) use expand::records;
