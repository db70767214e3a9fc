//! Rows of definitions, in files.

mod asked;
#[cfg(feature = "parquet")]
mod batches;
mod bytes;
mod in_order;
mod part;
mod pieces;
mod run;
mod volume;

pub use asked::{Asked, Generate, Record};
pub use run::{Generated, generate};
pub use volume::widen;
