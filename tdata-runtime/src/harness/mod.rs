//! The harness around a test: provision, run, report, release.

mod declaration;
mod engine;
mod factories_lint;
mod outcome;
mod report;
mod run;

pub use declaration::Declaration;
pub use factories_lint::factories_lint;
pub use outcome::Outcome;
pub use run::{Test, run, run_async, run_fn};
