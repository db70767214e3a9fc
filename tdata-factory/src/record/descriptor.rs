//! What is known of a record while compiling.

use tdata_core::sql::SqlKinds;

use crate::field::same_text;

/// What is known of a record while compiling: a constant that `#[derive(Record)]` makes.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    /// The struct's name.
    pub record: &'static str,
    /// Where its rows are.
    pub source: Source,
    /// Its columns, in the order of the struct's fields.
    pub columns: &'static [Column],
}

/// Where the rows of a record are.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// In memory only.
    Memory,
    /// In a table that no definition describes: `table` or `schema.table`.
    Table(&'static str),
    /// In the table of a dataset.
    Dataset {
        /// The dataset.
        name: &'static str,
        /// Its table: `table` or `schema.table`.
        table: &'static str,
        /// The definitions it was checked against.
        definitions: Definitions,
    },
}

/// Definitions as they were when the code was compiled: a dataset's, and those of all that its
/// relationships bring along.
pub type Definitions = &'static [Definition];

/// One definition's dataset and text.
pub type Definition = (&'static str, &'static str);

/// One column of a record.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// The Rust type, as it is written.
    pub rust_type: &'static str,
    /// What the Rust type holds.
    pub holds: SqlKinds,
}

/// Describes a column.
pub const fn column(name: &'static str, rust_type: &'static str, holds: SqlKinds) -> Column {
    Column { name, rust_type, holds }
}

impl Descriptor {
    /// Returns the dataset, where there is one.
    pub const fn dataset(&self) -> Option<&'static str> {
        match self.source {
            Source::Dataset { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Returns the table, `table` or `schema.table`, where the rows are in one.
    pub const fn table(&self) -> Option<&'static str> {
        match self.source {
            Source::Dataset { table, .. } | Source::Table(table) => Some(table),
            Source::Memory => None,
        }
    }

    /// Tells whether this is a record of a dataset.
    pub const fn is_of(&self, dataset: &str) -> bool {
        match self.dataset() {
            Some(name) => same_text(name, dataset),
            None => false,
        }
    }

    /// Tells whether a test's parameter of that name can be rows of this record: whether it is of
    /// that dataset, or of none.
    pub const fn may_be(&self, parameter: &str) -> bool {
        self.dataset().is_none() || self.is_of(parameter)
    }
}
