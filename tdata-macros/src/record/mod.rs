//! `#[derive(Record)]`.
//!
//! The struct is read by `record_item`, its columns are `check`ed against the definition, and
//! `expand` writes the code: the traits, what the compiler shall prove of each `column_type`, and the
//! methods that follow `relationships`.

mod check;
mod column_type;
mod expand;
mod relationships;
#[cfg(test)]
mod tests;

pub(crate) use expand::record;
