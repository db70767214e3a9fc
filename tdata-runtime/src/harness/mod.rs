//! The harness around a test: provision, run, report, release.

mod declaration;
mod outcome;
mod report;
mod run;

pub use declaration::Declaration;
pub use outcome::Outcome;
pub use run::{Test, run, run_async};
