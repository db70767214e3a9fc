//! The project: its settings and where its definitions stand.

mod discover;
mod settings;

pub use discover::Project;
pub use settings::{ServerChoice, Settings};
