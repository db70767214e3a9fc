//! Migrations: the project's own SQL, which makes its tables.

mod error;
mod layout;
mod run;
mod statements;

pub(crate) use error::MigrateError;
pub(crate) use layout::{Migration, read};
pub(crate) use run::run;
