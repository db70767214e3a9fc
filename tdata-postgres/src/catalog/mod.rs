//! The catalog: what tables a database has, read from PostgreSQL's own tables.

mod queries;
mod read;
mod relations;
mod types;

pub use read::read;
pub use relations::{Relation, RelationColumn, relations};
