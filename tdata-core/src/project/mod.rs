//! The project: its settings and where its definitions stand.

mod discover;
mod settings;
mod time_span;

pub use discover::Project;
pub use settings::{ServerChoice, Settings};
pub use time_span::{InvalidTimeSpan, TimeSpan};
