//! What a failing test prints whose only data came from factories.

use std::panic;
use std::sync::Once;

use tdata_core::diagnostic::shell_word;

use crate::environment::Start;

/// Has panics on threads that used factories print how to run the test again on the same values.
/// Tests with `#[requires_test_data]` print such a line themselves.
///
/// `used` returns what the factories of the thread started from, if it used any.
pub(super) fn install(used: fn() -> Option<Start>) {
    static INSTALLED: Once = Once::new();
    if std::thread::panicking() {
        return;
    }
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            before(info);
            if let Some(Start { seed, as_of }) = used() {
                let thread = std::thread::current();
                // A harness may call its tests as it likes.
                let test = shell_word(thread.name().unwrap_or_default());
                eprintln!(
                    "tdata: factories built on seed {seed} as of {as_of}; to build the same again:\n    \
                     TDATA_SEED={seed} TDATA_AS_OF={as_of} cargo test {test} -- --exact"
                );
            }
        }));
    });
}
