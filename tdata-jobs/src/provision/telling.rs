//! Tells whoever watches how a load goes on.

use tdata_core::plan::Plan;
use tdata_postgres::load::Progress;

use super::ledger::added_rows;
use crate::watch::Watch;

/// The rows that were told of, dataset by dataset.
pub(super) struct RowsTold<'a> {
    plan: &'a Plan,
    watch: &'a dyn Watch,
    /// The dataset, and how many of its rows were told.
    current: Option<(String, u64)>,
}

impl<'a> RowsTold<'a> {
    pub(super) fn new(plan: &'a Plan, watch: &'a dyn Watch) -> Self {
        Self { plan, watch, current: None }
    }

    /// Tells that so many rows of a dataset were sent.
    pub(super) fn rows(&mut self, dataset: &str, sent: u64) {
        let before = match &self.current {
            Some((name, before)) if name == dataset => *before,
            _ => {
                self.end();
                self.watch.begins(dataset, self.plan.dataset(dataset).map_or(0, added_rows));
                0
            }
        };
        self.watch.did(sent - before.min(sent));
        self.current = Some((dataset.to_owned(), sent));
    }

    /// Tells that no more rows of the dataset come.
    pub(super) fn end(&mut self) {
        if self.current.take().is_some() {
            self.watch.ends();
        }
    }
}

/// Tells what is made behind the rows.
pub(super) fn tell(progress: Progress<'_>, watch: &dyn Watch) {
    if let Some(what) = behind_rows(progress) {
        watch.does(&what);
    }
}

/// Says what is made behind the rows.
pub(super) fn behind_rows(progress: Progress<'_>) -> Option<String> {
    match progress {
        Progress::Keys { dataset } => Some(format!("{dataset}: keys are made")),
        Progress::ForeignKeys { dataset } => Some(format!("{dataset}: foreign keys are proved")),
        _ => None,
    }
}
