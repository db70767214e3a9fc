//! The catalog: what tables a database has, read from PostgreSQL's own tables.

mod read;
mod relations;

pub use read::read;
pub use relations::{Relation, RelationColumn, relations};
