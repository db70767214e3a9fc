//! The rows of a dataset.

use std::collections::HashMap;
use std::ops::Index;
use std::sync::OnceLock;

use super::record_trait::Keyed;
use crate::field::FieldType;

/// The rows of a dataset, in the order they were generated.
pub struct Dataset<T> {
    name: String,
    rows: Vec<T>,
    /// Rows by the text of their key, made when first asked for.
    by_key: OnceLock<HashMap<String, usize>>,
}

impl<T> Dataset<T> {
    /// Makes a dataset of its rows.
    pub fn new(name: impl Into<String>, rows: Vec<T>) -> Self {
        Self { name: name.into(), rows, by_key: OnceLock::new() }
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

    /// Returns the first row.
    pub fn first(&self) -> Option<&T> {
        self.rows.first()
    }

    /// Goes over the rows.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }

    /// Returns the rows.
    pub fn as_slice(&self) -> &[T] {
        &self.rows
    }

    /// Returns the first row whose field has a value.
    ///
    /// ```
    /// use tdata_factory::Dataset;
    ///
    /// struct Plan { code: String, price: i32 }
    ///
    /// let plans = Dataset::new("plans", vec![Plan { code: "pro".into(), price: 9 }]);
    /// let pro = plans.find_by(|plan| &plan.code, "pro").unwrap();
    /// assert_eq!(pro.price, 9);
    /// assert!(plans.find_by(|plan| &plan.price, &10).is_none());
    /// ```
    pub fn find_by<V: PartialEq<Q> + ?Sized, Q: ?Sized>(
        &self,
        field: impl Fn(&T) -> &V,
        value: &Q,
    ) -> Option<&T> {
        self.rows.iter().find(|row| field(row) == value)
    }
}

impl<T: Keyed> Dataset<T> {
    /// Returns the row with a primary key; keys are the same when their texts in the database are. The
    /// first call makes an index of all keys.
    ///
    /// ```
    /// use tdata_factory::{Dataset, Keyed};
    ///
    /// fn plan_of<T: Keyed<Key = i32>>(plans: &Dataset<T>, id: i32) -> Option<&T> {
    ///     plans.by_key(&id)
    /// }
    /// ```
    pub fn by_key(&self, key: &T::Key) -> Option<&T> {
        let text = |key: &T::Key| key.to_value().to_string();
        let by_key = self.by_key.get_or_init(|| {
            // Of rows with the same key the first counts, as everywhere.
            let rows = self.rows.iter().enumerate().rev();
            rows.map(|(at, row)| (text(row.key()), at)).collect()
        });
        by_key.get(&text(key)).map(|at| &self.rows[*at])
    }

    /// Returns the row that a foreign key references.
    ///
    /// # Panics
    ///
    /// When there is none: it was deleted, or these are not the rows that belong together.
    #[track_caller]
    pub fn referenced(&self, by: &str, key: &T::Key) -> &T {
        match self.by_key(key) {
            Some(row) => row,
            None => panic!(
                "`{by}` references a row that is not among the {} of the dataset `{}`",
                self.len(),
                self.name
            ),
        }
    }
}

impl<T: Clone> Clone for Dataset<T> {
    fn clone(&self) -> Self {
        Self::new(self.name.clone(), self.rows.clone())
    }
}

impl<T> Index<usize> for Dataset<T> {
    type Output = T;

    #[track_caller]
    fn index(&self, index: usize) -> &T {
        match self.rows.get(index) {
            Some(row) => row,
            None => {
                panic!("the dataset `{}` has {} rows, and no index {index}", self.name, self.len())
            }
        }
    }
}

impl<'a, T> IntoIterator for &'a Dataset<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

impl<T> IntoIterator for Dataset<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

/// Shows the name and how many rows there are; no values, which may be personal.
impl<T> std::fmt::Debug for Dataset<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dataset").field("name", &self.name).field("rows", &self.len()).finish()
    }
}
