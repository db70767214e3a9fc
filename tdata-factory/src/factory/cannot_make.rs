//! Why a record cannot be made, on its way to whoever asked for it.
//!
//! What makes records is called by closures and by code that macros write, whose lines tell a test nothing. So the reason goes
//! up silently, and is told where the record was asked for.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Why a record cannot be made.
struct CannotMake(String);

/// Gives up making records.
pub(crate) fn cannot_make(why: String) -> ! {
    if cfg!(panic = "abort") {
        panic!("{why}");
    }
    resume_unwind(Box::new(CannotMake(why)))
}

/// Makes records, or returns why they cannot be made.
pub(crate) fn attempt<T>(make: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(make)).or_else(|panic| match panic.downcast::<CannotMake>() {
        Ok(reason) => Err(reason.0),
        Err(panic) => resume_unwind(panic),
    })
}

/// Makes records, or panics at the caller's line.
#[track_caller]
pub(super) fn made<T>(make: impl FnOnce() -> T) -> T {
    match attempt(make) {
        Ok(made) => made,
        Err(why) => panic!("{why}"),
    }
}
