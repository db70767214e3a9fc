//! The data of the test that a thread runs.

use std::cell::RefCell;

use tdata_factory::context::Entered;

use super::data::TestData;

thread_local! {
    /// The data of the test that this thread runs; innermost last.
    static CURRENT: RefCell<Vec<TestData>> = const { RefCell::new(Vec::new()) };
}

impl TestData {
    /// Returns the data of the test that this thread runs: for tests that take no parameters, and for
    /// helpers that were not handed the data.
    ///
    /// # Panics
    ///
    /// When the thread runs no test that declared data. Threads and tasks that a test starts do not
    /// count as its own: hand them a clone.
    #[track_caller]
    pub fn current() -> Self {
        match CURRENT.with_borrow(|stack| stack.last().cloned()) {
            Some(data) => data,
            None => panic!(
                "no test with #[requires_test_data] runs on this thread; hand the data to threads \
                 and tasks that a test starts"
            ),
        }
    }
}

/// Makes data, and their context, the current ones of this thread until dropped.
pub(crate) struct Current {
    _context: Entered,
}

impl Current {
    pub(crate) fn enter(data: &TestData) -> Self {
        CURRENT.with_borrow_mut(|stack| stack.push(data.clone()));
        Self { _context: data.context().enter() }
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        // The data are dropped outside the borrow: their end may ask for the current ones.
        let _data = CURRENT.with_borrow_mut(Vec::pop);
    }
}
