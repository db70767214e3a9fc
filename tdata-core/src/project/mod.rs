//! The project: its settings and where its definitions stand.

mod discover;
mod migration_folder;
mod reader;
mod settings;
mod time_span;

pub use discover::Project;
pub use migration_folder::{MigrationFolder, MigrationLayout};
pub use settings::{ServerChoice, Settings};
pub use time_span::{InvalidTimeSpan, TimeSpan};
