//! What is asked for.

use std::num::NonZeroU64;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;

use crate::file::{Compression, Out};
use crate::format::Layout;

/// What is to be generated, and where it goes.
#[derive(Clone, Debug)]
pub struct Generate {
    /// The datasets, in the order in which they are made.
    pub datasets: Vec<Asked>,
    /// How files are written.
    pub layout: Layout,
    /// How they are made smaller.
    pub compression: Option<Compression>,
    /// Where they go.
    pub out: Out,
    /// How many rows a part has, in a folder.
    pub part_rows: NonZeroU64,
    /// How many threads make rows.
    pub threads: NonZeroUsize,
    /// The manifest that is written behind all files.
    pub record: Option<Record>,
}

/// A manifest to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where. What is there before goes before the first file is written, so that no manifest tells of files which are
    /// being made anew.
    pub path: PathBuf,
    /// The fingerprint of the contract.
    pub fingerprint: String,
}

/// A dataset that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its name.
    pub dataset: String,
    /// Which of its rows.
    pub rows: Range<u64>,
}
