//! Migrations: the project's own SQL, which makes its tables.

mod checksums;
mod commands;
mod copy_rows;
mod error;
mod folder;
mod found;
mod histories;
mod history;
mod layouts;
mod limit;
mod marks;
mod migration;
mod mistake;
mod own_program;
mod parts;
mod place;
mod read;
mod run;
mod server_deeds;
mod steps;
mod surroundings;
mod variables;

pub use error::MigrateError;
pub use migration::{Migration, Migrations, Mode, ReadFolder};
pub use mistake::Mistake;
pub use place::Place;
pub use read::read;
pub use run::{ServerDeeds, run};
pub use server_deeds::touch_server;
