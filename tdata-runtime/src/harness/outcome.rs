//! What a test may return.

use std::fmt::Debug;
use std::process::ExitCode;

/// What a test with `#[requires_test_data]` may return: as much as the harness must know of it.
#[diagnostic::on_unimplemented(
    message = "a test with `#[requires_test_data]` cannot return `{Self}`",
    note = "return nothing, a `Result` whose error is `Debug`, or an `ExitCode`"
)]
pub trait Outcome {
    /// Returns what it says of the test's failure; `None` where the test did not fail.
    fn failure(&self) -> Option<String>;

    /// Returns what a test with `#[should_panic]` returns when it does not panic, and so fails; `None` where no such
    /// test returns this.
    fn of_no_panic() -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

impl Outcome for () {
    fn failure(&self) -> Option<String> {
        None
    }

    fn of_no_panic() -> Option<Self> {
        Some(())
    }
}

impl<T: Outcome, E: Debug> Outcome for Result<T, E> {
    fn failure(&self) -> Option<String> {
        match self {
            Ok(outcome) => outcome.failure(),
            Err(error) => Some(format!("Error: {error:?}")),
        }
    }
}

impl Outcome for ExitCode {
    fn failure(&self) -> Option<String> {
        (*self != Self::SUCCESS).then(|| format!("{self:?}"))
    }
}
