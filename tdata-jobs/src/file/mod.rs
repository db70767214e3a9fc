//! Where bytes go, and under which names.

mod compression;
mod left;
mod out;
mod unfinished;

pub use compression::Compression;
pub(crate) use compression::Compressor;
pub(crate) use left::{remove_file, remove_unfinished};
pub use out::Out;
pub(crate) use unfinished::{Finished, Unfinished, hexadecimal};
