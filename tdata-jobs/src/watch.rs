//! Who is told how a job goes on, and may stop it.

/// Who is told how a job goes on, and may stop it.
///
/// Rows are counted by dataset, one dataset after the other. All calls come from one thread.
pub trait Watch {
    /// A dataset is begun, of which so many rows are to be made.
    fn begins(&self, dataset: &str, rows: u64);

    /// So many more of its rows are done.
    fn did(&self, rows: u64);

    /// All of its rows are done.
    fn ends(&self);

    /// Something else is done now, of which nobody knows how long it takes.
    fn does(&self, _what: &str) {}

    /// Tells whether the job is to stop. What it has not finished is then taken away.
    fn is_stopped(&self) -> bool;
}

/// Nobody: nothing is told, and nothing stopped.
impl Watch for () {
    fn begins(&self, _: &str, _: u64) {}

    fn did(&self, _: u64) {}

    fn ends(&self) {}

    fn is_stopped(&self) -> bool {
        false
    }
}
