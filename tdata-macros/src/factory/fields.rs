//! What a factory makes a record of: its fields, and parameters that are no columns.

use proc_macro2::Ident;
use syn::{Expr, Type};

use super::source::FieldSource;

/// A field, as the factory makes it.
pub(super) struct FactoryField {
    /// Its name.
    pub(super) ident: Ident,
    /// The variable that holds it while the record is made.
    pub(super) local: Ident,
    /// Its type.
    pub(super) ty: Type,
    /// The number of its column, unless it is skipped.
    pub(super) column: Option<usize>,
    /// Where its value comes from.
    pub(super) source: FieldSource,
    /// The method that sets it.
    pub(super) setter: Ident,
}

/// A parameter that is no column.
pub(super) struct FactoryTransient {
    /// Its name.
    pub(super) ident: Ident,
    /// The variable that holds it while the record is made.
    pub(super) local: Ident,
    /// Its type.
    pub(super) ty: Type,
    /// What it is where a test says nothing; else its type's default.
    pub(super) default: Option<Expr>,
    /// The method that sets it.
    pub(super) setter: Ident,
}
