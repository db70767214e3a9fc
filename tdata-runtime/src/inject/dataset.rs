//! The rows of a dataset.

use std::ops::Index;

use super::row::Row;

/// The rows of a dataset, in the order they were generated.
#[derive(Clone, Debug)]
pub struct Dataset<T = Row> {
    name: String,
    rows: Vec<T>,
}

impl<T> Dataset<T> {
    pub(super) fn new(name: String, rows: Vec<T>) -> Self {
        Self { name, rows }
    }

    /// Returns the dataset's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns a row by its index, from 0.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.rows.get(index)
    }

    /// Iterates over the rows.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }
}

impl<T> Index<usize> for Dataset<T> {
    type Output = T;

    /// Returns a row by its index, from 0.
    ///
    /// # Panics
    ///
    /// When there are not so many rows.
    #[track_caller]
    fn index(&self, index: usize) -> &T {
        let Some(row) = self.rows.get(index) else {
            panic!("the dataset `{}` has {} rows: there is no row {index}", self.name, self.len())
        };
        row
    }
}

impl<'a, T> IntoIterator for &'a Dataset<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
