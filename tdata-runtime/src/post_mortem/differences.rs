//! What a test changed, as it may be shown.

/// The differences of one table between the data as they were loaded and as the test left them.
#[derive(Clone, Debug)]
pub(crate) struct TableDifference {
    /// Its name, with its schema.
    pub(crate) table: String,
    pub(crate) fate: Fate,
    /// The columns of its rows.
    pub(crate) columns: Vec<Column>,
    pub(crate) inserted: u64,
    pub(crate) updated: u64,
    pub(crate) deleted: u64,
    /// The first changed rows; the counts tell how many there are.
    pub(crate) rows: Vec<RowChange>,
}

/// What became of a table itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is as it was.
    Stayed,
    /// Its columns or its key are others.
    Altered,
    /// It was not there.
    Appeared,
    /// It is not there any more.
    Gone,
}

/// A column of a changed table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Whether its values may be shown.
    pub(crate) shown: bool,
    /// Whether it belongs to the primary key.
    pub(crate) in_key: bool,
}

/// One changed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowChange {
    /// It was not there.
    Inserted(Vec<Cell>),
    /// It has other values.
    Updated(Vec<UpdatedCell>),
    /// It is not there any more.
    Deleted(Vec<Cell>),
}

/// A value of a changed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// One that is not shown.
    Hidden,
    /// A null.
    Null,
    /// A value, in PostgreSQL's text form, cut when it is long.
    Text(String),
}

/// A value of a row that has other values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UpdatedCell {
    pub(crate) before: Cell,
    /// What it is now, where that is another value.
    pub(crate) after: Option<Cell>,
}

impl TableDifference {
    /// Returns how many rows changed.
    pub(crate) fn changed(&self) -> u64 {
        self.inserted + self.updated + self.deleted
    }

    /// Tells whether anything is other than it was.
    pub(crate) fn is_any(&self) -> bool {
        self.changed() > 0 || self.fate != Fate::Stayed
    }

    /// Returns how many changed rows there are besides those that are listed.
    pub(crate) fn more(&self) -> u64 {
        self.changed() - self.rows.len() as u64
    }

    /// Tells the counts, and what became of the table.
    pub(crate) fn summary(&self) -> String {
        let Self { inserted, updated, deleted, .. } = self;
        let counts = format!("{inserted} inserted, {updated} updated, {deleted} deleted");
        match self.fate.word() {
            None => counts,
            Some(word) => format!("{word}; {counts}"),
        }
    }
}

impl Fate {
    /// Tells what became of the table, where something did.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Self::Stayed => None,
            Self::Altered => Some("table altered"),
            Self::Appeared => Some("table created"),
            Self::Gone => Some("table dropped"),
        }
    }
}
