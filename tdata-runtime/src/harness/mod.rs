//! The harness around a test: provision, run, report, release.

mod configure;
mod declaration;
mod engine;
mod factories_lint;
mod injection;
mod outcome;
mod report;
mod run;
mod should_panic;

pub use configure::configure;
pub use declaration::Declaration;
pub use factories_lint::factories_lint;
pub use injection::{InjectNothing, Injection};
pub use outcome::Outcome;
pub use run::{Test, run, run_async, run_fn};
pub use should_panic::ShouldPanic;

pub use crate::post_mortem::Binary;
