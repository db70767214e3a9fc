//! The catalog: what tables a database has, read from PostgreSQL's own tables.

mod policies;
mod proved;
mod queries;
mod read;
mod relations;
mod rows;
mod triggers;
mod types;

pub use policies::{SecuredTable, forced, secured};
pub use proved::{ProvedKey, proved_keys};
pub use read::read;
pub use relations::{Relation, RelationColumn, relations};
pub use rows::{read_rows, read_rows_of};
pub use triggers::{Trigger, TriggerOf, TriggerState, triggers};
