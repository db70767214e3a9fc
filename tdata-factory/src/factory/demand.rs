//! What storing records needs from the database before they are made.

use std::any::TypeId;

use super::nesting::Nesting;
use crate::record::{Descriptor, Record};

/// Counts the keys that the database is to give to records before they are made, and the rows there will be.
#[derive(Debug, Default)]
pub struct Demand {
    keys: Vec<KeyDemand>,
    rows: Vec<RowDemand>,
    /// How many records of the current builder are made.
    pub(super) count: u64,
    /// The builders that are being looked at.
    pub(super) nesting: Nesting,
    /// The columns of the outermost builder that tests say nothing about.
    implied: Vec<usize>,
}

/// The keys of one record type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyDemand {
    pub(crate) record: TypeId,
    pub(crate) descriptor: &'static Descriptor,
    pub(crate) column: &'static str,
    pub(crate) count: u64,
}

/// The rows of one record type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowDemand {
    pub(crate) record: TypeId,
    pub(crate) descriptor: &'static Descriptor,
    pub(crate) count: u64,
}

impl Demand {
    /// Adds rows.
    pub(super) fn add_rows<R: Record>(&mut self, count: u64) {
        let (record, descriptor) = (TypeId::of::<R>(), R::DESCRIPTOR);
        match self.rows.iter_mut().find(|demand| demand.record == record) {
            Some(demand) => demand.count += count,
            None => self.rows.push(RowDemand { record, descriptor, count }),
        }
    }

    /// Adds the primary key, where the test gives none.
    pub fn key<R: Record, T>(&mut self, column: usize, given: &Option<T>) {
        if given.is_some() || self.count == 0 {
            return;
        }
        self.imply(column);
        let (record, descriptor) = (TypeId::of::<R>(), R::DESCRIPTOR);
        match self.keys.iter_mut().find(|demand| demand.record == record) {
            Some(demand) => demand.count += self.count,
            None => self.keys.push(KeyDemand {
                record,
                descriptor,
                column: descriptor.columns[column].name,
                count: self.count,
            }),
        }
    }

    /// Notes that the database or a parent fills a column.
    pub(super) fn imply(&mut self, column: usize) {
        if self.nesting.is_outermost() {
            self.implied.push(column);
        }
    }

    pub(crate) fn keys(&self) -> &[KeyDemand] {
        &self.keys
    }

    pub(crate) fn rows(&self) -> &[RowDemand] {
        &self.rows
    }

    /// Returns the columns of the outermost builder that the database or a parent fills.
    #[cfg(feature = "serde_json")]
    pub(super) fn implied(&self) -> &[usize] {
        &self.implied
    }
}
