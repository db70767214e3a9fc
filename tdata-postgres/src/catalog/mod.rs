//! The catalog: what tables a database has, read from PostgreSQL's own tables.

mod read;

pub use read::read;
