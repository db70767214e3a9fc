//! Migrations: the project's own SQL, which makes its tables.

mod error;
mod layout;
mod run;
mod statements;

pub use error::MigrateError;
pub use layout::{Migration, read};
pub use run::run;
