//! `#[requires_test_data(…)]`.
//!
//! A use of it goes through these in order: its `options` are read, with their `values`, and `check`ed
//! against the definitions; the `item` under it is read, with its `test_attribute`s, also those
//! `source_above` and what it says of panics (`should_panic`); its `parameters` are sorted out; `declaration`,
//! `tracked_files` and `expand` write the code.

mod check;
mod dataset_parameter;
mod declaration;
mod expand;
mod item;
mod options;
mod parameters;
mod should_panic;
mod source_above;
mod test_attribute;
mod tracked_files;
mod values;

pub(crate) use expand::requires_test_data;
