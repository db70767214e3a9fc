//! Types that are known by name only, looked up.

use std::sync::Arc;

use super::sql_type::{ArrayType, SqlType};
use super::type_name::TypeName;

impl SqlType {
    /// Returns the type with what `find` knows of its name, where only the name is known: the type
    /// itself, or that of an array's elements.
    #[must_use]
    pub(crate) fn resolved(&self, find: impl Fn(&TypeName) -> Option<Self>) -> Self {
        match self {
            Self::Other(other) => match find(&other.name) {
                // An extension's type stays what it is: its modifiers are the column's own.
                None | Some(Self::Other(_)) => self.clone(),
                Some(found) => found,
            },
            Self::Array(array) => {
                let ArrayType { element, dimensions } = &**array;
                let element = element.resolved(find);
                Self::Array(Arc::new(ArrayType { element, dimensions: *dimensions }))
            }
            _ => self.clone(),
        }
    }

    /// Returns the name, where nothing else is known of the type or of an array's elements.
    pub(crate) fn unresolved(&self) -> Option<&TypeName> {
        match self {
            Self::Other(other) => Some(&other.name),
            Self::Array(array) => array.element.unresolved(),
            _ => None,
        }
    }
}
