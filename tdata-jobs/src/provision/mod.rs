//! Rows of definitions in a database, with a ledger there of what was made.

mod cleanup;
mod deleting;
mod entry;
mod held;
mod hidden;
mod job;
mod ledger;
mod one_stream;
mod parts;
mod planning;
mod references;
mod run;
mod several_streams;
mod shards;
mod state;
mod telling;

pub use cleanup::{Cleaned, CleanedDataset, CleanedTable, cleanup};
pub use entry::{Entry, EntryDataset, ShardNumber, entries, entry};
pub use job::{Connect, Place, Provision, Provisioned, ShardRows, estimated_bytes};
pub use ledger::added_rows;
pub use run::provision;
pub use shards::{Shard, cleanup_shards, entries_of_shards, provision_shards};
pub use state::State;
