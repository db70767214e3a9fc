//! What a test may return.

use std::process::ExitCode;

/// What a test with `#[requires_test_data]` may return: as much as the harness must know of it.
#[diagnostic::on_unimplemented(
    message = "a test with `#[requires_test_data]` cannot return `{Self}`",
    note = "return nothing, a `Result` or an `ExitCode`"
)]
pub trait Outcome {
    /// Tells whether the test failed.
    fn is_failure(&self) -> bool;
}

impl Outcome for () {
    fn is_failure(&self) -> bool {
        false
    }
}

impl<T: Outcome, E> Outcome for Result<T, E> {
    fn is_failure(&self) -> bool {
        self.as_ref().map_or(true, Outcome::is_failure)
    }
}

impl Outcome for ExitCode {
    fn is_failure(&self) -> bool {
        *self != Self::SUCCESS
    }
}
