//! The project: its settings and where its definitions stand.

mod discover;
mod keep_alive;
mod settings;

pub use discover::Project;
pub use keep_alive::{InvalidKeepAlive, KeepAlive};
pub use settings::{ServerChoice, Settings};
