//! tdata for whole databases and files: long work with progress, that can be stopped, and whose results are verified.
//!
//! Each module uses only those before it:
//!
//! 1. [`Watch`]: who is told how a job goes on.
//! 2. `checksum`: what rows add up to, whatever their order.
//! 3. `format`: rows as bytes.
//! 4. `file`: where bytes go, and under which names.
//! 5. `manifest`: what was made, so that it can be verified.
//! 6. `generate`: rows of definitions, in files.
//! 7. [`Tree`]: what is told of a dataset, as YAML or JSON.
//! 8. `spec`: a definition with all that planning decides.
//! 9. `verify`: whether files are there as they were made, whole and once.
//! 10. `provision`: rows of definitions in a database, with a ledger there.

mod checksum;
mod error;
mod file;
mod format;
mod generate;
mod manifest;
mod provision;
mod spec;
mod tree;
mod verify;
mod watch;

pub use checksum::Checksum;
pub use error::JobError;
pub use file::{Compression, Out};
pub use format::{Format, Layout};
pub use generate::{Asked, Generate, Generated, Record, generate, widen};
pub use manifest::{MadeDataset, MadePart, Manifest};
pub use provision::{
    Cleaned, CleanedDataset, CleanedTable, Connect, Entry, EntryDataset, Place, Provision,
    Provisioned, Shard, ShardNumber, ShardRows, State, added_rows, cleanup, cleanup_shards,
    entries, entries_of_shards, entry, estimated_bytes, provision, provision_shards,
};
pub use spec::resolved_spec;
pub use tree::Tree;
pub use verify::{Verified, VerifiedDataset, Verify, verify};
pub use watch::Watch;
