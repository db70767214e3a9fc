//! `#[derive(FieldType)]`.
//!
//! An enum is read by `choices_enum`, its variants `check`ed against the choices they stand for, their
//! texts written as `letter_case` says; `expand` writes the code, also of a struct around one field.

mod check;
mod choices_enum;
mod expand;

pub(crate) use expand::field_type;
