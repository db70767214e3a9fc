//! `#[derive(Factory)]`.
//!
//! A use of it goes through these in order: what `#[factory(..)]` says is `written` on the struct (its
//! `options`) and on its fields (their `field_options`), with `closures` whose names are no Rust's;
//! the `item` joins it with the record; each field gets its `source`, `lazy` ones are rewritten and
//! put in `order`, `generators` make a definition, `traits` are checked against the `setters`. Then
//! `entry`, `builder`, `methods` and `implementation` write the code, which `expand` puts together.

mod builder;
mod entry;
mod expand;
mod field_options;
mod generators;
mod implementation;
mod item;
mod lazy;
mod methods;
mod options;
mod order;
mod setters;
mod source;
mod traits;
mod written;

pub(crate) use expand::factory;

#[cfg(test)]
mod tests;
