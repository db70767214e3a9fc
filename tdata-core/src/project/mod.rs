//! The project: its settings and where its definitions stand.

mod command;
mod discover;
mod keys;
mod migration_folder;
mod reader;
mod settings;
mod surroundings;
mod time_span;
mod unnamed_migrations;

pub use command::{Command, Script};
pub use discover::Project;
pub use migration_folder::{MigrationFolder, MigrationLayout};
pub use settings::{ServerChoice, Settings};
pub use surroundings::{SessionSettings, Surroundings, Triggers};
pub use time_span::{InvalidTimeSpan, TimeSpan};
pub use unnamed_migrations::unnamed_migrations;
