//! Where bytes go, and under which names.

mod compression;
mod out;
mod unfinished;

pub use compression::Compression;
pub(crate) use compression::Compressor;
pub use out::Out;
pub(crate) use unfinished::{Finished, Unfinished, hexadecimal};
