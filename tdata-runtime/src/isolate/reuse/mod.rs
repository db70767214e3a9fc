//! Databases used again: a clone goes back to those that wait once it is provably as it was.
//!
//! PostgreSQL counts, for every relation and the catalogs too, the rows that were inserted, updated and
//! deleted, rolled-back work included; a session's counts are published before it is gone. A clone that
//! nobody is connected to any more and whose counts, sequences and settings are those it was handed out
//! with is unchanged. Where only rows of few tables changed, these are made anew; all else is dropped.

mod changes;
mod loan;
mod pool;
mod registry;
mod reset;
mod session;
mod shape;
mod state;

pub(crate) use changes::TableChanges;
pub(crate) use loan::Loan;
pub(super) use loan::Slot;
pub(crate) use pool::park_all;
pub(super) use pool::{Fate, Idle, Mark, changes, give_back, take};
pub(crate) use registry::drop_abandoned;
pub(super) use registry::drop_clone;
pub(super) use session::Session;
pub(super) use shape::{COLUMNS, Shape};
