//! Rows of definitions in a database, with a ledger there of what was made.

mod cleanup;
mod entry;
mod hidden;
mod job;
mod ledger;
mod one_stream;
mod parts;
mod planning;
mod references;
mod run;
mod several_streams;
mod state;

pub use cleanup::{Cleaned, CleanedDataset, CleanedTable, cleanup};
pub use entry::{Entry, EntryDataset, entries, entry};
pub use job::{Connect, Place, Provision, Provisioned, estimated_bytes};
pub use ledger::added_rows;
pub use run::provision;
pub use state::State;
