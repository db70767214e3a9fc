//! Rows that were made before, and are kept.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use crate::generate::{Cells, Value, ValueKind};

/// The stored rows of datasets, by the datasets' names.
pub type Stored = BTreeMap<String, Arc<StoredRows>>;

/// Rows that were made before, and are kept.
///
/// ```
/// use tdata_core::generate::Value;
/// use tdata_core::rows::StoredRows;
///
/// let rows = vec![vec![Value::Int(1), Value::Text("Ada".into())]];
/// let stored = StoredRows::new(["id", "name"], rows).unwrap();
/// assert_eq!(stored.rows(), 1);
///
/// let short = StoredRows::new(["id", "name"], vec![vec![Value::Int(1)]]).unwrap_err();
/// assert_eq!(short.to_string(), "the stored row of index 0 has 1 value for 2 columns");
/// ```
#[derive(Clone)]
pub struct StoredRows {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// Why rows cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoredRowsError {
    /// A row has more or fewer values than there are columns.
    #[error(
        "the stored row of index {row} has {values} value{} for {columns} column{}",
        if *values == 1 { "" } else { "s" },
        if *columns == 1 { "" } else { "s" }
    )]
    Width {
        /// The row's index, from 0.
        row: usize,
        /// How many values it has.
        values: usize,
        /// How many columns there are.
        columns: usize,
    },
    /// Two columns have one name.
    #[error("the stored rows have two columns `{0}`")]
    Column(String),
}

impl StoredRows {
    /// Makes rows of values in the order of the columns.
    ///
    /// # Errors
    ///
    /// A row whose values are not as many as the columns, or a column named twice.
    pub fn new(
        columns: impl IntoIterator<Item = impl Into<String>>,
        rows: Vec<Vec<Value>>,
    ) -> Result<Self, StoredRowsError> {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        let mut names = HashSet::new();
        if let Some(twice) = columns.iter().find(|name| !names.insert(name.as_str())) {
            return Err(StoredRowsError::Column(twice.clone()));
        }
        if let Some(row) = rows.iter().position(|row| row.len() != columns.len()) {
            let (values, columns) = (rows[row].len(), columns.len());
            return Err(StoredRowsError::Width { row, values, columns });
        }
        Ok(Self { columns, rows })
    }

    /// Returns how many rows there are.
    pub fn rows(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Returns the columns' names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Gives all that the rows hold to `part`, piece by piece, in one order.
    pub(crate) fn contents(&self, part: &mut dyn FnMut(&str)) {
        part(&self.columns.len().to_string());
        self.columns.iter().for_each(|column| part(column));
        part(&self.rows.len().to_string());
        self.rows.iter().flatten().for_each(|value| part(&format!("{value:?}")));
    }
}

/// Shows no value: rows of people may be stored.
impl fmt::Debug for StoredRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows.len();
        f.debug_struct("StoredRows").field("columns", &self.columns).field("rows", &rows).finish()
    }
}

/// One column of stored rows.
#[derive(Clone, Debug)]
pub(crate) struct StoredColumn {
    stored: Arc<StoredRows>,
    column: usize,
}

impl StoredColumn {
    /// Finds a column.
    pub(crate) fn of(stored: &Arc<StoredRows>, name: &str) -> Option<Self> {
        let column = stored.columns.iter().position(|column| column == name)?;
        Some(Self { stored: Arc::clone(stored), column })
    }

    /// Returns the values of the first rows, in order.
    pub(crate) fn values(&self, rows: u64) -> impl Iterator<Item = &Value> {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        self.stored.rows.iter().take(rows).map(|row| &row[self.column])
    }
}

impl Cells for StoredColumn {
    fn write(&self, row: u64, out: &mut Value) {
        let value = usize::try_from(row).ok().and_then(|row| self.stored.rows.get(row));
        out.clone_from(value.map_or(&Value::Null, |row| &row[self.column]));
    }

    /// Returns the kind of the first value that is not null; nulls alone count as text.
    fn kind(&self) -> ValueKind {
        self.values(u64::MAX).find_map(Value::kind).unwrap_or(ValueKind::Text)
    }

    fn rows(&self) -> u64 {
        self.stored.rows()
    }

    fn max_length(&self, rows: u64) -> usize {
        let mut text = String::new();
        let length = |value: &Value| {
            text.clear();
            if !value.is_null() {
                value.write_text(&mut text);
            }
            text.chars().count()
        };
        self.values(rows).map(length).max().unwrap_or(0)
    }

    fn integer_range(&self, rows: u64) -> Option<(i64, i64)> {
        let mut range: Option<(i64, i64)> = None;
        for value in self.values(rows) {
            let number = match value {
                Value::Int(number) => *number,
                Value::Null => continue,
                _ => return None,
            };
            let (least, most) = range.unwrap_or((number, number));
            range = Some((least.min(number), most.max(number)));
        }
        range
    }
}
