//! Rows that were made before, and are kept.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use crate::generate::Cells;
use crate::value::{Block, Slot, Value, ValueKind};

/// The stored rows of datasets, by the datasets' names.
pub type Stored = BTreeMap<String, Arc<StoredRows>>;

/// Rows that were made before, and are kept.
///
/// ```
/// use tdata_core::value::Value;
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

    /// No rows, of no columns.
    pub(crate) fn empty() -> Self {
        Self { columns: Vec::new(), rows: Vec::new() }
    }

    /// Returns the rows in which none of some columns is null.
    pub(crate) fn without_nulls(&self, columns: &HashSet<&str>) -> Self {
        let is_asked = |at: &usize| columns.contains(self.columns[*at].as_str());
        let places: Vec<usize> = (0..self.columns.len()).filter(is_asked).collect();
        let is_there = |row: &&Vec<Value>| places.iter().all(|place| !row[*place].is_null());
        let rows = self.rows.iter().filter(is_there).cloned().collect();
        Self { columns: self.columns.clone(), rows }
    }

    /// Returns the rows with other columns: those of the names, null where there is no such column.
    pub(crate) fn with_columns<'a>(&self, names: impl Iterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.collect();
        let place = |name: &&str| self.columns.iter().position(|column| column == name);
        let places: Vec<Option<usize>> = names.iter().map(place).collect();
        let row = |row: &Vec<Value>| {
            let cell = |place: &Option<usize>| place.map_or(Value::Null, |at| row[at].clone());
            places.iter().map(cell).collect()
        };
        let rows = self.rows.iter().map(row).collect();
        Self { columns: names.into_iter().map(str::to_owned).collect(), rows }
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
    /// The kind of its values, where that is known.
    kind: Option<ValueKind>,
}

impl StoredColumn {
    /// Finds a column.
    pub(crate) fn of(stored: &Arc<StoredRows>, name: &str) -> Option<Self> {
        let column = stored.columns.iter().position(|column| column == name)?;
        Some(Self { stored: Arc::clone(stored), column, kind: None })
    }

    /// Says of what kind its values are, in whatever form they are stored.
    pub(crate) fn of_kind(self, kind: ValueKind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// Returns the value of a row; null where there is no such row.
    fn value(&self, row: u64) -> &Value {
        let row = usize::try_from(row).ok().and_then(|row| self.stored.rows.get(row));
        row.map_or(&Value::Null, |row| &row[self.column])
    }

    /// Returns the values of the first rows, in order.
    pub(crate) fn values(&self, rows: u64) -> impl Iterator<Item = &Value> {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        self.stored.rows.iter().take(rows).map(|row| &row[self.column])
    }
}

impl Cells for StoredColumn {
    fn write(&self, row: u64, out: &mut Value) {
        out.clone_from(self.value(row));
    }

    fn fill(&self, rows: &[u64], out: &mut Block) {
        for row in rows {
            out.copy(self.value(*row).into());
        }
    }

    /// Returns the kind of the first value that is not null; nulls alone count as text.
    fn kind(&self) -> ValueKind {
        let found = || self.values(u64::MAX).find_map(Value::kind).unwrap_or(ValueKind::Text);
        self.kind.unwrap_or_else(found)
    }

    fn is_of_its_kind(&self) -> bool {
        false
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
