//! On which shard each row of a plan is.

use std::num::NonZeroU32;
use std::ops::Range;

use super::route::{Route, Unhashed};
use crate::value::Block;

/// On which of several shards each row of a plan is: a pure function of the row's index.
#[derive(Clone, Debug)]
pub struct Placement {
    pub(super) shards: NonZeroU32,
    pub(super) datasets: Vec<(Placed, Route)>,
}

/// What the rows of a dataset are placed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// The hash of their own columns.
    ByKey(Vec<String>),
    /// Where the rows are that they reference.
    WithParent {
        /// The columns that reference them.
        fields: Vec<String>,
        /// The dataset of those rows.
        dataset: String,
    },
    /// Each shard has all of them.
    OnEvery,
}

impl Placement {
    /// Returns how many shards there are.
    pub fn shards(&self) -> u32 {
        self.shards.get()
    }

    /// Returns what the rows of a dataset are placed by, by its place in the plan.
    ///
    /// # Panics
    ///
    /// When there are not so many.
    pub fn of(&self, dataset: usize) -> &Placed {
        &self.datasets[dataset].0
    }

    /// Adds the shards of some rows of a dataset, from 0; nothing, if each shard has them. `blocks` are the values of these rows.
    ///
    /// # Errors
    ///
    /// If a column has a value of another kind than planned.
    ///
    /// # Panics
    ///
    /// When there are not so many datasets.
    pub fn shards_of(
        &self,
        dataset: usize,
        rows: Range<u64>,
        blocks: &[Block],
        out: &mut Vec<u32>,
    ) -> Result<(), Unhashed> {
        match &self.datasets[dataset].1 {
            Route::Every => Ok(()),
            route => {
                let rows: Vec<u64> = rows.collect();
                route.shards(&rows, Some(blocks), self.shards.get(), out)
            }
        }
    }
}
