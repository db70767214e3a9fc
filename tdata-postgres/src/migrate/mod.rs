//! Migrations: the project's own SQL, which makes its tables.

mod advice;
mod control;
mod copy_rows;
mod dump;
mod error;
mod included;
mod layout;
mod limit;
mod migration;
mod place;
mod project_database;
mod psql;
mod roles;
mod run;
mod script;
mod server_deeds;
mod steps;
mod text;

pub use error::MigrateError;
pub use included::Included;
pub use layout::read;
pub use migration::{Migration, Migrations, Mode};
pub use place::Place;
pub use run::run;
pub use script::Ran;
pub use server_deeds::{ServerDeeds, touch_server};
