//! Rows of definitions in a database, with a ledger there of what was made.

mod cleanup;
mod fill;
mod ledger;

pub use cleanup::{Cleaned, CleanedDataset, cleanup};
pub use fill::{Provision, Provisioned, provision};
pub use ledger::{Entry, EntryDataset, State, entries, entry};
