//! Which parents' rows a row's keys reference, and which numbers its other values have: computed from its index.

use std::sync::Arc;

use super::numbering::{Member, Together};
use super::paths::{Level, Way};
use super::places::Places;
use super::room::{Listing, Numberings};
use super::shape::Unlisted;
use crate::generate::{Distribution, FieldKey};

/// How a dataset's keys and unique groups are met.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Arrangement {
    pub(super) paths: Vec<PathPlan>,
    pub(super) keys: Vec<KeyPlan>,
    /// The path whose classes the rows are dealt to, or why they cannot be listed.
    pub(super) dealt: Result<usize, Unlisted>,
    /// The room of a dataset whose rows are not dealt.
    pub(super) flat: Places,
    pub(super) together: Vec<Together>,
    pub(super) numberings: Numberings,
}

/// A path with all that is needed to go along it.
#[derive(Clone, Debug)]
pub(super) struct PathPlan {
    pub(super) levels: Vec<Level>,
    /// The listing of each level's dataset, where it has one.
    pub(super) classes: Vec<Option<Arc<Listing>>>,
    pub(super) places: Places,
    /// How classes are drawn where rows are not dealt.
    pub(super) draws: Vec<Distribution>,
    pub(super) key: FieldKey,
}

/// A key with all that is needed to choose its parent's rows.
#[derive(Clone, Debug)]
pub(super) struct KeyPlan {
    pub(super) way: Way,
    pub(super) columns: Vec<usize>,
    pub(super) parent_rows: u64,
    pub(super) listing: Option<Arc<Listing>>,
    pub(super) distribution: Distribution,
    pub(super) key: FieldKey,
}

/// Where the values of a column come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Origin {
    /// From its own generator.
    Own,
    /// From a column of the class behind so many levels of a path.
    Class { path: usize, depth: usize, dataset: usize, column: usize },
    /// From the row that a key references.
    Key(usize),
}

impl Arrangement {
    /// Returns how many rows there is room for.
    pub(in crate::plan) fn room(&self) -> u64 {
        self.dealt.map_or(&self.flat, |path| &self.paths[path].places).room()
    }

    /// Returns why the rows cannot be listed by the parents they belong to, if they cannot.
    pub(in crate::plan) fn unlisted(&self) -> Option<Unlisted> {
        self.dealt.err()
    }

    /// Tells where the values of a column come from.
    pub(in crate::plan) fn origin(&self, column: usize) -> Origin {
        for (path, plan) in self.paths.iter().enumerate() {
            for (depth, level) in plan.levels.iter().enumerate() {
                if let Some((_, of_class)) = level.columns.iter().find(|(own, _)| *own == column) {
                    let (dataset, column) = (level.class, *of_class);
                    return Origin::Class { path, depth: depth + 1, dataset, column };
                }
            }
        }
        let owner = self
            .keys
            .iter()
            .position(|key| !matches!(key.way, Way::Within(_)) && key.columns.contains(&column));
        owner.map_or(Origin::Own, Origin::Key)
    }

    /// Tells whether a key chooses among all rows, as one that shares nothing does.
    pub(in crate::plan) fn is_free(&self, key: usize) -> bool {
        self.keys[key].way == Way::Free
    }

    /// Tells whether a key has one column.
    pub(in crate::plan) fn is_single(&self, key: usize) -> bool {
        self.keys[key].columns.len() == 1
    }

    /// Tells whether every key and column is made as it would be without an arrangement.
    pub(in crate::plan) fn is_idle(&self) -> bool {
        let alone = |key: &KeyPlan| key.way == Way::Free && key.columns.len() == 1;
        // Groups that share no members are numbered where fields are made.
        let apart = self.together.iter().all(|together| together.groups.len() < 2);
        self.paths.is_empty() && self.keys.iter().all(alone) && apart
    }

    /// Tells whether a column or key may need a number.
    pub(in crate::plan) fn is_numbered(&self, column: Option<usize>, key: Option<usize>) -> bool {
        let member = column.map(Member::Column).or(key.map(Member::Key));
        self.together
            .iter()
            .any(|together| member.is_some_and(|one| together.members.contains(&one)))
    }
}
