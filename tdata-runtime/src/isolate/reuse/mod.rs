//! Databases used again: a clone goes back to those that wait once it is provably as it was.
//!
//! PostgreSQL counts, for every relation and the catalogs too, the rows that were inserted, updated and
//! deleted, rolled-back work included; a session's counts are published before it is gone. A clone that
//! nobody is connected to any more and whose counts, sequences and settings are those it was handed out
//! with is unchanged. Where only rows of few tables changed, these are made anew; all else is dropped.

mod changes;
mod claim;
mod loan;
mod pool;
mod reset;
mod rows;
mod session;
mod shape;
mod shelf;
mod state;

pub(crate) use changes::TableChanges;
pub(crate) use claim::drop_abandoned;
pub(super) use claim::{Claim, drop_clone, drop_waiting, give_up};
pub(crate) use loan::Loan;
pub(super) use loan::Slot;
pub(crate) use pool::park_all;
pub(super) use pool::{
    Fate, Idle, Mark, Surplus, changes, give_back, prepare, succeed, take, touched,
};
pub(super) use shape::Shape;
