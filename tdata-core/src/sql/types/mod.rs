//! The types of columns: what each is made of, and what can be asked of all.

mod answers;
mod enumeration;
mod interval;
mod keys;
mod parse;
mod resolve;
mod scalar;
mod sql_kind;
mod sql_type;
mod type_name;
mod words;

pub use enumeration::EnumType;
pub use interval::IntervalFields;
pub use parse::SqlTypeError;
pub use scalar::Scalar;
pub use sql_kind::{SqlKind, SqlKinds};
pub use sql_type::{
    ArrayType, CompositeType, DomainCheck, DomainType, OtherType, RangeType, SqlType,
};
pub use type_name::TypeName;
