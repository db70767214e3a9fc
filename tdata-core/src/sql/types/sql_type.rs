//! What types are made of. Types are made of types, so all of them stand in one file.

use std::fmt;
use std::sync::Arc;

use super::enumeration::EnumType;
use super::scalar::Scalar;
use super::type_name::TypeName;
use super::words;

/// The type of a column.
///
/// `Display` writes it the way `CREATE TABLE` takes it. What can be asked of a type looks through
/// domains: a domain over `varchar(12)` holds 12 characters.
///
/// ```
/// use tdata_core::sql::{Scalar, SqlType};
///
/// let sql_type: SqlType = "timestamp(3)".parse().unwrap();
/// assert_eq!(sql_type, SqlType::Scalar(Scalar::Timestamp(Some(3))));
/// assert_eq!(sql_type.to_string(), "timestamp(3)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SqlType {
    /// A type whose values are one piece.
    Scalar(Scalar),
    /// An enum.
    Enum(Arc<EnumType>),
    /// A domain over another type.
    Domain(Arc<DomainType>),
    /// An array.
    Array(Arc<ArrayType>),
    /// A range.
    Range(Arc<RangeType>),
    /// A multirange, whose values are lists of ranges.
    Multirange(Arc<RangeType>),
    /// A composite type.
    Composite(Arc<CompositeType>),
    /// A type of which only the name is known.
    Other(OtherType),
}

/// An array of a type.
///
/// PostgreSQL keeps the number of dimensions for people only: values may have any number of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ArrayType {
    /// The type of the elements, which is no array.
    pub element: SqlType,
    /// The number of dimensions that were declared, 1 at least.
    pub dimensions: u16,
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.element.fmt(f)?;
        (0..self.dimensions).try_for_each(|_| f.write_str("[]"))
    }
}

/// A range, or a multirange, which is a list of ranges.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RangeType {
    /// Its name.
    pub name: TypeName,
    /// The type of its bounds.
    pub subtype: SqlType,
}

impl RangeType {
    /// Tells whether it is PostgreSQL's own.
    fn is_builtin(&self) -> bool {
        let word = self.name.name.as_str();
        self.name.schema.is_none()
            && words::RANGES
                .iter()
                .any(|(range, multirange, _)| word == *range || word == *multirange)
    }
}

impl fmt::Display for RangeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A range of somebody's own that has such a name is written in quotes.
        if self.is_builtin() { f.write_str(&self.name.name) } else { self.name.fmt(f) }
    }
}

/// A composite type, or the rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CompositeType {
    /// Its name.
    pub name: TypeName,
    /// Its attributes, each with its name and type, in their order.
    pub attributes: Vec<(String, SqlType)>,
}

/// A domain: another type, with conditions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DomainType {
    /// Its name.
    pub name: TypeName,
    /// The type it is over, which may be a domain itself.
    pub base: SqlType,
    /// Whether it says NOT NULL itself.
    pub not_null: bool,
    /// Its own conditions; those of a domain it is over hold as well.
    pub checks: Vec<DomainCheck>,
}

/// A condition of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DomainCheck {
    /// The constraint's name.
    pub name: String,
    /// The condition in SQL, in which `VALUE` is the value.
    pub condition: String,
}

/// A type of which only the name is known: one of an extension, or one that no catalog was asked for
/// yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherType {
    /// Its name.
    pub name: TypeName,
    /// What stands in parentheses behind it, such as `point,4326`.
    pub modifiers: Option<String>,
}

impl fmt::Display for OtherType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        match &self.modifiers {
            Some(modifiers) => write!(f, "({modifiers})"),
            None => Ok(()),
        }
    }
}

impl From<Scalar> for SqlType {
    fn from(scalar: Scalar) -> Self {
        Self::Scalar(scalar)
    }
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(scalar) => scalar.fmt(f),
            Self::Enum(enumeration) => enumeration.name.fmt(f),
            Self::Domain(domain) => domain.name.fmt(f),
            Self::Array(array) => array.fmt(f),
            Self::Range(range) | Self::Multirange(range) => range.fmt(f),
            Self::Composite(composite) => composite.name.fmt(f),
            Self::Other(other) => other.fmt(f),
        }
    }
}
