//! Migrations: the project's own SQL, which makes its tables.

mod commands;
mod copy_rows;
mod error;
mod layout;
mod limit;
mod migration;
mod place;
mod run;
mod server_deeds;
mod steps;
mod text;

pub use error::MigrateError;
pub use layout::read;
pub use migration::{Migration, Migrations, Mode};
pub use place::Place;
pub use run::{ServerDeeds, run};
pub use server_deeds::touch_server;
