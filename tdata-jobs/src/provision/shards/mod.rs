//! Rows divided among several databases, each of which is a shard.

mod agree;
mod counts;
mod loading;
mod run;
mod shard;

pub use run::{cleanup_shards, entries_of_shards, provision_shards};
pub use shard::Shard;
