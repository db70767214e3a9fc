//! Databases used again: a clone goes back to those that wait once it is provably as it was.
//!
//! PostgreSQL counts, for every relation and the catalogs too, the rows that were inserted, updated and
//! deleted, rolled-back work included; a session's counts are published before it is gone. A clone that
//! nobody is connected to any more and whose counts, sequences and settings are those it was handed out
//! with is unchanged. Where only rows of few tables changed, these are made anew; all else is dropped.

mod changes;
mod connection;
mod give_back;
mod loan;
mod mark;
mod pool;
mod reset;
mod state;

pub(crate) use changes::TableChanges;
pub(super) use give_back::{Fate, changes, give_back, touched};
pub(crate) use loan::Loan;
pub(super) use loan::Slot;
pub(super) use mark::Mark;
pub(super) use pool::{Idle, Pool};
