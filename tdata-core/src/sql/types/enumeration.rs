//! Enums.

use super::type_name::TypeName;

/// An enum: one of some labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnumType {
    /// Its name.
    pub name: TypeName,
    /// Its labels, in their order.
    pub labels: Vec<String>,
}
