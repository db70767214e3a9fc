//! `#[derive(Factory)]`.
//!
//! A use of it goes through these in order: what `#[factory(..)]` says is `written` on the struct (its
//! `options`) and on its fields (their `field_options`), with `closures` whose names are no Rust's;
//! each of the `fields` gets its `source`, `generators` make a definition, `lazy` ones are rewritten and
//! put in `order`, `traits` are checked against the `setters`; the `item` joins all with the record. Then
//! `entry`, `builder`, `methods` and `implementation` write the code, which `expand` puts together.

mod builder;
mod entry;
mod expand;
mod field_options;
mod fields;
mod generators;
mod implementation;
mod item;
mod lazy;
mod method_names;
mod methods;
mod options;
mod order;
mod setters;
mod source;
mod tokens;
mod traits;
mod written;

pub(crate) use expand::factory;
pub(crate) use item::{associations, factory_name};

#[cfg(test)]
mod tests;
