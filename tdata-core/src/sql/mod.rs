//! PostgreSQL's names and types.

mod condition;
mod lexer;
pub(crate) mod literals;
mod names;
mod reserved;
pub mod types;

pub(crate) use condition::{Escape, within_parentheses};
pub use lexer::{Lexer, Token, TokenKind};
pub use literals::array_elements;
pub(crate) use names::is_identifier;
pub use names::{TableName, quote_identifier, quote_literal, written_identifier};
pub use types::{
    ArrayType, CompositeType, DomainCheck, DomainType, EnumType, IntervalFields, OtherType,
    RangeType, Scalar, SqlKind, SqlKinds, SqlType, SqlTypeError, TypeName,
};
