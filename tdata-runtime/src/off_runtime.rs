//! Blocking work, also where an async runtime drives the thread.

use crate::panics::panics;

/// Tells whether this thread may block on a client that drives a runtime of its own: not while it runs async code,
/// but beside a runtime, as within `spawn_blocking`.
pub(crate) fn may_block() -> bool {
    // A runtime tells it in no other way than by a panic.
    let blocks = || {
        let (tell, told) = tokio::sync::oneshot::channel::<()>();
        drop(tell);
        // It answers at once.
        let _ = told.blocking_recv();
    };
    tokio::runtime::Handle::try_current().is_err() || !panics(blocks)
}

/// Runs blocking work. The synchronous client drives a runtime of its own, which cannot be done on a
/// thread that drives one already: there the work gets a thread for itself.
pub(crate) fn off_runtime<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if tokio::runtime::Handle::try_current().is_err() {
        return work();
    }
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
