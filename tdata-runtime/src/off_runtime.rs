//! Blocking work, also where an async runtime drives the thread.

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
