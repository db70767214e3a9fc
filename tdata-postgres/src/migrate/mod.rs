//! Migrations: the project's own SQL, which makes its tables.

mod checksums;
mod commands;
mod copy_rows;
mod error;
mod folder;
mod found;
mod history;
mod layouts;
mod limit;
mod migration;
mod own_program;
mod place;
mod read;
mod run;
mod steps;
mod surroundings;

pub use error::MigrateError;
pub use found::Mistake;
pub use migration::{Migration, Migrations, Mode, ReadFolder};
pub use place::Place;
pub use read::read;
pub use run::run;
