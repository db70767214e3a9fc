//! What arranging needs to know of datasets. Columns, keys and datasets are known by their place.

use crate::generate::{Distribution, FieldKey};

/// A dataset.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Shape {
    /// What its random choices start from.
    pub(in crate::plan) key: FieldKey,
    pub(in crate::plan) rows: u64,
    pub(in crate::plan) columns: Vec<ColumnShape>,
    pub(in crate::plan) keys: Vec<KeyShape>,
    /// The groups of columns that are unique together.
    pub(in crate::plan) unique: Vec<UniqueShape>,
}

/// A column.
#[derive(Clone, Debug)]
pub(in crate::plan) struct ColumnShape {
    pub(in crate::plan) name: String,
    /// Whether no two rows have the same value, whatever others have.
    pub(in crate::plan) alone: bool,
    /// Whether some rows have no value.
    pub(in crate::plan) nullable: bool,
    /// How many values its own generator has, where these have numbers.
    pub(in crate::plan) values: Option<u64>,
    /// Whether a mask changes the values.
    pub(in crate::plan) masked: bool,
}

/// A foreign key.
#[derive(Clone, Debug)]
pub(in crate::plan) struct KeyShape {
    pub(in crate::plan) columns: Vec<usize>,
    /// The dataset it references.
    pub(in crate::plan) parent: usize,
    /// The columns it references, in the order of `columns`.
    pub(in crate::plan) referenced: Vec<usize>,
    /// How it draws among the parent's rows.
    pub(in crate::plan) distribution: Distribution,
}

/// Columns that are unique together.
#[derive(Clone, Debug)]
pub(in crate::plan) struct UniqueShape {
    pub(in crate::plan) columns: Vec<usize>,
    /// Whether it is declared for keys of several columns to reference.
    pub(in crate::plan) target: bool,
}

impl Shape {
    /// Tells whether the rows differ in a group already.
    pub(super) fn is_satisfied(&self, group: &UniqueShape) -> bool {
        group.columns.iter().any(|column| self.columns[*column].alone)
    }

    /// Tells whether each key has one column of its own: keys then draw independently of each other.
    pub(super) fn is_plain(&self) -> bool {
        let owners =
            |column: usize| self.keys.iter().filter(|key| key.columns.contains(&column)).count();
        self.keys.iter().all(|key| matches!(key.columns[..], [column] if owners(column) == 1))
    }

    /// Returns the keys that a column belongs to.
    pub(in crate::plan) fn keys_of(&self, column: usize) -> impl Iterator<Item = usize> {
        (0..self.keys.len()).filter(move |key| self.keys[*key].columns.contains(&column))
    }
}

/// What cannot be arranged in a dataset, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Refusal {
    /// Two keys share a column, and the rows they lead to cannot be chosen so that they agree in it.
    Disagree { column: usize, keys: [usize; 2] },
    /// A column that several keys share can be null.
    Nullable { column: usize },
    /// The columns of a group cannot be made unique together.
    NotUnique { group: usize },
    /// Two groups share columns, and cannot both be kept apart.
    Overlap { groups: [usize; 2] },
    /// No parent's rows belong together.
    NoRows { keys: Vec<usize> },
    /// There is room for fewer rows than are asked for.
    Room { rows: u64, groups: Vec<usize> },
    /// Rows are dealt evenly, and so a key cannot have a distribution of its own.
    Weighted { key: usize },
    /// Datasets that reference each other limit each other without end.
    Unsettled,
}

/// Why the rows of a dataset cannot be listed by the parent that they belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Unlisted {
    /// No unique group of several columns says that keys reference it so.
    Undeclared,
    /// A column of the key can be null.
    Nullable { column: usize },
    /// The key has a distribution of its own.
    Weighted { key: usize },
    /// Its own keys cannot be made to agree.
    Disagree,
}
